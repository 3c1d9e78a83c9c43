"""Moments as whole microseconds since 1970, so that arrays of them add up exactly. Pure."""

import math
from collections.abc import Iterable
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

Micros = NDArray[np.int64]
HOUR = 3_600_000_000
# Stands for “never”: later than any moment, and far enough from overflow to be subtracted.
NEVER = 2**62


def micros_of(moments: Iterable[datetime | None]) -> Micros:
    """One number for each moment; `NEVER` for none. A float holds microseconds of this century exactly."""
    seconds = np.array([math.nan if moment is None else moment.timestamp() for moment in moments], dtype=np.float64)
    known = ~np.isnan(seconds)
    found = np.full(len(seconds), NEVER, dtype=np.int64)
    found[known] = np.rint(seconds[known] * 1e6).astype(np.int64)
    return found


def micros(moment: datetime) -> int:
    """One moment as microseconds."""
    return round(moment.timestamp() * 1e6)


def moment_of(value: int) -> datetime:
    """The moment again."""
    return datetime.fromtimestamp(value / 1e6, tz=UTC)
