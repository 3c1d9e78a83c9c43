"""The tables of manufacturing and judgement."""

from batches.models.batches import Batch
from batches.models.bottlenecks import BottleneckPeriod
from batches.models.flags import Flag, FlagChange
from batches.models.forecasts import Forecast, TypicalDuration
from batches.models.handovers import HandOver
from batches.models.notifications import EscalationStep, Mail, Notification, NotificationPreference, PendingFlip
from batches.models.outcomes import OrderOutcome
from batches.models.pools import Pool, PoolCapacity, PoolState, Suite

__all__ = [
    "Batch",
    "BottleneckPeriod",
    "EscalationStep",
    "Flag",
    "FlagChange",
    "Forecast",
    "HandOver",
    "Mail",
    "Notification",
    "NotificationPreference",
    "OrderOutcome",
    "PendingFlip",
    "Pool",
    "PoolCapacity",
    "PoolState",
    "Suite",
    "TypicalDuration",
]
