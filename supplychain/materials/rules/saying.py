"""What a person may say of an order's materials: by their place's stages and the statuses that they decide. Pure."""

from supplychain.flows.rules.plans import FlowPlan
from supplychain.orders.rules.duties import Roles, right_problem
from supplychain.orders.rules.materials import kind_meant, stage_meant
from supplychain.orders.statuses import MaterialStatus, OrderEventKind


def stages_for(flow: FlowPlan, roles: Roles) -> list[tuple[str, str]]:
    """Code and name of the stages of which a person with these roles records materials and lots."""
    kind = OrderEventKind.MATERIAL
    return [(plan.code, plan.name) for plan in flow.stages.values() if not right_problem(plan, kind, roles)]


def statuses_for(flow: FlowPlan, roles: Roles) -> list[tuple[str, str]]:
    """The statuses that they may give a material."""
    kind = OrderEventKind.MATERIAL_IS
    return [
        (status.value, status.label)
        for status in MaterialStatus
        if not right_problem(stage_meant(flow, kind, said := {"status": status.value}), kind_meant(kind, said), roles)
    ]
