"""Bags, intermediates and lots of the demo's newer orders, told right after the stage that made them. Pure.

Two kinds of order have several components: of every fortieth the CD4 and CD8 cells are selected, transduced and filled
apart, as some products are made.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from cellops.demo import numbers
from cellops.demo.facts import DemoEvent, DemoOrder
from cellops.demo.sites import HOSPITALS, MES
from supplychain.orders.statuses import LotKind, MaterialKind, MaterialStatus, OrderEventKind, StageEventKind

# Of older orders nothing is told, as of any house that began to record them one day.
RECORDED = timedelta(days=75)
WITH_COMPONENTS = 40
A_SECOND = timedelta(seconds=1)
SHELF_LIFE = {"cd19-b": timedelta(days=365)}
USUAL_SHELF_LIFE = timedelta(days=180)

Said = tuple[OrderEventKind, dict[str, Any]]


def materials_told(orders: Sequence[DemoOrder], events: Iterable[DemoEvent], now: datetime) -> list[DemoEvent]:
    """What is told of materials besides `events`, for orders placed in the last RECORDED."""
    by_index = {order.index: order for order in orders if order.ordered_at >= now - RECORDED}
    return [
        told for event in events
        if event.kind == StageEventKind.COMPLETED and event.order in by_index
        for told in _after(by_index[event.order], event)
        if told.heard_at <= now
    ]  # fmt: skip


def components(order: DemoOrder) -> tuple[str, ...]:
    """The components of an order; one without a name for most."""
    return ("CD4", "CD8") if order.index % WITH_COMPONENTS == 0 else ("",)


def _after(order: DemoOrder, event: DemoEvent) -> Iterator[DemoEvent]:
    source = HOSPITALS.code if event.stage in ("collection", "infusion") else MES[order.journey.plant.code].code
    for kind, payload in _said(order, event):
        moments = {"occurred_at": event.occurred_at + A_SECOND, "heard_at": event.heard_at + A_SECOND}
        yield event._replace(
            source=source, kind=kind.value, stage="", attempt=None, resource="", payload=payload, **moments
        )


def _said(order: DemoOrder, event: DemoEvent) -> Iterator[Said]:
    plant, attempt = order.journey.plant.code, event.attempt or 1
    batch = numbers.batch_number(plant, order.ordered_at, order.index, attempt)
    collected = f"AP-{order.index + 1:05d}"
    for component in components(order):
        cells, bag = "-".join(filter(None, (batch, component, "C"))), "-".join(filter(None, (batch, component, "B1")))
        match event.stage:
            case "collection" if component in ("", "CD4"):
                yield _material(collected, MaterialKind.COLLECTION_BAG, "collection", volume_ml=180)
            case "transduction":
                yield _material(cells, MaterialKind.INTERMEDIATE, "transduction", component, [collected])
                yield _lot(order, cells, event.occurred_at)
            case "harvest":
                life = SHELF_LIFE.get(order.journey.product, USUAL_SHELF_LIFE)
                until = {"expires_at": (event.occurred_at + life).isoformat(), "storage": "≤ −150 °C", "volume_ml": 50}
                yield _material(bag, MaterialKind.FINAL_BAG, "harvest", component, [cells], **until)
            case "disposition":
                yield _status(bag, MaterialStatus.RELEASED)
            case "infusion":
                yield _status(bag, MaterialStatus.INFUSED)


def _material(
    number: str, kind: MaterialKind, stage: str, component: str = "", parents: Sequence[str] = (), **more: Any
) -> Said:
    said = {"number": number, "kind": kind.value, "stage": stage} | more
    said |= ({"component": component} if component else {}) | ({"parents": list(parents)} if parents else {})
    return OrderEventKind.MATERIAL, said


def _lot(order: DemoOrder, number: str, at: datetime) -> Said:
    """The plant's vector lot of that month."""
    lot = f"LV-{order.journey.plant.code[:3].upper()}-{at:%y%m}"
    product = f"Lentiviral vector {order.journey.product.split('-')[0].upper()}"
    return OrderEventKind.LOT_USED, {"kind": LotKind.VECTOR.value, "product": product, "lot": lot, "number": number}


def _status(number: str, status: MaterialStatus) -> Said:
    return OrderEventKind.MATERIAL_IS, {"number": number, "status": status.value}
