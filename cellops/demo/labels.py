"""Labels of one of the demo's orders: one for its intermediate was spoiled, one used, and one is still open."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from cellops.demo import numbers
from cellops.demo.facts import DemoEvent, DemoOrder
from cellops.demo.sites import MES
from supplychain.orders.statuses import OrderEventKind, StageEventKind

STAGE, COMPLETED = "transduction", StageEventKind.COMPLETED
PRINTED, USED, SPOILED = OrderEventKind.LABEL_PRINTED, OrderEventKind.LABEL_USED, OrderEventKind.LABEL_SPOILED


def labels_left_open(orders: Sequence[DemoOrder], events: list[DemoEvent], now: datetime) -> None:
    """The plant's system prints three labels before transduction ends, and tells of two how they ended."""
    for order in orders:
        ended = next(one for one in events if (one.order, one.stage, one.kind) == (order.index, STAGE, COMPLETED))
        plant, attempt = order.journey.plant.code, ended.attempt or 1
        number = f"{numbers.batch_number(plant, order.ordered_at, order.index, attempt)}-C"
        beside = {"number": number, "stage": STAGE, "attempt": attempt, "layout": "Bag", "printer": "Clean room 2"}
        serials = [f"{number}-{place}" for place in (1, 2, 3)]
        said: list[tuple[OrderEventKind, int, dict[str, Any]]] = [
            (PRINTED, 50, {"serial": serials[0]} | beside),
            (SPOILED, 45, {"serial": serials[0], "reason": "The print was smeared."}),
            (PRINTED, 44, {"serial": serials[1], "replaces": serials[0], "reason": "The first was smeared."} | beside),
            (PRINTED, 44, {"serial": serials[2], "replaces": serials[0], "reason": "The first was smeared."} | beside),
            (USED, 30, {"serial": serials[1]}),
        ]
        for kind, minutes, payload in said:
            at, heard = ended.occurred_at - timedelta(minutes=minutes), ended.heard_at - timedelta(minutes=minutes)
            source = MES[plant].code
            events.append(DemoEvent(order.index, source, kind.value, "", None, at, heard, "", payload))
