"""States folded anew from the events: after an upgrade whose rules read facts otherwise than those before it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from supplychain.orders.actions.events import announce
from supplychain.orders.actions.store import LockedOrder, load_facts, lock_orders, refold, save_states
from supplychain.orders.models import PatientOrder
from supplychain.orders.queries import sites_of
from supplychain.orders.signals import orders_folded
from supplychain.sql import Writes

# So many orders are locked at once; reports of them wait meanwhile.
AT_ONCE = 50


def rebuild_orders(order_ids: Iterable[UUID], *, now: datetime) -> int:
    """Fold these orders from all their events and have them judged anew; how many were folded. Facts stay as they are.

    It can be run again and again, and beside the workers: a few orders are locked at a time.
    """
    ids = sorted(order_ids)
    return sum(_rebuild(ids[start : start + AT_ONCE], now) for start in range(0, len(ids), AT_ONCE))


@transaction.atomic
def _rebuild(order_ids: list[UUID], now: datetime) -> int:
    places = [sites_of(order) for order in PatientOrder.objects.filter(pk__in=order_ids)]
    locked = lock_orders(order_ids, {site for sites in places for site in sites.values()})
    stored = load_facts(locked)
    orders = list(locked.values())
    for order in orders:
        refold(order, stored[order.id])
        order.last_recorded_at = max(fact.recorded_at for fact in stored[order.id])
    writes = Writes()
    save_states(writes, orders, now=now)
    orders_folded.send(sender=LockedOrder, writes=writes, orders=orders, now=now)
    writes.run()
    announce(orders, now=now)
    return len(orders)
