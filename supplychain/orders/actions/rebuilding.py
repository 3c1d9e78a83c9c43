"""States folded anew from the events: after an upgrade whose rules read facts otherwise than those before it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import structlog
from django.db import connection, transaction

from supplychain.orders.actions.due import make_due
from supplychain.orders.actions.events import announce
from supplychain.orders.actions.store import LockedOrder, load_facts, lock_orders, refold, save_states
from supplychain.orders.models import PatientOrder
from supplychain.orders.models.notice_kinds import NoticeKind
from supplychain.orders.queries import sites_of
from supplychain.orders.signals import orders_folded
from supplychain.sql import LOST, Writes, reason_of

# The feed tells of news by the number of an order's events, which is what it was: whoever keeps a copy is told here.
TOLD_SQL = """INSERT INTO supplychain_changenotice (transaction, order_id, kind, subject, changed_at)
    VALUES (pg_current_xact_id()::text::bigint, %(order)s, %(kind)s, %(order)s, clock_timestamp())"""
log = structlog.get_logger(__name__)


def rebuild_orders(orders: Iterable[PatientOrder], *, now: datetime) -> dict[UUID, str]:
    """Fold these orders from all their events and have them judged anew; those that could not be folded, and why.

    Facts stay as they are. It can be run again and again, and beside the workers: one order is locked at a time.
    """
    failed = {}
    for order in orders:
        try:
            _rebuild(order, now)
        except LOST:
            raise
        except Exception as error:  # one order's facts spoil no other's
            log.exception("order could not be folded", order=str(order.pk))
            failed[order.pk] = reason_of(error)
    return failed


@transaction.atomic
def _rebuild(order: PatientOrder, now: datetime) -> None:
    locked = lock_orders([order.pk], set(sites_of(order).values()))[order.pk]
    facts = load_facts([order.pk])[order.pk]
    refold(locked, facts)
    locked.last_recorded_at = max(fact.recorded_at for fact in facts)
    writes = Writes()
    save_states(writes, [locked], now=now)
    orders_folded.send(sender=LockedOrder, writes=writes, orders=[locked], facts={order.pk: facts}, now=now)
    writes.run()
    make_due([order.pk], now=now)
    with connection.cursor() as cursor:
        cursor.execute(TOLD_SQL, {"order": order.pk, "kind": NoticeKind.ORDER.value})
    announce([locked], now=now)
