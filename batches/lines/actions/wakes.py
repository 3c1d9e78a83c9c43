"""Whom the waits of pools concern: the orders whose judgement stands no more."""

from datetime import datetime

from supplychain.orders.actions.due import MARK_TABLE, make_due_in_turns
from supplychain.sql import read

# Each pool asks two indexes, LIMIT has PostgreSQL do it that way. Who is marked already is judged by what is true then.
BEYOND_SQL = f"""
    SELECT DISTINCT beyond.order_id FROM batches_poolstate s JOIN batches_pool p ON p.id = s.pool_id
    CROSS JOIN LATERAL (
        (SELECT l.order_id FROM batches_poolwaitlimit l
            WHERE l.site_id = p.site_id AND l.pool = p.code AND l.high < s.expected_wait_hours
            ORDER BY l.high LIMIT 1000000)
        UNION ALL
        (SELECT l.order_id FROM batches_poolwaitlimit l
            WHERE l.site_id = p.site_id AND l.pool = p.code AND l.low > 0 AND l.low > s.expected_wait_hours
            ORDER BY l.low LIMIT 1000000)
    ) beyond
    WHERE NOT EXISTS (SELECT 1 FROM {MARK_TABLE} m WHERE m.order_id = beyond.order_id)"""


def wake_beyond_limits(*, now: datetime) -> int:
    """Have judged, in turns from `now` on, the open orders of which a pool's wait is not within the limits of their
    judgement; how many.

    What is asked is what is true, not what has just moved: small steps add up, and neither a crash nor a judgement that
    read the wait before the review and wrote after it leaves an order behind.
    """
    return make_due_in_turns([order_id for (order_id,) in read(BEYOND_SQL)], now=now)
