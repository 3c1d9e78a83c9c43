"""Readings for judging flags: a constant number of statements however many orders are judged."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from batches.flags.models import Flag
from batches.flags.rules.changes import KnownFlag
from batches.forecasts.queries.predictions import standing_predictions
from batches.judgement.queries import (
    Readings,
    identifiers_shared_by,
    stage_runs_of,
    surroundings_of,
    unentitled_reports_of,
)
from batches.judgement.rules.facts import OrderRow
from batches.judgement.statuses import Severity
from supplychain.orders.statuses import ENDED_ORDER_STATUSES
from supplychain.sql import read, texts

UNFLAGGED_SQL = """SELECT o.id FROM supplychain_patientorder o WHERE o.id = ANY(%(ids)s::uuid[])
    AND NOT o.status = ANY(%(ended)s) AND NOT EXISTS (
        SELECT 1 FROM batches_flag f WHERE f.order_id = o.id AND f.code = %(code)s AND f.cleared_at IS NULL)"""
SEVERITY_RANK = {severity.value: rank for rank, severity in enumerate((Severity.CRITICAL, Severity.ATTENTION))}
KNOWN_COLUMNS = tuple("evidence__gist" if name == "gist" else name for name in KnownFlag._fields)


def readings_for(rows: Sequence[OrderRow]) -> Readings:
    """Everything that the rules need to know of these orders."""
    order_ids = texts(row.id for row in rows)
    return Readings(
        stage_runs_of(order_ids),
        identifiers_shared_by(order_ids),
        surroundings_of(rows),
        standing_predictions(order_ids),
        unentitled_reports_of(order_ids),
    )


def known_flags(order_ids: Iterable[UUID]) -> dict[UUID, list[KnownFlag]]:
    """All flags of these orders, raised now or cleared before."""
    flags: dict[UUID, list[KnownFlag]] = {}
    rows = Flag.objects.filter(order__in=list(order_ids)).values_list(*KNOWN_COLUMNS)
    for flag in map(KnownFlag._make, rows):
        flags.setdefault(flag.order_id, []).append(flag)
    return flags


def unflagged_orders(order_ids: Collection[UUID], code: str) -> list[UUID]:
    """Which of these orders, if they have not ended, have no raised flag of this code."""
    rows = read(UNFLAGGED_SQL, ids=texts(order_ids), ended=list(ENDED_ORDER_STATUSES), code=code)
    return [order_id for (order_id,) in rows]


def urgency(flag: Flag) -> tuple:
    """Sorts the flags of one order: severity, then slack, those without a due moment by when they began."""
    return (SEVERITY_RANK[flag.severity], flag.due or flag.since, flag.code, flag.stage, flag.subject)
