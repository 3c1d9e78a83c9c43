"""The tables of manufacturing and judgement."""

from batches.capacity.models import Pool, PoolCapacity, Suite
from batches.durations.models import LearnedDuration, TypicalDuration
from batches.flags.models import Flag, FlagChange
from batches.forecasts.models import (
    CalibrationState,
    Forecast,
    ForecastJob,
    Prediction,
    RiskThreshold,
)
from batches.lines.models import BottleneckPeriod, PoolState, PoolVisit, ShownVerdict, VerdictTrial, VisitCursor
from batches.manufacturing.models import Batch
from batches.notifications.models import (
    EscalationStep,
    HandOver,
    Mail,
    Notification,
    NotificationPreference,
    PendingFlip,
    ReviewNotice,
)
from batches.outcomes.models import OrderOutcome, OutcomeCursor
from batches.ramp_ups.models import LineCosts, Scenario, ScenarioRun

__all__ = [
    "Batch",
    "BottleneckPeriod",
    "CalibrationState",
    "EscalationStep",
    "Flag",
    "FlagChange",
    "Forecast",
    "ForecastJob",
    "HandOver",
    "LearnedDuration",
    "LineCosts",
    "Mail",
    "Notification",
    "NotificationPreference",
    "OrderOutcome",
    "OutcomeCursor",
    "PendingFlip",
    "Pool",
    "PoolCapacity",
    "PoolState",
    "PoolVisit",
    "Prediction",
    "ReviewNotice",
    "RiskThreshold",
    "Scenario",
    "ScenarioRun",
    "ShownVerdict",
    "Suite",
    "TypicalDuration",
    "VerdictTrial",
    "VisitCursor",
]
