"""What readings do when orders were told of: a shipment that began or ended at another moment is judged anew."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from supplychain.conditions.actions.judging import judge_shipments
from supplychain.conditions.queries import shipments_with_readings
from supplychain.flows.statuses import StageKind
from supplychain.orders.actions.events import OrderChange
from supplychain.orders.signals import events_recorded


@receiver(events_recorded)
def judge_moved_shipments(changes: Sequence[OrderChange], now: datetime, **_: Any) -> None:
    """Judge the shipments of orders of which a transport, or a hand-over, was spoken."""
    moved = [change.order_id for change in changes if _is_moved(change)]
    if moved and (shipments := shipments_with_readings(moved)):
        judge_shipments(shipments, now=now)


def _is_moved(change: OrderChange) -> bool:
    stages = (change.flow.stages[code] for _, code in change.touched)
    return change.is_custody_told or any(stage.kind == StageKind.TRANSPORT for stage in stages)
