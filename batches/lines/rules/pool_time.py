"""The time of one pool, swept: how many places were open, taken and waited for at each moment of a window.

Pure. A pool of several places is **active** while every open place is taken: then it is not starved, and one more
order would have to wait for it. A closed pool is active while somebody waits (Roser counts repair as active). The
ordinary hand-over does not break an active period: a time of at most `CLEAR_SHARE` of the service in which a place is
free although somebody waits all the time is change-over, which Roser counts as active too. Nothing is read of the
time before the window, so a period under way at its opening counts from then, for every pool alike.
"""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from batches.judgement.rules.moments import HOUR, Micros, micros, micros_of
from batches.lines.rules.pool_facts import PoolFacts, capacity_at

# The window is resampled in this many parts of equal length: of seven days, the days.
BLOCKS = 7
# A wait up to this share of the service is the ordinary hand-over, not a queue.
CLEAR_SHARE = 0.05


class PoolTime(NamedTuple):
    """Stretches of the window in which nothing changes: arrays of one length, all stretches longer than nothing."""

    start: Micros
    end: Micros
    places: NDArray[np.int64]
    busy: NDArray[np.int64]
    queue: NDArray[np.int64]

    @property
    def length(self) -> Micros:
        """Of each stretch, in microseconds."""
        return self.end - self.start

    @property
    def is_pressed(self) -> NDArray[np.bool_]:
        """Where no place was free and somebody waited."""
        return (self.busy >= self.places) & (self.queue > 0)

    @property
    def is_active(self) -> NDArray[np.bool_]:
        """Where every open place was taken, or, with none open, somebody waited."""
        return (self.busy >= self.places) & ((self.places > 0) | (self.queue > 0))


def sweep(facts: PoolFacts, opened: datetime, now: datetime) -> PoolTime:
    """The stretches of the window from `opened` to `now`."""
    low, high = micros(opened), micros(now)
    begun = sorted(step for step in facts.steps if opened < step[0] <= now)
    levels = [capacity_at(facts.steps, opened, now), *(places for _, places in begun)]
    changes = [_at(micros_of(moment for moment, _ in begun), np.diff(levels), column=0)]
    changes += _spans(facts.held.start, facts.held.end, low, high, column=1)
    changes += _spans(facts.waited.ready, facts.waited.left, low, high, column=2)
    moments = np.concatenate([np.array([low]), *(at for at, _ in changes)])
    deltas = np.concatenate([np.array([[levels[0], 0, 0]]), *(delta for _, delta in changes)])
    order = np.argsort(moments, kind="stable")
    start, state = moments[order], np.cumsum(deltas[order], axis=0)
    end = np.r_[start[1:], high]
    lasts = start < end
    return PoolTime(start[lasts], end[lasts], state[lasts, 0], state[lasts, 1], state[lasts, 2])


def active_intervals(time: PoolTime, service_hours: float) -> tuple[Micros, Micros]:
    """Starts and ends of the unbroken times in which the pool was active, hand-overs bridged."""
    active = time.is_active
    kind = np.where(active, 2, np.where(time.queue > 0, 1, 0))
    if not active.any():
        return time.start[:0], time.end[:0]
    begins = np.flatnonzero(np.r_[True, np.diff(kind) != 0])
    start, end, kind = time.start[begins], np.r_[time.start[begins[1:]], time.end[-1]], kind[begins]
    inner = np.zeros(len(kind), dtype=np.bool_)
    inner[1:-1] = (kind[:-2] == 2) & (kind[2:] == 2)
    bridged = (kind == 1) & inner & (end - start <= CLEAR_SHARE * service_hours * HOUR)
    counts = (kind == 2) | bridged
    edges = np.diff(np.r_[False, counts, False].astype(np.int8))
    return start[np.flatnonzero(edges == 1)], end[np.flatnonzero(edges == -1) - 1]


def by_block(
    start: Micros, end: Micros, weight: NDArray[np.int64], opened: datetime, now: datetime, blocks: int = BLOCKS
) -> list[float]:
    """Hours of the intervals in each of `blocks` of equal length, each interval counted `weight` times."""
    low, high = micros(opened), micros(now)
    edges = [low + (high - low) * block // blocks for block in range(blocks + 1)]
    return [
        float((np.maximum(np.minimum(end, upper) - np.maximum(start, lower), 0) * weight).sum()) / HOUR
        for lower, upper in pairwise(edges)
    ]


def window_of(now: datetime, window_hours: float) -> datetime:
    """When the window that ends `now` opened."""
    return now - timedelta(hours=window_hours)


def _at(moments: Micros, deltas: NDArray[np.int64], column: int) -> tuple[Micros, NDArray[np.int64]]:
    rows = np.zeros((len(moments), 3), dtype=np.int64)
    rows[:, column] = deltas
    return moments, rows


def _spans(start: Micros, end: Micros, low: int, high: int, column: int) -> list[tuple[Micros, NDArray[np.int64]]]:
    """The changes that intervals make inside the window."""
    start, end = np.maximum(start, low), np.minimum(end, high)
    inside = start < end
    ones = np.ones(int(inside.sum()), dtype=np.int64)
    return [_at(start[inside], ones, column), _at(end[inside], -ones, column)]
