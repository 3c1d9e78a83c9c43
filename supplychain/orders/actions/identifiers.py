"""Registering the identifiers that lead to an order."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import connection, transaction

from supplychain.identifiers.statuses import UNSHARED_IDENTIFIER_KINDS, IdentifierKind
from supplychain.ids import new_id
from supplychain.orders.actions.store import ORDER_TABLE
from supplychain.orders.rules.states import Fact
from supplychain.sql import Writes, texts

KIND_OF_DETAIL = {
    "donation_number": IdentifierKind.DONATION,
    "batch_number": IdentifierKind.BATCH,
    "tracking_number": IdentifierKind.TRACKING,
}
IDENTIFIER_TABLE = "supplychain_identifier"
IDENTIFIER_COLUMNS = ("id", "order_id", "kind", "issuer", "value", "recorded_at")


def register_identifiers(writes: Writes, facts: Mapping[UUID, Sequence[Fact]], *, now: datetime) -> None:
    """Have registered every identifier that the events named, so that later events may name the order by it."""
    named = {
        (order_id, kind, fact.payload[detail])
        for order_id, order_facts in facts.items()
        for fact in order_facts
        for detail, kind in KIND_OF_DETAIL.items()
        if detail in fact.payload
    }
    if named:
        rows = [(new_id(), order_id, kind.value, "", value, now) for order_id, kind, value in sorted(named)]
        writes.insert(IDENTIFIER_TABLE, IDENTIFIER_COLUMNS, rows, on_conflict="DO NOTHING")
        values = [value for _, kind, value in named if kind in UNSHARED_IDENTIFIER_KINDS]
        if values:
            transaction.on_commit(partial(_wake_sharing_orders, values, facts.keys(), now))


def _wake_sharing_orders(values: Sequence[str], but: Iterable[UUID], now: datetime) -> None:
    """Have other orders with one of these identifiers judged again. After the commit: it locks other orders' rows."""
    sql = f"""UPDATE {ORDER_TABLE} SET evaluate_after = LEAST(evaluate_after, %s) WHERE id IN (
        SELECT o.id FROM {ORDER_TABLE} o WHERE NOT o.id = ANY(%s::uuid[]) AND EXISTS (
            SELECT 1 FROM {IDENTIFIER_TABLE} i WHERE i.order_id = o.id AND i.value = ANY(%s) AND i.kind = ANY(%s))
        ORDER BY o.id FOR NO KEY UPDATE)"""
    kinds = [kind.value for kind in UNSHARED_IDENTIFIER_KINDS]
    with connection.cursor() as cursor:
        cursor.execute(sql, [now, texts(but), list(values), kinds])
