"""What custody does when orders were folded."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from supplychain.custody.actions.entries import project_custody
from supplychain.orders.actions.store import LockedOrder
from supplychain.orders.signals import orders_folded
from supplychain.sql import Writes


@receiver(orders_folded)
def follow_the_cells(writes: Writes, orders: Sequence[LockedOrder], facts: Any, now: datetime, **_: Any) -> None:
    """Bring the chain of custody up to date in the same round trip."""
    project_custody(writes, orders, facts, now=now)
