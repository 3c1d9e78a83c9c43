"""Before cells are collected, or about to be, nothing of the patient's is at stake yet."""

from datetime import UTC, datetime

from batches.judgement.rules.facts import OrderFacts
from batches.judgement.rules.predictions import StandingPrediction
from batches.judgement.rules.spans import SHIFT
from supplychain.flows.statuses import StageKind


def at_stake_from(facts: OrderFacts) -> datetime | None:
    """From when on cells are at stake: a shift before the first booked collection, at once where one has begun or the
    flow knows none; None: nothing is collected or booked."""
    runs = [stage.run for stage in facts.stages.values() if stage.plan.kind == StageKind.COLLECTION]
    begun = [run.started_at or run.completed_at or run.failed_at for run in runs]
    if not runs or any(begun):
        return datetime.min.replace(tzinfo=UTC)
    return min((run.expected_start - SHIFT for run in runs if run.expected_start), default=None)


def before_collection(facts: OrderFacts, said: StandingPrediction, why: str) -> tuple[str, str]:
    """What is said of a wait that cells would not survive while there are none: why, and what to do."""
    plan = facts.flow.stages.get((said.evidence.get("wait_expires") or {}).get("stage", ""))
    collection = next(stage.plan.name for stage in facts.stages.values() if stage.plan.kind == StageKind.COLLECTION)
    name = plan.name if plan else "the next stage"
    return f"No cells are collected yet. If they were collected as foreseen: {why[0].lower()}{why[1:]}", (
        f"Operations: do not begin {collection} before a place for {name} is sure; agree its date with the centre."
    )
