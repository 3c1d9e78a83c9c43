"""Going on in the change feed where a projection of the orders stopped: the work is that of the orders that changed.

What changed is told by the feed, which the database itself writes: every fold is in it, so no event does more for this.
Notices are read from the oldest transaction that was still at work the last time, so one that was committed late is not
missed; one read twice does no harm.
"""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models.functions import Now

from supplychain.orders.actions.changes import KEPT_FOR
from supplychain.orders.models import FeedCursor
from supplychain.orders.models.notice_kinds import NoticeKind
from supplychain.orders.queries.feed import Horizon, change_horizon
from supplychain.sql import read

# Well before the feed forgets: a cursor this old is worth nothing.
TRUSTED_FOR = KEPT_FOR - timedelta(days=2)
# One statement makes the row, locks it (so that one process at a time goes on) and reads it.
CURSOR_SQL = """INSERT INTO {table} AS c (id, database, transaction, read_at) VALUES (1, '', 0, clock_timestamp())
    ON CONFLICT (id) DO UPDATE SET id = EXCLUDED.id
    RETURNING c.database, c.transaction, c.read_at > clock_timestamp() - %(trusted)s, c.read_at < CURRENT_DATE"""
# Not what another cluster numbered, from which this database was restored: its transactions are still to come here.
CHANGED_SQL = """SELECT DISTINCT order_id FROM supplychain_changenotice
    WHERE transaction >= %(transaction)s AND kind = %(kind)s AND (
        transaction < pg_snapshot_xmax(pg_current_snapshot())::text::bigint
        OR transaction = pg_current_xact_id_if_assigned()::text::bigint)"""


class NewsOfOrders(NamedTuple):
    """The orders that changed since; None: there was no place to go on from (the first time, after a month without, in
    a restored database), so all have to be read. `horizon`: up to where that is; `is_new_day`: the first of a day."""

    orders: list[UUID] | None
    horizon: Horizon
    is_new_day: bool


def news_since(cursor: type[FeedCursor]) -> NewsOfOrders:
    """What changed since this place was kept. Locks it until the transaction ends."""
    [(database, seen_to, is_young, is_new_day)] = read(
        CURSOR_SQL.format(table=cursor._meta.db_table), trusted=TRUSTED_FOR
    )
    horizon = change_horizon()
    if database != horizon.cluster or not is_young:
        return NewsOfOrders(None, horizon, is_new_day)
    changed = read(CHANGED_SQL, transaction=seen_to, kind=NoticeKind.ORDER.value)
    return NewsOfOrders([order_id for (order_id,) in changed], horizon, is_new_day)


def keep_place(cursor: type[FeedCursor], horizon: Horizon) -> None:
    """Go on from here the next time."""
    cursor.objects.update(database=horizon.cluster, transaction=horizon.transaction, read_at=Now())
