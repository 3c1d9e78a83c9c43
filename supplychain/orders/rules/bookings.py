"""What happens to a booking: one that passed while its order or stage was on hold is none any more, for nobody could
begin; of a stage at work a new end may be agreed. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from supplychain.flows.rules.plans import StagePlan
from supplychain.moments import written
from supplychain.orders.rules.agreed_ends import AGREED_END, AGREED_TIMES, UNKNOWN_SINCE, is_new_end, said_end
from supplychain.orders.rules.holds import PlannedRun
from supplychain.orders.rules.states import RunState
from supplychain.orders.rules.waits import MovingRun, limit_now
from supplychain.orders.statuses import StageStatus

# Among a run's details: for when it was booked, where that passed during a hold; until a new date is said.
MISSED_START = "missed_start_at"
BOOKS_START = frozenset({"planned_start_at", "planned_pickup_at"})
SPANS = (("planned_start_at", "planned_end_at"), ("planned_pickup_at", "planned_delivery_at"))
BOOKED = tuple(name for span in SPANS for name in span)
MOVED = (AGREED_END, AGREED_TIMES, UNKNOWN_SINCE)


def turned_round(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The pairs of a plan's moments (names of begin and end) of which the end is not after the begin."""
    read = {name: datetime.fromisoformat(said[name]) for name in BOOKED if said.get(name)}
    return [(begin, end) for begin, end in SPANS if begin in read and end in read and read[end] <= read[begin]]


def miss_booking(run: RunState, held_at: datetime | None, resumed_at: datetime) -> bool:
    """Take away a booked start that passed between hold and resumption, and keep for when it was; whether there was
    one."""
    booked = run.expected_start
    is_to_begin = run.started_at is None and run.status in (StageStatus.PENDING, StageStatus.READY, StageStatus.HELD)
    if not is_to_begin or booked is None or held_at is None or not held_at <= booked < resumed_at:
        return False
    kept = {name: value for name, value in run.details.items() if name not in (*BOOKED, *MOVED)}
    run.details = kept | {MISSED_START: written(booked)}
    run.planned_start_at = run.planned_end_at = None
    return True


def booked_end(plan: StagePlan, run: PlannedRun) -> datetime | None:
    """When it is to end, as agreed while it ran or as booked; None: nobody said, or it began before its appointment and
    is over sooner even if it takes the longest that is usual: that end was another day's."""
    ends_at, begins_at = run.expected_end, run.expected_start
    if run.agreed or ends_at is None or begins_at is None or run.started_at is None or run.started_at >= begins_at:
        return ends_at
    return ends_at if ends_at <= run.started_at + timedelta(hours=plan.worst_hours) else None


class WorkingRun(PlannedRun, MovingRun, Protocol):
    """A stage's run that may be at work or under way."""


def end_ahead(plan: StagePlan, run: WorkingRun, now: datetime) -> datetime | None:
    """By which end, agreed or booked, a stage at work goes: what it usually takes says less. None where nobody said
    one, it has passed, or the cells' limit has, by which whoever booked meant to be there."""
    ends_at = booked_end(plan, run) if run.started_at and run.status == StageStatus.RUNNING else None
    limit = None if run.agreed else limit_now(plan, run)
    return None if ends_at is None or ends_at <= now or (limit and limit.until <= now) else ends_at


def new_end(plan: StagePlan, run: RunState, said: Mapping[str, Any]) -> dict[str, Any]:
    """What a plan that is said of a stage at work keeps of its end, as details; empty where it moves none.

    The first one moves the end only if it is later than what was planned; after that the newest word counts. A plan
    with a start is a booking, which may be heard of after the work had begun.
    """
    text = said_end(said) if is_new_end(said) else None
    if text is None or run.started_at is None or run.is_done or run.status == StageStatus.FAILED:
        return {}
    until, agreed = datetime.fromisoformat(text), run.agreed
    before = booked_end(plan, run) or run.started_at + timedelta(hours=plan.planned_hours)
    if until == before or (agreed is None and until < before):
        return {}
    return {AGREED_END: written(until), AGREED_TIMES: (agreed.times if agreed else 0) + 1}


def forget_agreed(run: RunState) -> None:
    """Of work that is begun again, or booked anew, no end is agreed yet."""
    run.details = {name: kept for name, kept in run.details.items() if name not in MOVED}


def needs_new_date(run: RunState) -> datetime | None:
    """For when it was booked, where that passed during a hold and no new date is there; None: it needs none."""
    return run.said(MISSED_START) if run.status in (StageStatus.PENDING, StageStatus.READY) else None
