"""What manufacturing does when the floor below has recorded events."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from batches.manufacturing.actions import project_batches
from supplychain.orders.actions.events import OrderChange
from supplychain.orders.signals import events_recorded


@receiver(events_recorded)
def follow_events(changes: Sequence[OrderChange], now: datetime, **_: Any) -> None:
    """Bring the batches up to date in the same transaction."""
    project_batches(changes, now=now)
