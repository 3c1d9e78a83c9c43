"""At which steps the identity is checked: where cells are taken, change hands, are worked on or given. Pure."""

from supplychain.flows.rules.plans import StagePlan
from supplychain.flows.statuses import StageKind
from supplychain.orders.statuses import OrderEventKind, StageEventKind

CHECKED_STAGES = frozenset(
    {StageKind.COLLECTION, StageKind.TRANSPORT, StageKind.CUSTODY, StageKind.MANUFACTURING, StageKind.INFUSION}
)
CHECKED_KINDS = frozenset({
    StageEventKind.STARTED, StageEventKind.COMPLETED, StageEventKind.SHIPMENT_PACKED, StageEventKind.SHIPMENT_UNPACKED,
})  # fmt: skip


def asks_check(plan: StagePlan | None, kind: str) -> bool:
    """Whether who reports this of the stage has the material in hand, and is offered to check it."""
    if kind == OrderEventKind.HANDED_OVER:
        return True
    return plan is not None and plan.kind in CHECKED_STAGES and kind in CHECKED_KINDS
