"""What is known of a stage that waits or is at work, as the futures of its line begin from it. Pure."""

from collections.abc import Set
from datetime import datetime
from math import inf
from typing import Any

from batches.durations.rules.curves import Curve, constant, curve_of_plan, median_of
from batches.judgement.rules.facts import StageFacts
from batches.judgement.rules.findings import hours_between
from batches.simulation.rules.network import DONE, RUNNING, WAITING
from supplychain.orders.rules.bookings import end_ahead
from supplychain.orders.rules.waits import wait_now
from supplychain.orders.statuses import DONE_STAGE_STATUSES, StageStatus
from supplychain.transport.rules.arrivals import Transit, transit_of


def hours_ahead(stage: StageFacts, now: datetime) -> tuple[float, str]:
    """The hours that a stage takes from its begin, and what says so: of a transport what is known of this very one,
    else what is usual."""
    transit = transit_of(stage.plan, stage.run, stage.lane, now)
    return (transit.hours, transit.basis) if transit else (stage.work_hours, stage.work_basis)


def hours_anew(stage: StageFacts) -> tuple[float, str]:
    """The same of a stage that is done again."""
    transit = transit_anew(stage)
    return (transit.hours, transit.basis) if transit else (stage.work_hours, stage.work_basis)


def transit_anew(stage: StageFacts) -> Transit | None:
    """What a transport takes that is done again, as far as its lane tells; when it is picked up nobody knows."""
    return Transit.on(stage.lane, None) if stage.lane else None


def transit_curve(usual: Curve, transit: Transit) -> Curve:
    """The hours of a transport of which more is known than what is usual: half of the futures by then, the others as
    far from that as usual, in its measure. That it waits for its courier to leave is sure."""
    median = median_of(usual)
    if median <= 0:
        return constant(transit.hours)
    scale = (transit.hours - transit.waits) / median
    return tuple(transit.waits + hours * scale for hours in usual)


def agreed_curve(stage: StageFacts, elapsed: float, now: datetime) -> Curve | None:
    """The hours that a stage at work takes in all, where its end was agreed or booked: half of the futures end by then,
    the others later in the measure of its plan. None where no such end lies ahead: then its usual hours count."""
    ends_at, plan = end_ahead(stage.plan, stage.run, now), stage.plan
    if ends_at is None:
        return None
    left = hours_between(now, ends_at)
    worst = left * plan.worst_hours / plan.planned_hours if plan.planned_hours else None
    return tuple(elapsed + hours for hours in curve_of_plan(left, worst))


def done_again(stage: StageFacts, redo: Set[str]) -> dict[str, Any]:
    """A new attempt begins where nothing before it is done again: with stored cells, which may wait."""
    return {} if not stage.plan.after or redo & set(stage.plan.after) else {"longest_wait": inf}


def standing(stage: StageFacts, is_passed: bool, now: datetime) -> dict[str, Any]:
    """What has happened of a stage so far, as fields of its visit."""
    run = stage.run
    if is_passed or run.status in DONE_STAGE_STATUSES:
        return {"state": DONE}
    ready = None if run.ready_at is None else hours_between(now, run.ready_at)
    if run.started_at is not None:
        until = (run.held_at or now) if run.status == StageStatus.HELD else now
        return {"state": RUNNING, "ready_at": ready, "elapsed": max(hours_between(run.started_at, until), 0.0)}
    booked = None if run.expected_start is None else hours_between(now, run.expected_start)
    waiting = None if run.waiting_since is None else hours_between(now, run.waiting_since)
    said = {"state": WAITING, "ready_at": waiting, "booked_at": booked}
    return said if waiting is None else said | wait_ahead(stage, -waiting)


def wait_ahead(stage: StageFacts, waited: float) -> dict[str, float]:
    """The permitted wait of a stage that has waited for so many hours. Of one that needs a new appointment the usual
    time until one is agreed begins now, with what is left of its wait."""
    limit = _limit_now(stage, waited)
    if stage.run.missed_start_at is None:
        return {"longest_wait": limit}
    return {"ready_at": 0.0, "longest_wait": limit - waited}


def _limit_now(stage: StageFacts, waited: float) -> float:
    """The permitted wait of a stage that waits, in hours; none where it ran out before, since that is no future."""
    wait = wait_now(stage.run)
    limit = hours_between(wait.since, wait.expires_at) if wait else inf
    return inf if waited > limit else limit
