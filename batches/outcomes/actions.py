"""Keeping the outcomes of orders up to date."""

from typing import Any

from django.db import connection, transaction

from batches.outcomes.models import OutcomeCursor
from supplychain.flows.statuses import StageKind
from supplychain.orders.actions.feed_cursors import keep_place, news_since
from supplychain.orders.statuses import OrderEventKind, StageStatus
from supplychain.sql import texts

CHUNK = 2_000
# Orders whose version differs from the one last read, whatever came between; so no change is ever missed. What is known
# of an order and its own rows are looked up order by order (LATERAL); a join would read all rows.
REFRESH_SQL = """
    INSERT INTO batches_orderoutcome (order_id, version, first_collected_at, collected_at, released_at, ready_at,
        lost_reason, attempts)
    SELECT o.id, o.version, run.first_collected_at, run.collected_at, run.released_at, run.ready_at,
        COALESCE((SELECT left(e.payload ->> 'reason', 200) FROM supplychain_statusevent e
            WHERE e.order_id = o.id AND e.stage = '' AND e.kind = ANY(%(losing)s) AND e.lacked_scope = ''
                AND NOT o.withdrawn_events ? e.id::text
            ORDER BY e.occurred_at, e.position LIMIT 1), ''),
        COALESCE(made.attempts, '[]')
    FROM (SELECT o.id, o.version, o.withdrawn_events FROM supplychain_patientorder o
            WHERE {which} AND o.version IS DISTINCT FROM
                (SELECT known.version FROM batches_orderoutcome known WHERE known.order_id = o.id) LIMIT %(limit)s) o
    CROSS JOIN LATERAL (
        SELECT min(r.completed_at) FILTER (WHERE r.status = %(done)s AND s.kind = %(collection)s) AS first_collected_at,
            max(r.completed_at) FILTER (WHERE r.status = %(done)s AND s.kind = %(collection)s
                AND r.details->>'collected_earlier' IS DISTINCT FROM 'true') AS collected_at,
            max(r.completed_at) FILTER (WHERE r.status = %(done)s AND s.kind = %(release)s) AS released_at,
            max(r.ready_at) FILTER (WHERE s.kind = %(infusion)s) AS ready_at
        FROM supplychain_stagerun r JOIN supplychain_stage s ON s.id = r.stage_id
        WHERE r.order_id = o.id AND r.withdrawn_at IS NULL) run
    CROSS JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_array(b.harvested_at, f.making, f.tests, b.released_at) ORDER BY b.attempt)
            AS attempts
        FROM batches_batch b CROSS JOIN LATERAL (
            SELECT max(r.failed_at) FILTER (WHERE s.kind = %(making)s) AS making,
                max(r.failed_at) FILTER (WHERE s.kind = %(tests)s) AS tests
            FROM supplychain_stagerun r JOIN supplychain_stage s ON s.id = r.stage_id
            WHERE r.order_id = b.order_id AND r.attempt = b.attempt AND r.status = %(failed)s
                AND r.withdrawn_at IS NULL) f
        WHERE b.order_id = o.id AND b.withdrawn_at IS NULL) made
    ORDER BY o.id
    ON CONFLICT (order_id) DO UPDATE SET version = EXCLUDED.version, first_collected_at = EXCLUDED.first_collected_at,
        collected_at = EXCLUDED.collected_at, released_at = EXCLUDED.released_at, ready_at = EXCLUDED.ready_at,
        lost_reason = EXCLUDED.lost_reason, attempts = EXCLUDED.attempts"""
ALL_ORDERS, THESE_ORDERS = "true", "o.id = ANY(%(orders)s::uuid[])"
PARAMETERS: dict[str, Any] = {
    "losing": [OrderEventKind.CANCELLED.value, OrderEventKind.CLOSED.value],
    "done": StageStatus.COMPLETED.value,
    "failed": StageStatus.FAILED.value,
    "collection": StageKind.COLLECTION.value,
    "release": StageKind.RELEASE.value,
    "infusion": StageKind.INFUSION.value,
    "making": StageKind.MANUFACTURING.value,
    "tests": StageKind.QUALITY_CONTROL.value,
}


@transaction.atomic
def refresh_outcomes(*, limit: int = CHUNK) -> int:
    """Write the outcome of at most `limit` orders of which there is news; returns how many.

    Without a place in the change feed to go on from, all orders are compared with their outcomes.
    """
    news = news_since(OutcomeCursor)
    which, orders = (ALL_ORDERS, ()) if news.orders is None else (THESE_ORDERS, texts(news.orders))
    with connection.cursor() as cursor:
        cursor.execute(REFRESH_SQL.format(which=which), PARAMETERS | {"orders": orders, "limit": limit})
        written = cursor.rowcount
    if written < limit:
        keep_place(OutcomeCursor, news.horizon)
    return written
