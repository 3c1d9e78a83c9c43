"""Flags about collections that ended although their record had open points: a person said why, or a machine ended them.

What is open is worked out once, with the record itself (supplychain/orders/rules/collections.py). An answer that comes
later closes its point, and the flag goes with the last one.
"""

from datetime import datetime

from batches.judgement.rules.facts import OrderFacts
from batches.judgement.rules.findings import NOTHING, Finding, Found, gist_of
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.rules.collections import OpenRecord
from supplychain.orders.statuses import DONE_STAGE_STATUSES, OrderStatus

COMPLETE = "Coordinator: complete the record under “Collection” on the order’s page; then this flag goes by itself"
DECIDE = "QA: decide whether the cells may be used as they are, and settle this flag with your reason"
FIRST = "QA: until it is clear no dose of these cells is released; settle this flag with what you found"


def record_left_open(facts: OrderFacts, now: datetime) -> Found:
    """The collections of the attempt that counts which ended with open points: attention, critical where the product's
    checklist says so of one of them. Time alone changes nothing."""
    counting = [one for one in facts.records if _counts(facts, one)]
    return Found([_finding(facts, one) for one in counting], None) if counting else NOTHING


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


def _finding(facts: OrderFacts, record: OpenRecord) -> Finding:
    points = sorted(record.points, key=lambda point: not point[2])
    is_grave = any(is_critical for _, _, is_critical in points)
    number = f"{len(points)} open point{'s' if points[1:] else ''}"
    said = "; ".join(f"{words} (critical)" if is_critical else words for _, words, is_critical in points)
    reason = f" It was reported all the same: “{record.reason}”" if record.reason else ""
    return Finding(
        FlagCode.COLLECTION_RECORD,
        record.stage,
        Severity.CRITICAL if is_grave else Severity.ATTENTION,
        record.ended_at,
        None,
        f"{facts.stages[record.stage].plan.name} ended with {number}: {said}.{reason}",
        f"{COMPLETE}. {FIRST if is_grave else DECIDE}.",
        {"open_points": [{"code": code, "words": words, "critical": grave} for code, words, grave in points]},
        gist=gist_of("open points", (code for code, _, _ in points)),
    )
