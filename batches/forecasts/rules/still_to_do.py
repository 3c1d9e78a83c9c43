"""Which stages of an order still have to be done, and which must have ended though nobody said so. Pure."""

from batches.judgement.rules.facts import OrderFacts
from batches.judgement.rules.without_cells import without_cells
from supplychain.flows.rules.plans import FlowPlan
from supplychain.flows.statuses import StageKind
from supplychain.orders.statuses import DONE_STAGE_STATUSES, StageStatus
from supplychain.words import listed_words


def to_do_again(facts: OrderFacts) -> frozenset[str]:
    """What a failure undoes: from the flow's restart stage on, or from the failed stage if that comes earlier, or if it
    is to be repeated."""
    restart = facts.flow.followers.get(facts.flow.restart_stage, frozenset())
    redo: frozenset[str] = frozenset()
    for code, stage in facts.stages.items():
        if stage.run.status == StageStatus.FAILED:
            is_anew = code in restart and not stage.run.is_to_repeat
            redo |= restart if is_anew else facts.flow.followers[code]
    return redo


def tests_repeated(facts: OrderFacts) -> str:
    """Names of the failed tests that quality assurance decided to repeat; empty where a failure asks for a new attempt
    all the same."""
    failed = [stage for stage in facts.stages.values() if stage.run.status == StageStatus.FAILED]
    is_all = all(stage.run.is_to_repeat for stage in failed)
    return listed_words(stage.plan.name for stage in failed) if failed and is_all else ""


def still_to_do(facts: OrderFacts) -> frozenset[str]:
    """What has to be done as if nothing had been said of it: what a failure undoes, and what was reported without
    cells."""
    unfounded = without_cells(facts)
    return to_do_again(facts) | (unfounded - passed_stages(facts) if unfounded else unfounded)


def passed_stages(facts: OrderFacts) -> set[str]:
    """Stages that must have ended, because one that waits for them has started or is done."""
    passed: set[str] = set()
    unfounded = without_cells(facts)
    for code, stage in reversed(facts.stages.items()):
        has_begun = stage.run.started_at or stage.run.status in DONE_STAGE_STATUSES
        if code in passed or (has_begun and code not in unfounded):
            passed.update(before for before in stage.plan.after if before in facts.stages)
    return passed


def is_behind_collection(flow: FlowPlan, code: str) -> bool:
    """Whether the stage takes up cells that were collected before it."""
    collections = (one for one in flow.stages.values() if one.kind == StageKind.COLLECTION and one.code != code)
    return any(code in flow.followers[one.code] for one in collections)


def unended_stages(facts: OrderFacts, redo: frozenset[str]) -> list[str]:
    """The passed stages of which nobody reported that they ended, in board order; a failure is an end."""
    passed = passed_stages(facts) - redo
    ended = (*DONE_STAGE_STATUSES, StageStatus.FAILED)
    return [code for code in facts.stages if code in passed and facts.stages[code].run.status not in ended]
