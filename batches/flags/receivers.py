"""What the flags answer when a person is about to report of an order, and do when one can act no longer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.dispatch import receiver
from django.utils import timezone

from batches.flags.actions.leaving import give_back_flags
from batches.flags.models import Flag
from batches.flags.queries.stops import raised_stops, stops_of
from batches.flags.rules.harm import urgency
from batches.judgement.statuses import Severity
from supplychain.orders.rules.interlocks import Stop
from supplychain.orders.signals import calm_flags_asked, stops_asked
from supplychain.people.models import User
from supplychain.people.signals import rights_lost


@receiver(stops_asked)
def critical_flags(order_ids: Sequence[UUID], now: datetime, is_judged_anew: bool, **_: Any) -> list[Stop]:
    """The critical flags of these orders; judged anew, also those that a worker is only about to raise."""
    return stops_of(order_ids, now=now, read_at=timezone.now()) if is_judged_anew else raised_stops(order_ids)


@receiver(calm_flags_asked)
def calm_flags(order_id: UUID, **_: Any) -> list[str]:
    """The titles of the flags that stand on the order and are no critical ones, the worst first."""
    flags = Flag.objects.filter(order=order_id, cleared_at__isnull=True).exclude(severity=Severity.CRITICAL)
    return [f"“{flag.title}”" for flag in sorted(flags, key=urgency)]


@receiver(rights_lost)
def give_back_what_was_taken_on(user: User, by: User | None, **_: Any) -> str:
    """Whoever can act no longer keeps no flag."""
    count = give_back_flags(user, by=by, now=timezone.now())
    if not count:
        return ""
    flags, are = ("1 flag", "is") if count == 1 else (f"{count} flags", "are")
    return f"{flags} that {user} had taken on {are} given back: nobody has {'it' if count == 1 else 'them'} now."
