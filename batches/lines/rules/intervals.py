"""When each stage run joined the queue, began and ended: waiting apart from work, and what the record leaves open.

Pure. A run that still waits or works is censored at `now`: it has lasted at least so long. `ready_at → started_at` is
waiting, `started_at → ended_at` is work (DOMAIN §7); the two are never added up.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from batches.lines.rules.places import PlaceRun
from supplychain.orders.statuses import StageStatus


class Flaw(StrEnum):
    """Why a run's recorded moments cannot all be right."""

    ENDED_BEFORE_BEGUN = "ended_before_begun"
    START_MISSING = "start_missing"
    END_MISSING = "end_missing"


class StageInterval(NamedTuple):
    """One stage run in its resource (the pool, and the named place where the record has one is the run's own matter).

    `ended_at`: as reported, or when the order ended with the run under way. `left_by`: the moment by which it must
    have ended although no end was reported, because what waits for it, or a newer attempt, has begun.
    """

    order_id: str
    attempt: int
    position: int
    queued_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    left_by: datetime | None = None

    def waited(self, now: datetime) -> timedelta | None:
        """How long it waited, up to `now` if it still does; None: it never could start."""
        return _lasted(self.queued_at, self.started_at or self.ended_at, now)

    def worked(self, now: datetime) -> timedelta | None:
        """How long it was at work, up to `now` if it still is; None: no start is known."""
        return _lasted(self.started_at, self.ended_at or self.left_by, now)

    @property
    def flaw(self) -> Flaw | None:
        """What is wrong with its record of work; None: nothing."""
        if self.ended_at is None:
            return Flaw.END_MISSING if self.started_at and self.left_by else None
        if self.started_at is None:
            return Flaw.START_MISSING
        return Flaw.ENDED_BEFORE_BEGUN if self.ended_at < self.started_at else None


def intervals_of(runs: Iterable[PlaceRun]) -> list[StageInterval]:
    """The interval of every run that has begun to wait or to work, in no particular order."""
    known = list(runs)
    begun_again: dict[tuple[str, int], list[tuple[int, datetime]]] = {}
    for run in known:
        if run.attempt > 1 and run.started_at:
            begun_again.setdefault((run.order_id, run.position), []).append((run.attempt, run.started_at))
    return [
        _interval(run, begun_again.get((run.order_id, run.position), ()))
        for run in known
        if run.ready_at or run.started_at or run.completed_at
    ]


def _interval(run: PlaceRun, later: Iterable[tuple[int, datetime]]) -> StageInterval:
    ended = run.completed_at or (run.failed_at if run.status == StageStatus.FAILED else None)
    left = None
    if ended is None:
        moments = [started for attempt, started in later if attempt > run.attempt]
        left = min([*moments, run.passed_at] if run.passed_at else moments, default=None)
        if run.order_ended_at and (left is None or run.order_ended_at <= left):
            ended, left = run.order_ended_at, None
    started = run.started_at
    # An order that ended before the run began took it out of the queue: no work, so no start is missing.
    if started is None and run.completed_at is None:
        ended = None
    return StageInterval(run.order_id, run.attempt, run.position, run.ready_at, started, ended, left)


def _lasted(start: datetime | None, end: datetime | None, now: datetime) -> timedelta | None:
    if start is None or start > now:
        return None
    return max(min(end or now, now) - start, timedelta(0))
