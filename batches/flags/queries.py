"""Readings for judging flags, a constant number of statements however many orders are judged; and their one order."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import ExpressionWrapper, F, FloatField, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Extract

from batches.flags.models import Flag
from batches.flags.rules.changes import KnownFlag
from batches.forecasts.queries.predictions import standing_predictions
from batches.judgement.queries import (
    Readings,
    identifiers_shared_by,
    stage_runs_of,
    surroundings_of,
)
from batches.judgement.rules.facts import OrderRow
from batches.judgement.statuses import Harm
from supplychain.orders.statuses import ENDED_ORDER_STATUSES
from supplychain.sql import read, texts

UNFLAGGED_SQL = """SELECT o.id FROM supplychain_patientorder o WHERE o.id = ANY(%(ids)s::uuid[])
    AND NOT o.status = ANY(%(ended)s) AND NOT EXISTS (
        SELECT 1 FROM batches_flag f WHERE f.order_id = o.id AND f.code = %(code)s AND f.cleared_at IS NULL)"""
LAST = datetime.max.replace(tzinfo=UTC)
OF_HARM, NEVER_SECONDS = 1e12, 9e11
KNOWN_COLUMNS = tuple("evidence__gist" if name == "gist" else name for name in KnownFlag._fields)


def readings_for(rows: Sequence[OrderRow]) -> Readings:
    """Everything that the rules need to know of these orders."""
    order_ids = texts(row.id for row in rows)
    return Readings(
        stage_runs_of(order_ids),
        identifiers_shared_by(order_ids),
        surroundings_of(rows),
        standing_predictions(order_ids),
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
    """Sorts flags: the class of harm, then the latest moment to act; what does not press last (flags/rules/harm.py)."""
    return (flag.harm, flag.act_by or LAST, flag.code, flag.stage, flag.subject)


def urgency_in_sql(prefix: str = "") -> Combinable:
    """The same order as one number, for what is sorted by the worst of several flags (`Min` of it).

    `prefix`: how the query reaches the flag (`flag__`). Ten digits of seconds stand behind the class of harm.
    """
    seconds = Coalesce(Extract(f"{prefix}act_by", "epoch", tzinfo=UTC), Value(NEVER_SECONDS), output_field=FloatField())
    return ExpressionWrapper(F(f"{prefix}harm") * Value(OF_HARM) + seconds, output_field=FloatField())


def acts_by(moment: datetime) -> Q:
    """Raised flags that harm a patient unless somebody acts before `moment`: a dose in doubt, an identity, cells.

    What has no end but should have been acted on at once has been acted on when a person has acknowledged it.
    """
    at_once = Q(due__isnull=True, acknowledged_at__isnull=False)
    return Q(harm__lte=Harm.CELLS, act_by__lt=moment, cleared_at__isnull=True) & ~at_once
