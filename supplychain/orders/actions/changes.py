"""Forgetting the change feed's old rows."""

from datetime import datetime, timedelta

from supplychain.orders.models import ChangeNotice

KEPT_FOR = timedelta(days=30)


def forget_changes(*, now: datetime) -> int:
    """Delete what readers had a month to read; a cursor of that age is refused. Returns how many rows."""
    return ChangeNotice.objects.filter(changed_at__lt=now - KEPT_FOR).delete()[0]
