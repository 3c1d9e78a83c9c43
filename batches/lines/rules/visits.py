"""What one order did in one pool, worked out once and packed, so that a review reads columns and not runs. Pure.

Moments are whole microseconds and travel unchanged: a review from visits equals one from the runs (a test holds it).
"""

from collections.abc import Sequence
from datetime import datetime
from struct import Struct
from typing import NamedTuple
from uuid import UUID

import numpy as np

from batches.judgement.rules.moments import NEVER, micros
from batches.lines.rules.intervals import StageInterval, intervals_of
from batches.lines.rules.places import Occupancy, PlaceRun, Wait, places_of
from batches.lines.rules.pool_facts import HeldPlaces, Stays, Waits
from supplychain.orders.statuses import ACTIVE_STAGE_STATUSES

HELD = Struct("<3q")
WAIT = Struct("<4q")
STAY = Struct("<16s6q")
STAY_COLUMNS = ("order", "attempt", "position", "queued", "start", "end", "left_by")
STAY_ROW = np.dtype([(STAY_COLUMNS[0], "V16"), *((name, "<i8") for name in STAY_COLUMNS[1:])])


class PackedVisit(NamedTuple):
    """One order in one pool. `until`: windows that opened later have nothing of it (microseconds; NEVER: it stands).

    The rest are rows of whole numbers, one after the other, as the columns of pool_facts.py have them.
    """

    until: int
    held: bytes
    waits: bytes
    stays: bytes


def visit_of(runs: Sequence[PlaceRun], order_ended_at: datetime | None) -> PackedVisit | None:
    """The visit that all runs of one order in one pool make; None: nothing of it belongs to any window.

    `order_ended_at`: when the order was cancelled or closed. Until then its active runs belong to every window.
    """
    # A window that opens the moment the order ends has nothing of its active runs any more.
    active_until = NEVER if order_ended_at is None else micros(order_ended_at) - 1
    ends = [micros(end) for run in runs for end in (run.completed_at, run.failed_at) if end]
    ends += [active_until for run in runs if run.status in ACTIVE_STAGE_STATUSES]
    if not ends:
        return None
    occupancies, waits = places_of(runs)
    return PackedVisit(
        max(ends),
        b"".join(map(_held, occupancies)),
        b"".join(map(_wait, waits)),
        b"".join(map(_stay, intervals_of(runs))),
    )


def held_in(packed: bytes) -> HeldPlaces:
    """The places held in visits, one after the other."""
    start, end, completed = _columns(packed, 3)
    return HeldPlaces(start, end, completed.astype(np.bool_))


def waits_in(packed: bytes) -> Waits:
    """The waits in visits."""
    ready, left, started, booked = _columns(packed, 4)
    return Waits(ready, left, started.astype(np.bool_), booked)


def stays_in(packed: bytes) -> Stays:
    """The stage runs at work in visits."""
    rows = np.frombuffer(packed, dtype=STAY_ROW)
    return Stays(*(np.ascontiguousarray(rows[name]) for name in STAY_COLUMNS))


def _columns(packed: bytes, width: int) -> np.ndarray:
    return np.ascontiguousarray(np.frombuffer(packed, dtype="<i8").reshape(-1, width).T)


def _held(one: Occupancy) -> bytes:
    return HELD.pack(micros(one.started_at), _or_never(one.ended_at), one.completed)


def _wait(one: Wait) -> bytes:
    return WAIT.pack(micros(one.ready_at), _or_never(one.left_at), one.started, _or_never(one.booked_at))


def _stay(one: StageInterval) -> bytes:
    moments = (_or_never(moment) for moment in (one.queued_at, one.started_at, one.ended_at, one.left_by))
    return STAY.pack(UUID(one.order_id).bytes, one.attempt, one.position, *moments)


def _or_never(moment: datetime | None) -> int:
    return NEVER if moment is None else micros(moment)
