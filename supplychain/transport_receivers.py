"""What transport does when orders were folded."""

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from supplychain.actions.order_store import LockedOrder
from supplychain.actions.projections import project_collections_and_shipments
from supplychain.signals import orders_folded
from supplychain.sql import Writes


@receiver(orders_folded)
def follow_stage_runs(writes: Writes, orders: Sequence[LockedOrder], **_: Any) -> None:
    """Bring collections and shipments up to date in the same round trip."""
    project_collections_and_shipments(writes, orders)
