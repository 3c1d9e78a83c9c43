"""What is known of a stage that waits or is at work, as the futures of its line begin from it. Pure."""

from datetime import datetime
from math import inf

from batches.durations.rules.curves import Curve, curve_of_plan
from batches.judgement.rules.facts import StageFacts
from batches.judgement.rules.findings import hours_between
from supplychain.orders.rules.bookings import end_ahead
from supplychain.orders.rules.waits import wait_now


def agreed_curve(stage: StageFacts, elapsed: float, now: datetime) -> Curve | None:
    """The hours that a stage at work takes in all, where its end was agreed or booked: half of the futures end by then,
    the others later in the measure of its plan. None where no such end lies ahead: then its usual hours count."""
    ends_at, plan = end_ahead(stage.plan, stage.run, now), stage.plan
    if ends_at is None:
        return None
    left = hours_between(now, ends_at)
    worst = left * plan.worst_hours / plan.planned_hours if plan.planned_hours else None
    return tuple(elapsed + hours for hours in curve_of_plan(left, worst))


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
