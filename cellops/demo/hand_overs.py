"""What the demo tells of cells that change hands: by whom, and where something lacks."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from cellops.demo.facts import DemoEvent, DemoOrder
from cellops.demo.sites import COURIER, MES
from supplychain.orders.rules.second_people import PERSON
from supplychain.orders.statuses import Holder, OrderEventKind, StageEventKind


def moment_of(events: Sequence[DemoEvent], order: DemoOrder, stage: str, kind: str) -> datetime:
    """When this was reported to have happened."""
    wanted = (order.index, stage, kind)
    return next(event.occurred_at for event in events if (event.order, event.stage, event.kind) == wanted)


def handed_over(minutes: int) -> Callable[[Sequence[DemoOrder], list[DemoEvent], datetime], None]:
    """Courier and plant say who gave and took the cells; the courier so many minutes after the pickup was reported."""

    def change(orders: Sequence[DemoOrder], events: list[DemoEvent], now: datetime) -> None:
        for order in orders:
            given = moment_of(events, order, "inbound", StageEventKind.STARTED) + timedelta(minutes=minutes)
            stored = moment_of(events, order, "inbound", StageEventKind.COMPLETED)
            mes, plant = MES[order.journey.plant.code].code, Holder.PLANT.value
            way = {"from": Holder.COLLECTION_SITE.value, "to": Holder.COURIER.value}
            seen = {"given_by": "Ward nurse", "received_by": "Driver", "seal": "intact", "packaging": "intact"}
            shelf = {"from": plant, "to": plant, "place": "Cold store 3", PERSON: "Shift lead"}
            events += [_hand_over(order, COURIER.code, given, way | seen), _hand_over(order, mes, stored, shelf)]

    return change


def _hand_over(order: DemoOrder, source: str, occurred: datetime, payload: dict[str, Any]) -> DemoEvent:
    kind, heard = str(OrderEventKind.HANDED_OVER), occurred + timedelta(minutes=3)
    return DemoEvent(order.index, source, kind, "", None, occurred, heard, "", payload)


def second_missing(orders: Sequence[DemoOrder], events: list[DemoEvent], now: datetime) -> None:
    """The dose was delivered, and the courier's system names nobody who checked it with the driver."""
    delivered = {(order.index, "outbound", str(StageEventKind.COMPLETED)) for order in orders}
    for place, event in enumerate(events):
        if (event.order, event.stage, str(event.kind)) in delivered:
            events[place] = event._replace(payload={k: v for k, v in event.payload.items() if k != PERSON})
