"""Readings of hand-overs and of who holds cells."""

from collections.abc import Iterable
from uuid import UUID

from supplychain.orders.rules.hand_overs import ToldHandOver
from supplychain.orders.statuses import OrderEventKind
from supplychain.sql import from_json, read, texts

TOLD_SQL = """SELECT e.order_id, e.id, e.occurred_at, e.payload::text, COALESCE(e.source_id, e.user_id)::text
    FROM supplychain_statusevent e JOIN supplychain_patientorder o ON o.id = e.order_id
    WHERE e.order_id = ANY(%(ids)s::uuid[]) AND e.kind = %(kind)s AND e.stage = ''
    AND NOT o.withdrawn_events ? e.id::text ORDER BY e.occurred_at, e.id"""


def hand_overs_told(order_ids: Iterable[UUID]) -> dict[UUID, list[ToldHandOver]]:
    """The hand-overs that were told of these orders and stand; one query."""
    found: dict[UUID, list[ToldHandOver]] = {}
    for order_id, event, at, payload, reporter in read(
        TOLD_SQL, ids=texts(order_ids), kind=OrderEventKind.HANDED_OVER.value
    ):
        found.setdefault(order_id, []).append(ToldHandOver.of(event, at, from_json(payload), reporter))
    return found
