"""Before cells are collected, or about to be, nothing of the patient's is at stake yet."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from batches.judgement.rules.facts import OrderFacts
from batches.judgement.rules.predictions import StandingPrediction
from batches.judgement.rules.spans import SHIFT
from supplychain.flows.statuses import StageKind
from supplychain.orders.statuses import StageStatus

# In a flag's evidence: the stage before which the plant is to be asked, and why (interlocks.AskFirst).
ASKS_FIRST = "asks_first"


class CollectionWords(NamedTuple):
    """A flag's sentence, what to do, and what that adds to its evidence."""

    why: str
    next_step: str
    evidence: Mapping[str, Any] = {}


def at_stake_from(facts: OrderFacts) -> datetime | None:
    """From when on cells are at stake: a shift before the first booked collection, at once where one has begun or the
    flow knows none; None: nothing is collected or booked."""
    runs = [stage.run for stage in facts.stages.values() if stage.plan.kind == StageKind.COLLECTION]
    begun = [run.started_at or run.completed_at or run.failed_at for run in runs]
    if not runs or any(begun):
        return datetime.min.replace(tzinfo=UTC)
    return min((run.expected_start - SHIFT for run in runs if run.expected_start), default=None)


def first_booking(facts: OrderFacts) -> datetime | None:
    """When the first collection is booked to begin, if none has begun; None: none is."""
    runs = [stage.run for stage in facts.stages.values() if stage.plan.kind == StageKind.COLLECTION]
    return min((run.expected_start for run in runs if run.expected_start and not run.started_at), default=None)


def around_collection(facts: OrderFacts, said: StandingPrediction, why: str, next_step: str) -> CollectionWords:
    """What is said of a wait that cells would not survive while there are none, or while they are being collected: why,
    what to do, and before which stage that is to be asked. Later it stands as it is (`why`, `next_step`)."""
    collections = [stage for stage in facts.stages.values() if stage.plan.kind == StageKind.COLLECTION]
    plan = facts.flow.stages.get((said.evidence.get("wait_expires") or {}).get("stage", ""))
    name = plan.name if plan else "the next stage"
    begun = [stage for stage in collections if stage.run.started_at or stage.run.completed_at or stage.run.failed_at]
    told = f"{why[0].lower()}{why[1:]}"
    if collections and not begun:
        first = collections[0].plan
        return CollectionWords(f"No cells are collected yet. If they were collected as foreseen: {told}", (
            f"Coordinator: do not begin {first.name} before the plant says that a place for {name} is sure; "
            f"Operations: find a place, or agree another date with the centre."
        ), {ASKS_FIRST: {"stage": first.code, "why": f"no place for {name} is sure"}})  # fmt: skip
    if any(stage.run.status == StageStatus.RUNNING for stage in begun):
        return CollectionWords(f"Cells are being collected although no place for {name} is sure: {told}", (
            f"Operations: call the centre now, and agree with QA how the cells are kept until there is a place for "
            f"{name}. {next_step}"
        ))  # fmt: skip
    return CollectionWords(why, next_step)
