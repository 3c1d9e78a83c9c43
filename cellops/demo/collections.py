"""Records and checklists of the demo's newer collections, told right before the collection's end. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from cellops.demo.facts import DemoEvent, DemoOrder
from cellops.demo.materials import A_SECOND, RECORDED
from cellops.demo.sites import HOSPITALS
from supplychain.flows.rules.checklists import FROZEN
from supplychain.orders.rules.states import ANSWERS
from supplychain.orders.statuses import StageEventKind

# Of every so manieth order the cells were hardly alive, and nobody found that before they left.
LOW_VIABILITY = 45
BEFORE_ITS_END = timedelta(minutes=5)


def records_told(orders: Sequence[DemoOrder], events: Iterable[DemoEvent], now: datetime) -> list[DemoEvent]:
    """What is told of collections besides `events`, for orders placed in the last RECORDED."""
    by_index = {order.index: order for order in orders if order.ordered_at >= now - RECORDED}
    return [
        event._replace(
            source=HOSPITALS.code, kind=StageEventKind.COLLECTION_CHECKED.value, resource="",
            occurred_at=event.occurred_at - BEFORE_ITS_END, heard_at=event.heard_at - A_SECOND,
            payload={ANSWERS: answers_of(by_index[event.order], event.occurred_at)},
        )
        for event in events
        if (event.kind, event.stage) == (StageEventKind.COMPLETED, "collection") and event.order in by_index
    ]  # fmt: skip


def answers_of(order: DemoOrder, at: datetime) -> dict[str, Any]:
    """A plausible record, the same for the same order."""
    index = order.index
    nucleated = round(5 + index * 37 % 70 / 10, 1)
    viability = 61 if index % LOW_VIABILITY == 7 else 94 + index % 6
    return {
        "identity_at_chair": True,
        "coi_on_bag": True,
        "infection_markers": True,
        "blood_processed_l": 9 + index * 13 % 60 / 10,
        "kit_number": f"K-{index + 10_001:06d}",
        "kit_lot": f"KIT-{at:%y%m}",
        "kit_expires_on": f"{at.date() + timedelta(days=400):%Y-%m-%d}",
        "anticoagulant": "acd_a",
        "volume_ml": 150 + index * 29 % 130,
        "nucleated_cells_e9": nucleated,
        "cd3_cells_e9": round(nucleated * (0.3 + index % 20 / 100), 1),
        "viability_percent": viability,
        "haematocrit_percent": round(2 + index * 11 % 30 / 10, 1),
        "preservation": FROZEN if order.journey.flow == "car_t_frozen" else "fresh",
    }
