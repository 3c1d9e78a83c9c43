"""When the judgement must look at an order again: the only writer of `evaluate_after` besides recording itself.

Orders are locked in the order of their ids, as everybody locks them: nobody waits in a circle.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from supplychain.identifiers.statuses import UNSHARED_IDENTIFIER_KINDS
from supplychain.orders.actions.store import ORDER_TABLE, RUN_TABLE
from supplychain.orders.statuses import OPEN_ORDER_STATUSES, StageStatus
from supplychain.sql import Writes, texts

IDENTIFIER_TABLE = "supplychain_identifier"
MAKE_DUE_SQL = f"""UPDATE {ORDER_TABLE} SET evaluate_after = LEAST(evaluate_after, %(now)s) WHERE id IN (
    SELECT id FROM {ORDER_TABLE} WHERE id = ANY(%(ids)s::uuid[]) ORDER BY id FOR NO KEY UPDATE)"""
# Without waiting, and without touching who is due already: an order under lock is left out.
MAKE_FREE_DUE_SQL = f"""UPDATE {ORDER_TABLE} SET evaluate_after = %(now)s WHERE id IN (
    SELECT id FROM {ORDER_TABLE} WHERE id = ANY(%(ids)s::uuid[])
    AND (evaluate_after IS NULL OR evaluate_after > %(now)s) FOR NO KEY UPDATE SKIP LOCKED)"""
SHARING_SQL = f"""UPDATE {ORDER_TABLE} SET evaluate_after = LEAST(evaluate_after, %(now)s) WHERE id IN (
    SELECT o.id FROM {ORDER_TABLE} o WHERE NOT o.id = ANY(%(but)s::uuid[]) AND EXISTS (
        SELECT 1 FROM {IDENTIFIER_TABLE} i
        WHERE i.order_id = o.id AND i.key = ANY(%(keys)s) AND i.kind = ANY(%(kinds)s))
    ORDER BY o.id FOR NO KEY UPDATE)"""
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


def make_due(order_ids: Iterable[UUID], *, now: datetime) -> None:
    """Have these orders judged by `now` at the latest; waits for those under lock. One statement."""
    _execute(MAKE_DUE_SQL, order_ids, now)


def make_due_unless_locked(order_ids: Iterable[UUID], *, now: datetime) -> None:
    """The same without waiting, for whoever holds other orders: an order under lock is left out. One statement."""
    _execute(MAKE_FREE_DUE_SQL, order_ids, now)


def make_due_who_share(keys: Sequence[str], *, but: Iterable[UUID], now: datetime) -> None:
    """Have the other orders judged that bear one of these look-up keys. Call it on commit: it locks their rows."""
    kinds = [kind.value for kind in UNSHARED_IDENTIFIER_KINDS]
    parameters = {"now": now, "but": texts(but), "keys": list(keys), "kinds": kinds}
    with connection.cursor() as cursor:
        cursor.execute(SHARING_SQL, parameters)


def look_again(writes: Writes, moments: Iterable[tuple[UUID, datetime | None]]) -> None:
    """Have written when each of these orders, which the caller has locked, is to be judged next; None: on news."""
    writes.update(ORDER_TABLE, ("id", "evaluate_after"), list(moments))


def _execute(sql: str, order_ids: Iterable[UUID], now: datetime) -> None:
    if ids := sorted(texts(order_ids)):
        with connection.cursor() as cursor:
            cursor.execute(sql, {"now": now, "ids": ids})


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
