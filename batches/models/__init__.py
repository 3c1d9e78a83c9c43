"""The tables of manufacturing and judgement."""

from batches.models.batches import Batch
from batches.models.bottlenecks import BottleneckPeriod
from batches.models.calibration import CalibrationState
from batches.models.durations import LearnedDuration
from batches.models.flags import Flag, FlagChange
from batches.models.forecasts import Forecast, TypicalDuration
from batches.models.handovers import HandOver
from batches.models.notifications import EscalationStep, Mail, Notification, NotificationPreference, PendingFlip
from batches.models.outcomes import OrderOutcome
from batches.models.pools import Pool, PoolCapacity, PoolState, Suite
from batches.models.predictions import LineForecast, Prediction, RiskThreshold
from batches.models.ramp_ups import Scenario, ScenarioRun

__all__ = [
    "Batch",
    "BottleneckPeriod",
    "CalibrationState",
    "EscalationStep",
    "Flag",
    "FlagChange",
    "Forecast",
    "HandOver",
    "LearnedDuration",
    "LineForecast",
    "Mail",
    "Notification",
    "NotificationPreference",
    "OrderOutcome",
    "PendingFlip",
    "Pool",
    "PoolCapacity",
    "PoolState",
    "Prediction",
    "RiskThreshold",
    "Scenario",
    "ScenarioRun",
    "Suite",
    "TypicalDuration",
]
