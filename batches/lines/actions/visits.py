"""Keeping the visits of orders to pools in step with the stage runs.

What changed since the last time is told by the change feed (supplychain/orders/actions/feed_cursors.py).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from django.db import connection, transaction

from batches.judgement.rules.moments import micros
from batches.lines.models import PoolVisit, VisitCursor
from batches.lines.rules.long_views import LONGEST_WINDOW_HOURS
from batches.lines.rules.places import PlaceRun
from batches.lines.rules.visits import PackedVisit, visit_of
from supplychain.orders.actions.feed_cursors import keep_place, news_since
from supplychain.orders.actions.store import ORDER_TABLE, RUN_TABLE
from supplychain.orders.statuses import ACTIVE_STAGE_STATUSES
from supplychain.sql import Writes, read, texts

# Orders whose runs are read at once.
MOST_ORDERS = 1000
# No review reads further back than its longest window; a day more for clocks.
REMEMBERED = timedelta(hours=LONGEST_WINDOW_HOURS + 24)
VISIT_TABLE = "batches_poolvisit"

ALL_SQL = f"""SELECT DISTINCT order_id FROM {RUN_TABLE} WHERE pool <> '' AND withdrawn_at IS NULL
    AND (status IN %(active)s OR completed_at >= %(opened)s OR failed_at >= %(opened)s)"""
# What the rules of places read of a run, each a column of PlaceRun: here and for whole readings (readings.py).
# The last but three: a stage that waits for this one has started; the order ended for this stage; it is on hold.
PLACE_COLUMNS = f"""r.order_id::text, r.attempt, s.position, s.keeps_pool, r.status, r.ready_at, r.started_at,
        r.completed_at, r.failed_at, r.held_at,
        CASE WHEN r.status IN %(active)s THEN (
            SELECT MIN(COALESCE(f.started_at, f.completed_at)) FROM {RUN_TABLE} f
            JOIN supplychain_stage fs ON fs.id = f.stage_id
            WHERE f.order_id = r.order_id AND f.withdrawn_at IS NULL AND f.attempt >= r.attempt
            AND s.code = ANY(fs.after)) END,
        LEAST(o.cancelled_at, o.closed_at, CASE WHEN NOT s.may_end_after_release THEN o.infused_at END), o.held_at,
        r.planned_start_at, r.details ->> 'planned_pickup_at'"""
RUNS_SQL = f"""SELECT r.order_id, r.site_id, r.pool, LEAST(o.cancelled_at, o.closed_at), {PLACE_COLUMNS}
    FROM {RUN_TABLE} r JOIN supplychain_stage s ON s.id = r.stage_id JOIN {ORDER_TABLE} o ON o.id = r.order_id
    WHERE r.order_id = ANY(%(orders)s::uuid[]) AND r.pool <> '' AND r.withdrawn_at IS NULL
    ORDER BY r.order_id, r.site_id, r.pool"""
GONE_SQL = f"""DELETE FROM {VISIT_TABLE} WHERE order_id = ANY(%(orders)s::uuid[]) AND (order_id, site_id, pool) NOT IN (
    SELECT * FROM unnest(%(kept)s::uuid[], %(sites)s::uuid[], %(pools)s::text[]))"""
VISIT_COLUMNS = ("order_id", "site_id", "pool", *PackedVisit._fields)
EXCLUDED, STORED = (", ".join(f"{of}.{name}" for name in PackedVisit._fields) for of in ("EXCLUDED", VISIT_TABLE))
# What is as it was is not written again: most pools of an order that changed.
ON_CONFLICT = f"""(order_id, site_id, pool) DO UPDATE SET ({", ".join(PackedVisit._fields)}) = ROW({EXCLUDED})
    WHERE ({STORED}) IS DISTINCT FROM ({EXCLUDED})"""
Key = tuple[UUID, UUID, str]  # Order, site, pool.


@transaction.atomic
def keep_visits(*, now: datetime) -> int:
    """Bring the visits up to date with what was committed until here; of how many orders the runs were read.

    Without a place in the feed to go on from (the first time, after a month without reviews, in a restored
    database) all are made anew from the runs.
    """
    news = news_since(VisitCursor)
    orders = news.orders
    if orders is None:
        PoolVisit.objects.all().delete()
        known = read(ALL_SQL, active=tuple(ACTIVE_STAGE_STATUSES), opened=now - REMEMBERED)
        orders = [order_id for (order_id,) in known]
    if news.is_new_day:
        PoolVisit.objects.filter(until__lt=micros(now - REMEMBERED)).delete()
    for first in range(0, len(orders), MOST_ORDERS):
        _write_visits(orders[first : first + MOST_ORDERS])
    keep_place(VisitCursor, news.horizon)
    return len(orders)


@transaction.atomic
def rebuild_visits(*, now: datetime) -> int:
    """Make all visits anew from the runs, as `keep_visits` does where it has no place to go on from."""
    VisitCursor.objects.all().delete()
    return keep_visits(now=now)


def _write_visits(orders: Sequence[UUID]) -> None:
    """Make the visits of these orders what their runs say; three statements."""
    visits = _visits_of(orders)
    kept, sites, pools = zip(*visits, strict=True) if visits else ((), (), ())
    with connection.cursor() as cursor:
        cursor.execute(
            GONE_SQL, {"orders": texts(orders), "kept": texts(kept), "sites": texts(sites), "pools": list(pools)}
        )
    rows = [(*key, visit.until, *(f"\\x{packed.hex()}" for packed in visit[1:])) for key, visit in visits.items()]
    writes = Writes()
    writes.insert(VISIT_TABLE, VISIT_COLUMNS, rows, on_conflict=ON_CONFLICT)
    writes.run()


def _visits_of(orders: Iterable[UUID]) -> dict[Key, PackedVisit]:
    """The visits of these orders, from all their runs."""
    rows = read(RUNS_SQL, orders=texts(orders), active=tuple(ACTIVE_STAGE_STATUSES))
    visits = {}
    for key, of_pool in groupby(rows, key=itemgetter(0, 1, 2)):
        runs = list(of_pool)
        visit = visit_of([PlaceRun._make(run[4:]) for run in runs], runs[0][3])
        if visit:
            visits[key] = visit
    return visits
