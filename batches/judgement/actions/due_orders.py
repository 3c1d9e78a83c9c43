"""Asking the judgement to look at orders again, because something that it rests on has changed."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from supplychain.orders.actions.store import ORDER_TABLE, RUN_TABLE
from supplychain.orders.statuses import OPEN_ORDER_STATUSES, StageStatus
from supplychain.sql import texts

NOT_STARTED = (StageStatus.PENDING.value, StageStatus.READY.value, StageStatus.HELD.value)
NOT_ENDED = (*NOT_STARTED, StageStatus.RUNNING.value)

# Of many orders so many come due each second, a quarter of what a worker judges: whoever is due because of an event
# stands before the rest of them.
DUE_A_SECOND = 250

# Locked in the order of their ids, as everybody locks orders: nobody waits in a circle. An order that is being
# judged right now is waited for, since that judgement may rest on what has just changed.
LOOK_AGAIN_SQL = f"""
    WITH concerned AS MATERIALIZED (
        SELECT o.id FROM {ORDER_TABLE} o
        WHERE o.status IN %(open)s
        AND (o.plant_id = ANY(%(sites)s::uuid[]) OR o.ordering_site_id = ANY(%(sites)s::uuid[])
            OR o.collection_site_id = ANY(%(sites)s::uuid[]) OR o.infusion_site_id = ANY(%(sites)s::uuid[]))
        AND EXISTS (SELECT 1 FROM {RUN_TABLE} r {{joins}}
            WHERE r.order_id = o.id AND r.withdrawn_at IS NULL AND r.status IN %(statuses)s AND {{condition}})
        ORDER BY o.id FOR NO KEY UPDATE),
    turns AS (
        SELECT id, %(now)s + make_interval(secs => (row_number() OVER (ORDER BY id) - 1) / %(due_a_second)s) AS turn
        FROM concerned)
    UPDATE {ORDER_TABLE} o SET evaluate_after = LEAST(o.evaluate_after, turn) FROM turns WHERE o.id = turns.id"""
POOL_AHEAD_SQL = LOOK_AGAIN_SQL.format(
    joins="""JOIN supplychain_stage s ON s.id = r.stage_id
        JOIN unnest(%(of_sites)s::uuid[], %(codes)s::text[]) AS p(site_id, pool)
        ON p.site_id = r.site_id AND p.pool = r.pool""",
    condition="r.started_at IS NULL AND NOT s.keeps_pool",
)
STAGE_AHEAD_SQL = LOOK_AGAIN_SQL.format(
    joins="""JOIN supplychain_stage s ON s.id = r.stage_id
        JOIN unnest(%(of_sites)s::uuid[], %(products)s::uuid[], %(codes)s::text[]) AS d(site_id, product_id, stage)
        ON d.site_id = r.site_id AND d.stage = s.code""",
    condition="d.product_id = o.product_id",
)


def look_again_before_pools(pools: Collection[tuple[UUID, str]], *, now: datetime) -> int:
    """Make due, in one statement, the open orders that have still to take a place of one of these (site, pool code).

    Returns how many; DUE_A_SECOND of them a second, from `now` on. Call it before locking any PoolState: orders are
    always locked first.
    """
    return _look_again(POOL_AHEAD_SQL, NOT_STARTED, pools, now)


def look_again_before_stages(stages: Collection[tuple[UUID, str, UUID]], *, now: datetime) -> int:
    """Make due the open orders that have still to end one of these stages: (site, stage code, product)."""
    products = texts(product for _, _, product in stages)
    return _look_again(STAGE_AHEAD_SQL, NOT_ENDED, [stage[:2] for stage in stages], now, products=products)


def _look_again(
    sql: str, statuses: tuple[str, ...], pairs: Collection[tuple[UUID, str]], now: datetime, **more: Any
) -> int:
    if not pairs:
        return 0
    parameters = more | {
        "now": now,
        "due_a_second": DUE_A_SECOND,
        "open": tuple(status.value for status in OPEN_ORDER_STATUSES),
        "statuses": statuses,
        "sites": texts({site_id for site_id, _ in pairs}),
        "of_sites": texts(site_id for site_id, _ in pairs),
        "codes": [code for _, code in pairs],
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.rowcount
