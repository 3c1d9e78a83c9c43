"""Flags about collections that ended although their record had open points: a person said why, or a machine ended them.

What is open is worked out once, with the record itself (supplychain/orders/rules/collections.py). An answer that comes
later closes its point, and the flag goes with the last one.
"""

from collections.abc import Sequence
from datetime import datetime

from batches.judgement.rules.facts import OrderFacts
from batches.judgement.rules.findings import NOTHING, Finding, Found, gist_of
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.rules.collections import OpenRecord, PointLeft
from supplychain.orders.statuses import DONE_STAGE_STATUSES, OrderStatus

COMPLETE = "Coordinator: complete the record under “Collection” on the order’s page"
THEN_IT_GOES = "; then this flag goes by itself"
DECIDE = "QA: decide whether the cells may be used as they are, and settle this flag with your reason"
FIRST = "QA: until it is clear no dose of these cells is released; settle this flag with what you found"
GIVEN = "QA: judge what it means for the patient, who was given the dose, and settle this flag with your reason"


def record_left_open(facts: OrderFacts, now: datetime) -> Found:
    """The collections of the attempt that counts which ended with open points: attention, critical where the product's
    checklist says so of one of them. Time changes what is asked where an infusion is reported for a moment to come."""
    counting = [one for one in facts.records if _counts(facts, one)]
    if not counting:
        return NOTHING
    given_at = facts.stages[facts.flow.exit].run.completed_at
    is_given = given_at is not None and given_at <= now
    return Found([_finding(facts, one, is_given=is_given) for one in counting], None if is_given else given_at)


def given_with_record_open(facts: OrderFacts, now: datetime) -> Found:
    """Of an ended order: what is critical counts if its dose was given."""
    was_given = facts.stages[facts.flow.exit].run.status in DONE_STAGE_STATUSES
    if facts.status != OrderStatus.CLOSED or not was_given:
        return NOTHING
    grave = [one for one in record_left_open(facts, now).findings if one.severity == Severity.CRITICAL]
    return Found(grave, None) if grave else NOTHING


def _counts(facts: OrderFacts, record: OpenRecord) -> bool:
    stage = facts.stages.get(record.stage)
    return stage is not None and stage.run.attempt == record.attempt


def _finding(facts: OrderFacts, record: OpenRecord, *, is_given: bool) -> Finding:
    points = sorted(record.points, key=lambda point: not point.is_critical)
    is_grave = points[0].is_critical
    number = f"{len(points)} open point{'s' if points[1:] else ''}"
    said = "; ".join(f"{point.words} (critical)" if point.is_critical else point.words for point in points)
    reason = f" It was reported all the same: “{record.reason}”" if record.reason else ""
    return Finding(
        FlagCode.COLLECTION_RECORD,
        record.stage,
        Severity.CRITICAL if is_grave else Severity.ATTENTION,
        record.ended_at,
        None,
        f"{facts.stages[record.stage].plan.name} ended with {number}: {said}.{reason}",
        _next_step(points, is_given=is_given),
        {"open_points": [_evidence_of(point) for point in points]},
        gist=gist_of("open points", (point.code for point in points)),
    )


def _next_step(points: Sequence[PointLeft], *, is_given: bool) -> str:
    """What is missing is for the centre to complete; what is there and not as it must be is for QA to decide."""
    missing = [point for point in points if point.is_missing]
    asked = f"{COMPLETE}{THEN_IT_GOES if len(missing) == len(points) else ''}. " if missing else ""
    if is_given:
        return f"{asked}{GIVEN}."
    return f"{asked}{FIRST if any(point.is_critical for point in points) else DECIDE}."


def _evidence_of(point: PointLeft) -> dict[str, object]:
    return {"code": point.code, "words": point.words, "critical": point.is_critical, "missing": point.is_missing}
