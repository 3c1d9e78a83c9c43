"""The limits that run for the cells of an order, and the stages whose begin ends them. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from batches.judgement.rules.awaited import awaited
from batches.judgement.rules.facts import OrderFacts, StageFacts
from supplychain.flows.rules.plans import StagePlan
from supplychain.flows.statuses import HOLDS_CELLS
from supplychain.orders.rules.waits import PermittedWait, is_stored, limit_now, wait_now


class RunningWait(NamedTuple):
    """A limit of the cells that runs. `stage`: whose it is; `ended_by`: the stage that takes the cells up."""

    stage: StageFacts
    wait: PermittedWait
    ended_by: StagePlan


def running_waits(facts: OrderFacts, now: datetime) -> list[RunningWait]:
    """The limits that run for the cells of an order, the first to end first.

    None of a stage that has to follow at once: systems report in batches, so that nobody can plan with such a wait.
    None of cells in storage: nobody has to hurry.
    """
    found = []
    for stage in awaited(facts, now):
        wait = limit_now(stage.plan, stage.run)
        if wait is None or wait.grace or is_stored(wait.until, now):
            continue
        if ender := _ender(facts, stage):
            found.append(RunningWait(stage, wait, ender))
    return sorted(found, key=lambda one: one.wait.until)


def _ender(facts: OrderFacts, stage: StageFacts) -> StagePlan | None:
    """The stage whose begin ends the wait: of a shipper under way the next one that has the cells in hand."""
    if wait_now(stage.run):
        return stage.plan
    plans = facts.flow.stages.values()
    return next((plan for plan in plans if stage.plan.code in plan.after and plan.kind in HOLDS_CELLS), None)


def watched(facts: OrderFacts, ahead: Sequence[bool], now: datetime) -> tuple[int, ...]:
    """At which places of its flow the stages stand that end a wait which runs, of those that are still ahead."""
    enders = {one.ended_by.code for one in running_waits(facts, now)}
    return tuple(at for at, code in enumerate(facts.stages) if code in enders and ahead[at])
