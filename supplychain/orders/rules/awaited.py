"""What a stage waits for, as its order stands. Pure."""

from supplychain.flows.rules.plans import StagePlan
from supplychain.orders.rules.collections import frozen_until, is_earlier
from supplychain.orders.rules.states import OrderState, RunState
from supplychain.orders.rules.waits import StageBefore


def awaited_runs(state: OrderState, plan: StagePlan, attempt: int) -> list[RunState]:
    """The runs after which a stage could start. Cells collected before the order are at hand, and go on once what their
    collection would have waited for is done."""
    runs = [state.run_of(code, attempt) for code in plan.after]
    plans = [before for run in runs if is_earlier(before := state.flow.stages[run.stage], run)]
    return [*runs, *(state.run_of(code, attempt) for before in plans for code in before.after)]


def stages_before(state: OrderState, plan: StagePlan, attempt: int) -> list[StageBefore]:
    """The stages that it waits for, as its permitted wait reads them."""
    runs = [(state.flow.stages[code], state.run_of(code, attempt)) for code in plan.after]
    return [StageBefore(one, run.attempt, run.cold_until, frozen_until(one, run)) for one, run in runs]
