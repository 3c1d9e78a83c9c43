"""When the judgement must look at an order again: the only writer of DueOrder and DueMark.

Marking only adds rows and claiming skips what others hold, so that neither waits for anybody. A mark is written by the
transaction that commits its cause; a claim deletes the marks that it sees *before* it reads the facts. So whatever was
committed before is read, and whatever comes later leaves a mark that stands (docs/adr/0016).
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from supplychain.identifiers.statuses import UNSHARED_IDENTIFIER_KINDS
from supplychain.orders.actions.store import ORDER_TABLE, RUN_TABLE
from supplychain.orders.statuses import OPEN_ORDER_STATUSES, StageStatus
from supplychain.sql import Writes, read, texts

DUE_TABLE = "supplychain_dueorder"
MARK_TABLE = "supplychain_duemark"
IDENTIFIER_TABLE = "supplychain_identifier"
MARK_SQL = f"INSERT INTO {MARK_TABLE} (order_id, due_at, is_news)"
MAKE_DUE_SQL = f"{MARK_SQL} SELECT named, %(now)s, false FROM unnest(%(ids)s::uuid[]) AS named"
SHARING_SQL = f"""{MARK_SQL} SELECT DISTINCT i.order_id, %(now)s, false FROM {IDENTIFIER_TABLE} i
    WHERE i.key = ANY(%(keys)s) AND i.kind = ANY(%(kinds)s) AND NOT i.order_id = ANY(%(but)s::uuid[])"""
NOT_ENDED = tuple(one.value for one in (StageStatus.PENDING, StageStatus.READY, StageStatus.HELD, StageStatus.RUNNING))

# Of many orders that something else than news makes due, so many come due each second: a quarter of what a worker
# judges. They stand behind all news anyway; in turns they also do not look like a judgement that is behind.
DUE_A_SECOND = 250

IN_TURNS_SQL = f"""{MARK_SQL} SELECT id, %(now)s + make_interval(secs => (turn - 1) / %(due_a_second)s), false
    FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY AS turns(id, turn)"""
BEFORE_STAGES_SQL = f"""SELECT o.id FROM {ORDER_TABLE} o
    WHERE o.status IN %(open)s
    AND (o.plant_id = ANY(%(sites)s::uuid[]) OR o.ordering_site_id = ANY(%(sites)s::uuid[])
        OR o.collection_site_id = ANY(%(sites)s::uuid[]) OR o.infusion_site_id = ANY(%(sites)s::uuid[]))
    AND EXISTS (SELECT 1 FROM {RUN_TABLE} r JOIN supplychain_stage s ON s.id = r.stage_id
        JOIN unnest(%(of_sites)s::uuid[], %(products)s::uuid[], %(codes)s::text[]) AS d(site_id, product_id, stage)
        ON d.site_id = r.site_id AND d.stage = s.code
        WHERE r.order_id = o.id AND r.withdrawn_at IS NULL AND r.status IN %(statuses)s
        AND d.product_id = o.product_id)
    ORDER BY o.id"""

# Most of what was heard of, which goes first, in one claim, and most of each of the two kinds that are due without:
# by the clock and because of a neighbour. News come so soon that a claim must be short; beside it stand a few of the
# others, so that a flood of news delays the clock's flags and never silences them.
MOST_HEARD, MOST_OTHERS, MOST_BESIDE_NEWS = 100, 100, 10
# The lock on an order's DueOrder is the right to judge it and to delete its marks. Marks of a claimed order go all at
# once, those whose turn is still to come too: their causes are committed, the judgement reads them. Where none goes,
# another claim has ended since this statement began: its order is judged already.
CLAIM_SQL = f"""
    WITH heard AS MATERIALIZED (
        SELECT d.order_id FROM {MARK_TABLE} m JOIN {DUE_TABLE} d ON d.order_id = m.order_id
        WHERE m.is_news ORDER BY m.due_at, m.id LIMIT %(heard)s FOR NO KEY UPDATE OF d SKIP LOCKED),
    room AS MATERIALIZED (SELECT CASE WHEN EXISTS (SELECT 1 FROM heard) THEN %(beside)s ELSE %(others)s END AS most),
    timely AS MATERIALIZED (
        SELECT d.order_id FROM {DUE_TABLE} d WHERE d.due_at <= %(now)s
        ORDER BY d.due_at LIMIT (SELECT most FROM room) FOR NO KEY UPDATE SKIP LOCKED),
    woken AS MATERIALIZED (
        SELECT d.order_id FROM {MARK_TABLE} m JOIN {DUE_TABLE} d ON d.order_id = m.order_id
        WHERE NOT m.is_news AND m.due_at <= %(now)s
        ORDER BY m.due_at, m.id LIMIT (SELECT most FROM room) FOR NO KEY UPDATE OF d SKIP LOCKED),
    claimed AS MATERIALIZED (
        SELECT order_id FROM heard UNION SELECT order_id FROM timely UNION SELECT order_id FROM woken),
    gone AS (
        DELETE FROM {MARK_TABLE} m WHERE m.order_id = ANY(ARRAY(SELECT order_id FROM claimed))
        RETURNING m.order_id, m.is_news)
    SELECT c.order_id, COALESCE(bool_or(g.is_news), false)
    FROM claimed c LEFT JOIN gone g ON g.order_id = c.order_id
    WHERE g.order_id IS NOT NULL OR c.order_id IN (SELECT order_id FROM timely)
    GROUP BY c.order_id ORDER BY c.order_id"""


def mark_news(writes: Writes, order_ids: Iterable[UUID], *, now: datetime) -> None:
    """Have these orders judged before all others, because something was heard of them."""
    writes.insert(MARK_TABLE, ("order_id", "due_at", "is_news"), [(one, now, True) for one in order_ids])


def make_due(order_ids: Iterable[UUID], *, now: datetime) -> None:
    """Have these orders judged by `now`, though nothing was heard of them. One statement, which waits for nobody."""
    if ids := sorted(texts(order_ids)):
        _execute(MAKE_DUE_SQL, {"now": now, "ids": ids})


def make_due_who_share(keys: Sequence[str], *, but: Iterable[UUID], now: datetime) -> None:
    """Have the other orders judged that bear one of these look-up keys. Call it on commit: of two that are told the
    same number at once, the later one then sees the other."""
    kinds = [kind.value for kind in UNSHARED_IDENTIFIER_KINDS]
    _execute(SHARING_SQL, {"now": now, "but": texts(but), "keys": list(keys), "kinds": kinds})


def claim_due(*, now: datetime, limit: int | None = None) -> dict[UUID, bool]:
    """Claim orders that are due until this transaction ends, what was heard of first; whether they were heard of.

    One statement; it waits for nobody. `limit`: at most so many of each kind. Read the facts after it, never before.
    """
    most = MOST_OTHERS if limit is None else limit
    limits = {"heard": min(most, MOST_HEARD), "beside": min(most, MOST_BESIDE_NEWS), "others": most}
    return dict(read(CLAIM_SQL, now=now, **limits))


def look_again(writes: Writes, moments: Iterable[tuple[UUID, datetime | None]]) -> None:
    """Have written when each of these orders, which the caller has claimed, is to be judged next; None: on news."""
    writes.update(DUE_TABLE, ("order_id", "due_at"), list(moments))


def make_due_in_turns(order_ids: Iterable[UUID], *, now: datetime) -> int:
    """Have these orders judged, DUE_A_SECOND of them a second from `now` on: the moment of writing, or they are late
    at once. Returns how many; one statement, which locks no order."""
    ids = sorted(texts(order_ids))
    return _execute(IN_TURNS_SQL, {"now": now, "due_a_second": DUE_A_SECOND, "ids": ids}) if ids else 0


def orders_before_stages(stages: Collection[tuple[UUID, str, UUID]]) -> list[UUID]:
    """The open orders that have still to end one of these stages: (site, stage code, product); one statement."""
    if not stages:
        return []
    sites, codes, products = zip(*stages, strict=True)
    rows = read(
        BEFORE_STAGES_SQL,
        open=tuple(status.value for status in OPEN_ORDER_STATUSES),
        statuses=NOT_ENDED,
        sites=texts(set(sites)),
        of_sites=texts(sites),
        codes=list(codes),
        products=texts(products),
    )
    return [order_id for (order_id,) in rows]


def _execute(sql: str, parameters: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.rowcount
