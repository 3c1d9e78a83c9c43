"""The flags as stored, and as judged anew from the facts: they must be the same."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from batches.flags.models import Flag
from batches.flags.queries.flags import readings_for
from batches.flags.rules.judging import judge
from batches.judgement.queries import orders_named


def standing_flags(order_ids: Collection[UUID]) -> set[tuple[UUID, str, str, str]]:
    """(order, code, stage, severity) of every raised flag of these orders, as stored."""
    rows = Flag.objects.filter(order__in=list(order_ids), cleared_at=None)
    return set(rows.values_list("order_id", "code", "stage", "severity"))


def standing_flags_from_scratch(order_ids: Collection[UUID], now: datetime) -> set[tuple[UUID, str, str, str]]:
    """The same as judged anew; writes nothing. Raises what a poisoned order raises."""
    rows = orders_named(order_ids)
    readings = readings_for(rows)
    return {
        (row.id, finding.code.value, finding.stage, finding.severity.value)
        for row in rows
        for finding in judge(readings.facts_of(row), now).findings
    }
