"""The tables of manufacturing and judgement."""

from batches.models.batches import Batch
from batches.models.bottlenecks import BottleneckPeriod
from batches.models.flags import Flag, FlagChange
from batches.models.forecasts import Forecast, TypicalDuration
from batches.models.pools import Pool, PoolCapacity, PoolState, Suite

__all__ = [
    "Batch",
    "BottleneckPeriod",
    "Flag",
    "FlagChange",
    "Forecast",
    "Pool",
    "PoolCapacity",
    "PoolState",
    "Suite",
    "TypicalDuration",
]
