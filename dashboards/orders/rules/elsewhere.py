"""What the order page says of work with a dose that is reported to be elsewhere. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from supplychain.custody.rules.whereabouts import LastHolder, is_elsewhere, where_words
from supplychain.flows.rules.plans import FlowPlan
from supplychain.flows.statuses import StageKind, StagePlace
from supplychain.orders.rules.states import RunState
from supplychain.orders.statuses import StageStatus
from supplychain.recording.rules.steps import NextStep
from supplychain.sentences import moment_mark
from supplychain.words import with_verb

GOES_ON = (StageStatus.READY, StageStatus.RUNNING)
DESTROYED = NextStep(
    "", "", "", "The cells were destroyed: agree on a new attempt or collection, or cancel the order",
    StagePlace.PLANT.value, "quality assurance and operations of the plant", None,
)  # fmt: skip
NEEDS_DOSE = (StageKind.CUSTODY, StageKind.INFUSION)


def is_about_dose(step: NextStep, flow: FlowPlan) -> bool:
    """Whether the step begins work for which the dose must be at hand."""
    plan = flow.stages.get(step.stage)
    return plan is not None and plan.kind in NEEDS_DOSE and step.status == StageStatus.READY


def without_destroyed(steps: Iterable[NextStep], flow: FlowPlan) -> list[NextStep]:
    """The steps of an order whose cells were destroyed: none goes on with them."""
    return [step for step in steps if step.stage not in flow.stages or step.status not in GOES_ON] or [DESTROYED]


def with_whereabouts(
    steps: Iterable[NextStep], flow: FlowPlan, runs: Mapping[str, RunState], last: LastHolder | None, now: datetime
) -> list[NextStep]:
    """The steps; those that need the dose at hand say where it is, if it is not there."""
    if last is None or not is_elsewhere(flow, runs, last, now):
        return list(steps)
    where = f"{where_words(last, moment_mark)}: find out where it is, and report the hand-over"
    return [
        replace(step, words=with_verb(step.stage_name, f"waits: {where}")) if is_about_dose(step, flow) else step
        for step in steps
    ]
