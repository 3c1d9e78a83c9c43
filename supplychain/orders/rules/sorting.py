"""In which order facts are read: by what happened when, never by when it was heard of."""

from supplychain.flows.rules.plans import FlowPlan
from supplychain.orders.rules.states import Fact
from supplychain.orders.statuses import OrderEventKind, StageEventKind

# At one and the same moment a stage starts before it ends, and plans come before both; holds are put on and lifted, and
# dates promised, in the order in which they were recorded.
KIND_RANK = {kind: rank for rank, kind in enumerate((*StageEventKind.values, *OrderEventKind.values))}
KIND_RANK[StageEventKind.RESUMED] = KIND_RANK[StageEventKind.HELD]
KIND_RANK[OrderEventKind.PROMISED] = KIND_RANK[OrderEventKind.ORDERED]
# What was said of the very second in which an order ended did not come after its end: clocks may count seconds only.
ENDS_ORDER = frozenset({OrderEventKind.CANCELLED, OrderEventKind.CLOSED})


def fact_key(flow: FlowPlan, fact: Fact) -> tuple:
    """Sorts facts by what happened when; at the same moment the end of the order is last, then they stand by place in
    the flow and kind, and what is alike in that as it was recorded."""
    place = flow.stages[fact.stage].position if fact.stage else -1
    is_end = not fact.stage and fact.kind in ENDS_ORDER
    rank = KIND_RANK[fact.kind]
    return (fact.occurred_at, is_end, place, rank, fact.position, fact.reporter, fact.source_event_id)
