"""A reported duration that can hardly be true, and how late news may come: one rule for the fold, the form, the write
path and the flags."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from supplychain.flows.rules.plans import StagePlan
from supplychain.flows.statuses import StageKind
from supplychain.words import hours_words

# Under this share of the plan somebody must say that it is right.
LEAST_SHARE = 0.1
# The field of a report's payload in which a person says so (true), or a system names the person who said so.
CONFIRMED = "duration_confirmed"
# Over in a moment: nobody reports when they began.
DONE_AT_ONCE = frozenset({StageKind.ADMINISTRATIVE, StageKind.CUSTODY})
# Who releases has read the record before the last result is in.
PREPARED_BEFORE = DONE_AT_ONCE | {StageKind.RELEASE}

# How long after its planned moment an event may come in: couriers scan at the door, wards and benches report by shift.
TRANSPORT_GRACE_HOURS = 2
OTHER_GRACE_HOURS = 4


def grace_hours(plan: StagePlan) -> float:
    """How long after its planned moment the event of a stage may come in."""
    return TRANSPORT_GRACE_HOURS if plan.kind == StageKind.TRANSPORT else OTHER_GRACE_HOURS


def hardly_lasted(
    plan: StagePlan, started_at: datetime | None, ended_at: datetime, *, ready_at: datetime | None = None
) -> str:
    """“9 min after its start; planned 7 d” where that is under a tenth of the plan; else empty.

    Where no start is known, it can have lasted no longer than since `ready_at`, when it could begin.
    """
    begun_at = started_at or (None if plan.kind in PREPARED_BEFORE else ready_at)
    if begun_at is None or ended_at < begun_at:
        return ""
    lasted = (ended_at - begun_at).total_seconds() / 3600
    if lasted >= plan.planned_hours * LEAST_SHARE:
        return ""
    since = "its start" if started_at else "it could begin, and no start is known"
    return f"{hours_words(lasted)} after {since}; planned {hours_words(plan.planned_hours)}"


def is_confirmed(payload: Mapping[str, Any], *, is_of_system: bool) -> bool:
    """Whether a person says that the duration is right: a system's own word settles no doubt about what it sends."""
    said = payload.get(CONFIRMED)
    return isinstance(said, str) and bool(said.strip()) if is_of_system else said is True
