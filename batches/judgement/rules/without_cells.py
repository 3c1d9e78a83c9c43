"""Tests and releases that are reported of an order whose cells nobody has reported in hand. Pure.

A sender named the wrong order, or a file slipped a row: there is no dose that could be tested or released. What is
foreseen of the order rests on the reports that can be true.
"""

from batches.judgement.rules.facts import OrderFacts, RunFacts
from supplychain.flows.statuses import HOLDS_CELLS, StageKind
from supplychain.orders.statuses import StageStatus
from supplychain.words import listed_words

# Work on samples and papers: its report is no word of cells.
ON_PAPER = (StageKind.QUALITY_CONTROL, StageKind.RELEASE)


def without_cells(facts: OrderFacts) -> frozenset[str]:
    """Codes of the tests and releases said to have begun or ended although no stage before them has had cells."""
    said = [code for code, stage in facts.stages.items() if stage.plan.kind in ON_PAPER and _has_begun(stage.run)]
    return frozenset(code for code in said if _lacks_cells(facts, code)) if said else frozenset()


def unmade_words(facts: OrderFacts) -> str:
    """Why there can be no dose of the attempt that counts: nobody has reported that its cells were collected, or that
    anything was made of them; empty: somebody has."""
    before = [one for one in facts.stages.values() if facts.flow.exit in facts.flow.followers[one.plan.code]]
    made = [one for one in before if one.plan.kind == StageKind.MANUFACTURING]
    if not made or any(_has_begun(one.run) for one in made):
        return ""
    collected = any(one.plan.kind == StageKind.COLLECTION and _has_begun(one.run) for one in before)
    what = "made of its cells" if collected else "collected or made"
    attempt = f" in attempt {facts.attempt}" if facts.attempt > 1 else ""
    return f"nobody has reported that anything was {what}{attempt}"


def unreported_words(facts: OrderFacts) -> str:
    """On what a forecast rests that leaves these reports out: “as if Disposition had not been reported”; or empty."""
    left_out = without_cells(facts)
    names = [stage.plan.name for code, stage in facts.stages.items() if code in left_out]
    return f"as if {listed_words(names)} had not been reported" if names else ""


def arrival_words(facts: OrderFacts) -> str:
    """On what a forecast rests where nobody knows when a shipment arrives: “as if Transport to plant took as long as
    usual”; or empty."""
    lost = [one.plan.name for one in facts.active if one.run.unknown_since and one.run.status == StageStatus.RUNNING]
    return f"as if {listed_words(lost)} took as long as usual" if lost else ""


def _lacks_cells(facts: OrderFacts, code: str) -> bool:
    """Whether some stage before this one has cells in hand, and none of them has begun."""
    plans = facts.flow.stages.values()
    before = [one.code for one in plans if one.kind in HOLDS_CELLS and code in facts.flow.followers[one.code]]
    return bool(before) and not any(_has_begun(facts.stages[one].run) for one in before)


def _has_begun(run: RunFacts) -> bool:
    """Whether work was done; what was skipped has no start, and its end is none of work."""
    return run.status != StageStatus.SKIPPED and bool(run.started_at or run.completed_at or run.failed_at)
