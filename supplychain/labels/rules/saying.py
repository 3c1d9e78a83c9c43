"""For which steps a person may print labels. Pure."""

from supplychain.orders.rules.duties import Roles, right_problem
from supplychain.orders.rules.states import OrderState
from supplychain.orders.statuses import DONE_STAGE_STATUSES, LABEL_ENDS, OrderEventKind, StageStatus

# A step that has ended gets no new label.
OVER = (*DONE_STAGE_STATUSES, StageStatus.FAILED)


def is_over(state: OrderState, stage: str) -> bool:
    """Whether this step has ended, or is none."""
    return stage not in state.flow.stages or state.run_of(stage).status in OVER


def steps_to_label(state: OrderState, roles: Roles) -> list[tuple[str, str]]:
    """Code and name of the steps that have not ended and whose people these are, those at work first."""
    kind = OrderEventKind.LABEL_PRINTED
    own = [plan for plan in state.flow.stages.values()
           if not is_over(state, plan.code) and not right_problem(plan, kind, roles)]  # fmt: skip
    return [(plan.code, plan.name) for plan in sorted(own, key=lambda plan: not state.run_of(plan.code).started_at)]


def may_end(roles: Roles) -> bool:
    """Whether somebody with these roles says how labels ended."""
    return not any(right_problem(None, kind, roles) for kind in LABEL_ENDS)
