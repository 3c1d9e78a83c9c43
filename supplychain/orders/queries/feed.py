"""The change feed: what changed, and up to where nothing is missing."""

from collections.abc import Collection, Iterable
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from supplychain.orders.models import ChangeNotice, PatientOrder
from supplychain.sql import read

# The feed is complete below the oldest transaction of this database that is still at work (models/changes.py). Asked in
# this order: a transaction that had its number when the first statement ran is either still listed by the second, or
# has ended and is visible to what is read afterwards. pg_snapshot_xmin() would also wait for other databases' work.
NEXT_SQL = """SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint, d.oid::bigint,
    (SELECT system_identifier::text FROM pg_control_system()) FROM pg_database d WHERE d.datname = current_database()"""
# Transactions are listed by the lower half of their number.
AT_WORK_SQL = """SELECT min(n.upper + n.low
        - CASE WHEN n.upper + n.low > %(next)s::bigint + 2147483648 THEN 4294967296 ELSE 0 END)
    FROM (SELECT (%(next)s::bigint >> 32) << 32 AS upper, backend_xid::text::bigint AS low FROM pg_stat_activity
        WHERE datid = %(database)s AND backend_xid IS NOT NULL) n"""


class Horizon(NamedTuple):
    """Up to where the change feed is complete, and of which database: transactions count within one, and a restored
    one may lack what readers have seen."""

    transaction: int
    cluster: str


def change_horizon() -> Horizon:
    """The oldest transaction still at work, or else the next one: whatever lies before it is there for good."""
    following, database, cluster = read(NEXT_SQL)[0]
    (at_work,) = read(AT_WORK_SQL, next=following, database=database)[0]
    return Horizon(min(following, at_work or following), f"{cluster}/{database}")


def changes_after(
    transaction: int, change_id: int, *, before: int, site_ids: Iterable[UUID], kinds: Collection[str]
) -> QuerySet:
    """Changes of these sites' orders after this place in the feed and below the horizon `before`, in their order."""
    later = Q(transaction__gt=transaction) | Q(transaction=transaction, id__gt=change_id)
    rows = ChangeNotice.objects.filter(later, transaction__gte=transaction, transaction__lt=before, kind__in=kinds)
    return rows.filter(order__in=PatientOrder.objects.of_sites(site_ids)).order_by("transaction", "id")
