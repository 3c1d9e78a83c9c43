"""What materials do when orders were folded."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from supplychain.materials.actions.projecting import project_materials
from supplychain.orders.actions.store import LockedOrder
from supplychain.orders.rules.states import Fact
from supplychain.orders.signals import orders_folded
from supplychain.sql import Writes


@receiver(orders_folded)
def follow_reports(
    writes: Writes, orders: Sequence[LockedOrder], facts: Mapping[UUID, Sequence[Fact]], now: datetime, **_: Any
) -> None:
    """Bring materials and lots up to date in the same round trip."""
    project_materials(writes, orders, facts, now=now)
