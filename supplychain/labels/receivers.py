"""What labels do when orders were folded, and answer when a person is about to report of one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from supplychain.labels.actions.projecting import project_labels
from supplychain.labels.queries import open_labels_of
from supplychain.labels.rules.reconciling import stops_of_labels
from supplychain.orders.actions.store import LockedOrder
from supplychain.orders.rules.interlocks import Stop
from supplychain.orders.rules.states import Fact
from supplychain.orders.signals import orders_folded, stops_asked
from supplychain.sql import Writes, texts


@receiver(orders_folded)
def follow_reports(
    writes: Writes, orders: Sequence[LockedOrder], facts: Mapping[UUID, Sequence[Fact]], now: datetime, **_: Any
) -> None:
    """Bring labels up to date in the same round trip."""
    project_labels(writes, orders, facts, now=now)


@receiver(stops_asked)
def keep_steps_open(order_ids: Sequence[UUID], now: datetime, **_: Any) -> list[Stop]:
    """The labels of these orders that are still open: their steps do not end before they are accounted for."""
    found = open_labels_of(texts(order_ids))
    return [stop for order_id, labels in found.items() for stop in stops_of_labels(order_id, labels, now)]
