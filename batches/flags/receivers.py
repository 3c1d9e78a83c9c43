"""What the flags answer when a person is about to report of an order."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.dispatch import receiver
from django.utils import timezone

from batches.flags.queries.stops import raised_stops, stops_of
from supplychain.orders.rules.interlocks import Stop
from supplychain.orders.signals import stops_asked


@receiver(stops_asked)
def critical_flags(order_ids: Sequence[UUID], now: datetime, is_judged_anew: bool, **_: Any) -> list[Stop]:
    """The critical flags of these orders; judged anew, also those that a worker is only about to raise."""
    return stops_of(order_ids, now=now, read_at=timezone.now()) if is_judged_anew else raised_stops(order_ids)
