"""A reported duration that can hardly be true, and how late news may come: one rule for the fold, the form, the write
path and the flags."""

from datetime import datetime

from supplychain.flows.rules.plans import StagePlan
from supplychain.flows.statuses import StageKind
from supplychain.words import hours_words

# Under this share of the plan somebody must say that it is right.
LEAST_SHARE = 0.1
# The field of a report's payload in which a person says so.
CONFIRMED = "duration_confirmed"

# How long after its planned moment an event may come in: couriers scan at the door, wards and benches report by shift.
TRANSPORT_GRACE_HOURS = 2
OTHER_GRACE_HOURS = 4


def grace_hours(plan: StagePlan) -> float:
    """How long after its planned moment the event of a stage may come in."""
    return TRANSPORT_GRACE_HOURS if plan.kind == StageKind.TRANSPORT else OTHER_GRACE_HOURS


def hardly_lasted(plan: StagePlan, started_at: datetime | None, ended_at: datetime) -> str:
    """“9 min after its start; planned 7 d” where that is under a tenth of the plan; else empty."""
    if started_at is None or ended_at < started_at:
        return ""
    lasted = (ended_at - started_at).total_seconds() / 3600
    if lasted >= plan.planned_hours * LEAST_SHARE:
        return ""
    return f"{hours_words(lasted)} after its start; planned {hours_words(plan.planned_hours)}"
