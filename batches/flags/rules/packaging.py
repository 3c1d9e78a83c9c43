"""Flags about shippers and packaging: packed into a shipper that is not qualified for these cells, or found damaged,
with another seal or in another shipper.

What is amiss is worked out once, with the shipment itself (supplychain/transport/rules/packaging.py). Packed anew, or a
wrong report withdrawn, the flag goes with the last fault.
"""

from datetime import datetime

from batches.judgement.rules.facts import OrderFacts
from batches.judgement.rules.findings import NOTHING, Finding, Found, gist_of, next_of
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.statuses import DONE_STAGE_STATUSES, OrderStatus
from supplychain.transport.rules.packaging import DoubtfulPackaging
from supplychain.transport.rules.packing_words import packaging_step

# In the evidence: the cells have not left, so that they can be packed anew.
BEFORE_LEAVING = "before_leaving"


def packaging_in_doubt(facts: OrderFacts, now: datetime) -> Found:
    """The shipments of the attempt that counts with whose shipper or packaging something is amiss."""
    counting = [one for one in facts.packagings if _counts(facts, one)]
    if not counting:
        return NOTHING
    starts = (facts.stages[one.stage].run.started_at for one in counting)
    return Found([_finding(facts, one, now) for one in counting], next_of(now, starts))


def given_with_packaging_in_doubt(facts: OrderFacts, now: datetime) -> Found:
    """Of an ended order: what is critical counts if its dose was given."""
    was_given = facts.stages[facts.flow.exit].run.status in DONE_STAGE_STATUSES
    if facts.status != OrderStatus.CLOSED or not was_given:
        return NOTHING
    grave = [one for one in packaging_in_doubt(facts, now).findings if one.severity == Severity.CRITICAL]
    return Found(grave, None) if grave else NOTHING


def _counts(facts: OrderFacts, packaging: DoubtfulPackaging) -> bool:
    stage = facts.stages.get(packaging.stage)
    return stage is not None and stage.run.attempt == packaging.attempt


def _finding(facts: OrderFacts, packaging: DoubtfulPackaging, now: datetime) -> Finding:
    faults, plan = packaging.faults, facts.stages[packaging.stage].plan
    is_grave = any(fault.is_critical for fault in faults)
    said = "; ".join(f"{fault.words} (critical)" if fault.is_critical else fault.words for fault in faults)
    has_left = _has_left(facts, packaging.stage, now)
    listed = [{"code": one.code, "words": one.words, "critical": one.is_critical} for one in faults]
    return Finding(
        FlagCode.PACKAGING,
        packaging.stage,
        Severity.CRITICAL if is_grave else Severity.ATTENTION,
        packaging.since,
        None,
        f"{plan.name}: {said}.",
        packaging_step(plan, is_grave=is_grave, has_left=has_left),
        {"faults": listed} | ({} if has_left else {BEFORE_LEAVING: True}),
        gist=gist_of("faults", (one.code for one in faults)),
    )


def _has_left(facts: OrderFacts, stage: str, now: datetime) -> bool:
    run = facts.stages[stage].run
    return run.status in DONE_STAGE_STATUSES or (run.started_at is not None and run.started_at <= now)
