"""What is due for judgement, as tests set and read it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from supplychain.orders.models import DueMark, DueOrder, PatientOrder


def nothing_due(orders: Iterable[PatientOrder] | None = None) -> None:
    """Whatever these orders (all) were due for is forgotten."""
    only = {} if orders is None else {"order__in": [order.pk for order in orders]}
    DueMark.objects.filter(**only).delete()
    DueOrder.objects.filter(**only).update(due_at=None)


def due_by_time(orders: Iterable[PatientOrder], moment: datetime | None) -> None:
    """These orders are due then, by the clock and nothing else."""
    chosen = list(orders)
    nothing_due(chosen)
    DueOrder.objects.filter(order__in=[order.pk for order in chosen]).update(due_at=moment)


def due_moments() -> dict[UUID, datetime]:
    """When each order that is due at all is due, by the clock or by a mark."""
    rows = [
        *DueOrder.objects.exclude(due_at=None).values_list("order", "due_at"),
        *DueMark.objects.values_list("order", "due_at"),
    ]
    moments: dict[UUID, datetime] = {}
    for order_id, moment in rows:
        moments[order_id] = min(moment, moments.get(order_id, moment))
    return moments


def due_moment(order: PatientOrder) -> datetime | None:
    """When this order is due."""
    return due_moments().get(order.pk)
