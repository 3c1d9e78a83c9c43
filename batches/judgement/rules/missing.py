"""From when on what was planned and never reported is missed, not merely late: one rule for flags and budgets. Pure."""

from datetime import datetime

from batches.judgement.rules.facts import StageFacts
from batches.judgement.rules.findings import hours
from batches.judgement.rules.sent_moments import moment
from supplychain.flows.rules.plans import StagePlan
from supplychain.flows.statuses import StageKind
from supplychain.orders.rules.bookings import booked_end
from supplychain.orders.rules.durations import grace_hours
from supplychain.orders.statuses import StageStatus

# After six graces (half a day for a transport, a day for the rest) nobody is merely slow to report.
CRITICAL_GRACES = 6
IF_FOUND = "if the cells are found"


def missed_from(plan: StagePlan, planned_at: datetime) -> datetime:
    """From when on an end or start that was planned for then is missed."""
    return planned_at + hours(grace_hours(plan) * CRITICAL_GRACES)


def is_missing(stage: StageFacts, now: datetime) -> bool:
    """Whether cells under way are missed: where they are nobody knows, and no forecast may count them as on their
    way."""
    run = stage.run
    if stage.plan.kind != StageKind.TRANSPORT or run.status != StageStatus.RUNNING:
        return False
    planned_at = booked_end(stage.plan, run)
    if run.unknown_since:
        planned_at = run.planned_end_at or moment(run.planned_delivery_at)
    return planned_at is not None and missed_from(stage.plan, planned_at) <= now
