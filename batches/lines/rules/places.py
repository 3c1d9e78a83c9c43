"""Places: which orders hold a place of a pool, and which wait for one.

A place is held from the start of the first stage that takes it to the end of the last stage that goes on in it
(`keeps_pool`), the gaps between them included: a suite is not free because the next stage has not been started.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from batches.judgement.rules.sent_moments import moment
from supplychain.orders.statuses import StageStatus

# A place is counted by order and review, work by run and moment.
WHY_MORE_AT_WORK = (
    "without a place of its own: two stages share one, its next stage has begun although no end was reported, or it "
    "began after the newest review of the pool"
)


class PlaceRun(NamedTuple):
    """One stage run that needs the pool. `position` names the stage: an order keeps its flow.

    `passed_at`: when a stage that waits for this one has started although this one was never reported ended.
    `order_ended_at`: when the order was cancelled, closed or done with this stage. `order_held_at`: on hold since.
    """

    order_id: str
    attempt: int
    position: int
    keeps_pool: bool
    status: str
    ready_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    failed_at: datetime | None
    held_at: datetime | None
    passed_at: datetime | None = None
    order_ended_at: datetime | None = None
    order_held_at: datetime | None = None
    planned_start_at: datetime | None = None
    planned_pickup_at: str | None = None

    @property
    def booked_at(self) -> datetime | None:
        """The appointment, slot or pickup that it was booked for."""
        return self.planned_start_at or moment(self.planned_pickup_at)


class Occupancy(NamedTuple):
    """One order holding one place; `ended_at` None: still. `completed`: the work was done, a service to measure."""

    started_at: datetime
    ended_at: datetime | None
    completed: bool


class Wait(NamedTuple):
    """One order waiting for a place; `left_at` None: still. `started`: it got the place, else it was withdrawn.

    `booked_at`: the moment for which it has one, or is reported to take it; before that it waits for its day, not for
    a place (supplychain/orders/rules/standing.py).
    """

    ready_at: datetime
    left_at: datetime | None
    started: bool
    booked_at: datetime | None = None


def more_at_work_words(at_work: int, taken: int) -> str:
    """That more runs are at work in a pool than places of it are taken; empty where no more are."""
    return f"{at_work - taken} more at work" if at_work > taken else ""


def places_of(runs: Iterable[PlaceRun]) -> tuple[list[Occupancy], list[Wait]]:
    """Occupancies and waits of one pool, from all runs of it that the orders concerned have.

    A run that goes on in a place (`keeps_pool`) never waits: it holds the place of the stage before it. Where there
    is none before it in its attempt, it must take a place itself.
    """
    known = sorted(runs, key=itemgetter(0, 1, 2))
    newest: dict[tuple[str, int], PlaceRun] = {(run.order_id, run.position): run for run in known}
    occupancies: list[Occupancy] = []
    waits: list[Wait] = []
    for _, attempt_runs in groupby(known, key=itemgetter(0, 1)):
        for chain in _chains(attempt_runs):
            again = newest[chain[-1].order_id, chain[-1].position]
            successor = again if again.attempt > chain[-1].attempt else None
            occupancy = _occupancy(chain, successor)
            wait = _wait(chain[0], occupancy, successor)
            occupancies += [occupancy] if occupancy else []
            waits += [wait] if wait else []
    return occupancies, waits


def _chains(runs: Iterable[PlaceRun]) -> list[list[PlaceRun]]:
    """Runs of one attempt, split where a stage takes a place anew; stages skipped before that take none."""
    chains: list[list[PlaceRun]] = []
    for run in runs:
        if chains and run.keeps_pool:
            chains[-1].append(run)
        elif run.status != StageStatus.SKIPPED or run.started_at:
            chains.append([run])
    return chains


def _occupancy(chain: list[PlaceRun], successor: PlaceRun | None) -> Occupancy | None:
    """The time in which a chain of runs holds its place; None: it has not taken one."""
    # A lost start report must not hide that the place is taken: the first end seen is then the best lower bound.
    moments = [moment for run in chain if (moment := run.started_at or run.completed_at)]
    if not moments:
        return None
    started = min(moments)
    ended, completed = _end(chain, successor)
    return Occupancy(started, max(started, ended) if ended else None, completed)


def _end(chain: list[PlaceRun], successor: PlaceRun | None) -> tuple[datetime | None, bool]:
    """When the place was given back, and whether the work was done."""
    last = chain[-1]
    if last.completed_at:
        return last.completed_at, True
    failures = [run.failed_at for run in chain if run.status == StageStatus.FAILED and run.failed_at]
    if failures:
        return max(failures), False
    outside = [moment for moment in (last.order_ended_at, successor and successor.started_at) if moment]
    at_work = any(run.status in (StageStatus.RUNNING, StageStatus.HELD) for run in chain)
    if successor and not at_work:
        # Left between two stages and begun anew: nothing says when it was cleared, so its last sign of life counts.
        outside.append(max(moment for run in chain if (moment := run.completed_at or run.started_at)))
    if last.passed_at and last.passed_at <= min(outside, default=last.passed_at):
        return last.passed_at, True
    return min(outside, default=None), False


def _wait(taker: PlaceRun, occupancy: Occupancy | None, successor: PlaceRun | None) -> Wait | None:
    """The time in which the run that takes the place waited for it; None: it never could start or is superseded."""
    if occupancy:
        started_at = occupancy.started_at
        return Wait(min(taker.ready_at or started_at, started_at), started_at, True, started_at)
    if taker.ready_at is None or successor:
        return None
    ends = (taker.failed_at, taker.held_at, taker.passed_at, taker.order_ended_at, taker.order_held_at)
    left = min((moment for moment in ends if moment), default=None)
    return Wait(taker.ready_at, max(taker.ready_at, left) if left else None, False, taker.booked_at)
