"""What transport does when orders were folded."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from supplychain.orders.actions.store import LockedOrder
from supplychain.orders.signals import orders_folded
from supplychain.sql import Writes
from supplychain.transport.actions.projecting import project_collections_and_shipments


@receiver(orders_folded)
def follow_stage_runs(writes: Writes, orders: Sequence[LockedOrder], now: datetime, **_: Any) -> None:
    """Bring collections and shipments up to date in the same round trip."""
    project_collections_and_shipments(writes, orders, now=now)
