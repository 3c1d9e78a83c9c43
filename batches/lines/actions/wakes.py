"""Whom another wait of a pool can concern."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from batches.judgement.queries import COUNTING_SQL
from batches.judgement.rules.predictions import FRESH
from batches.judgement.statuses import FlagCode
from batches.lines.actions.readings import PoolKey
from supplychain.orders.actions.due import make_due_in_turns, orders_before_pools
from supplychain.orders.actions.store import ORDER_TABLE
from supplychain.sql import read, texts

# Orders whose promise is judged by the futures of their line, which find nothing at risk: a pool's wait is in none of
# their flags (rules/futures.py), and they are judged again at the latest when those futures stop counting. What plain
# durations say of them is kept beside, and follows then.
BY_FUTURES_SQL = f"""SELECT p.order_id FROM batches_prediction p JOIN {ORDER_TABLE} o ON o.id = p.order_id
    LEFT JOIN batches_lineforecast f ON f.line_id = p.line_id
    LEFT JOIN batches_calibrationstate c ON c.line_id = p.line_id
    WHERE p.order_id = ANY(%(ids)s::uuid[]) AND p.superseded_at IS NULL AND {COUNTING_SQL.replace("%s", "%(since)s")}
    AND p.promised_at = o.promised_at AND p.p_late IS NOT NULL
    AND NOT jsonb_exists(COALESCE(p.evidence -> 'severities', '{{}}'), %(at_risk)s)"""


def wake_before_pools(pools: Collection[PoolKey], *, now: datetime) -> int:
    """Have judged, in turns from `now` on, the open orders whose verdict may rest on the wait of one of these (site,
    pool code), because they have still to take a place there; how many. Three statements."""
    ahead = orders_before_pools(pools)
    return make_due_in_turns(set(ahead) - _by_futures(ahead, now), now=now)


def _by_futures(order_ids: Collection[UUID], now: datetime) -> set[UUID]:
    if not order_ids:
        return set()
    given = {"ids": texts(order_ids), "since": now - FRESH, "at_risk": FlagCode.PROMISE_AT_RISK.value}
    return {order_id for (order_id,) in read(BY_FUTURES_SQL, **given)}
