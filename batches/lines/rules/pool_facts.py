"""What is known of a pool, as columns: the rules go over all its places, waits and stays at once.

Pure. Moments are whole microseconds (`NEVER` for none), so that sums and comparisons are exact; columns have one
length each. Facts that come one by one (places.py, intervals.py) become columns here; what the worker keeps packed
(actions/visits.py) is columns from the start.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from batches.judgement.rules.moments import NEVER, Micros, micros_of
from batches.lines.rules.intervals import StageInterval
from batches.lines.rules.places import Occupancy, Wait

Flags = NDArray[np.bool_]


class HeldPlaces(NamedTuple):
    """Every `Occupancy`; `end` NEVER: still."""

    start: Micros
    end: Micros
    completed: Flags


class Waits(NamedTuple):
    """Every `Wait`; `left` NEVER: still, `booked` NEVER: for no moment."""

    ready: Micros
    left: Micros
    started: Flags
    booked: Micros

    def since_at(self, now: int) -> Micros:
        """Since when those wait who wait for a place at `now`: without those booked for a moment to come."""
        is_waiting = (self.ready <= now) & (self.left > now)
        since = np.maximum(self.ready, np.where(self.booked < NEVER, self.booked, self.ready))[is_waiting]
        return since[since <= now]


class Stays(NamedTuple):
    """Every `StageInterval`. `order`: its id, as text or as sixteen bytes (`order_text`)."""

    order: NDArray[Any]
    attempt: NDArray[np.int64]
    position: NDArray[np.int64]
    queued: Micros
    start: Micros
    end: Micros
    left_by: Micros

    def some(self, rows: NDArray[Any]) -> "Stays":
        """Those of these rows (a mask or indices)."""
        return Stays(*(column[rows] for column in self))


@dataclass(frozen=True)
class PoolFacts:
    """What is known of one pool: places from each moment on, who held one, who waited for one.

    `fallback_service_hours`: usual time one order holds a place, for when too few were completed in the window.
    `stays`: the stage runs at work in it, for the check of the record. Each one by one or in columns.
    """

    steps: Sequence[tuple[datetime, int]]
    occupancies: Sequence[Occupancy] | HeldPlaces
    waits: Sequence[Wait] | Waits
    fallback_service_hours: float
    stays: Sequence[StageInterval] | Stays = ()

    @cached_property
    def held(self) -> HeldPlaces:
        """The places held, in columns."""
        return self.occupancies if isinstance(self.occupancies, HeldPlaces) else _held(self.occupancies)

    @cached_property
    def waited(self) -> Waits:
        """The waits, in columns."""
        return self.waits if isinstance(self.waits, Waits) else _waits(self.waits)

    @cached_property
    def stayed(self) -> Stays:
        """The stage runs at work, in columns."""
        return stays_of(self.stays)


def stays_of(intervals: Sequence[StageInterval] | Stays) -> Stays:
    """These intervals in columns."""
    if isinstance(intervals, Stays):
        return intervals
    return Stays(
        np.array([one.order_id for one in intervals], dtype=object),
        np.array([one.attempt for one in intervals], dtype=np.int64),
        np.array([one.position for one in intervals], dtype=np.int64),
        micros_of(one.queued_at for one in intervals),
        micros_of(one.started_at for one in intervals),
        micros_of(one.ended_at for one in intervals),
        micros_of(one.left_by for one in intervals),
    )


def order_text(order: Any) -> str:
    """The id of an order in `Stays`, as text."""
    return order if isinstance(order, str) else str(UUID(bytes=order.tobytes()))


def capacity_at(steps: Iterable[tuple[datetime, int]], moment: datetime, now: datetime) -> int:
    """Places at `moment`. Before its first step a pool is taken to have had the same places, unless it is yet to open:
    who sets up a pool today has not had a pool without places until then."""
    begun = sorted(step for step in steps if step[0] <= now)
    past = [places for starts_at, places in begun if starts_at <= moment]
    return past[-1] if past else begun[0][1] if begun else 0


def _held(occupancies: Sequence[Occupancy]) -> HeldPlaces:
    return HeldPlaces(
        micros_of(one.started_at for one in occupancies),
        micros_of(one.ended_at for one in occupancies),
        np.array([one.completed for one in occupancies], dtype=np.bool_),
    )


def _waits(waits: Sequence[Wait]) -> Waits:
    return Waits(
        micros_of(one.ready_at for one in waits),
        micros_of(one.left_at for one in waits),
        np.array([one.started for one in waits], dtype=np.bool_),
        micros_of(one.booked_at for one in waits),
    )
