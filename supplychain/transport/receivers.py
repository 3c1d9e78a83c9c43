"""What transport does when orders were folded."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from supplychain.orders.actions.store import LockedOrder
from supplychain.orders.rules.packing import ShippersKnown
from supplychain.orders.signals import orders_folded, shippers_asked
from supplychain.sql import Writes
from supplychain.transport.actions.projecting import project_collections_and_shipments
from supplychain.transport.queries import shippers_called


@receiver(orders_folded)
def follow_stage_runs(writes: Writes, orders: Sequence[LockedOrder], now: datetime, **_: Any) -> None:
    """Bring collections and shipments up to date in the same round trip."""
    project_collections_and_shipments(writes, orders, now=now)


@receiver(shippers_asked)
def tell_shippers(numbers: Collection[str], site_ids: Collection[UUID], **_: Any) -> ShippersKnown:
    """What master data says of the shippers with these numbers at these sites."""
    return shippers_called(numbers, site_ids)
