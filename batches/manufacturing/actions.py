"""Batches as projections of the stage runs that just changed."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from batches.manufacturing.models import Batch
from batches.manufacturing.rules import BatchFinding, batch_of, touches_batch
from supplychain.ids import new_id
from supplychain.orders.actions.events import OrderChange
from supplychain.sql import json_rows

BATCH_COLUMNS = ("id", "order_id", "attempt", "plant_id", *BatchFinding._fields)
# A suite is whichever place of the plant bears one of the names that the reports give, the best guess first.
# Written in one order of orders, and only where something differs: most test reports change nothing of a batch.
UPSERT_SQL = """
    INSERT INTO batches_batch AS known (id, order_id, attempt, plant_id, suite_id, number, status, started_at,
        harvested_at, released_at, failed_at)
    SELECT v.id, v.order_id, v.attempt, v.plant_id, (
            SELECT suite.id FROM batches_suite suite JOIN batches_pool pool ON pool.id = suite.pool_id
            WHERE pool.site_id = v.plant_id AND suite.code = ANY(v.suites)
            ORDER BY array_position(v.suites, suite.code), pool.code LIMIT 1),
        v.number, v.status, v.started_at, v.harvested_at, v.released_at, v.failed_at
    FROM json_to_recordset(%s) AS v (id uuid, order_id uuid, attempt smallint, plant_id uuid, suites varchar[],
        number varchar, status varchar, started_at timestamptz, harvested_at timestamptz, released_at timestamptz,
        failed_at timestamptz)
    ORDER BY v.order_id, v.attempt
    ON CONFLICT (order_id, attempt) DO UPDATE SET suite_id = EXCLUDED.suite_id, number = EXCLUDED.number,
        status = EXCLUDED.status, started_at = EXCLUDED.started_at, harvested_at = EXCLUDED.harvested_at,
        released_at = EXCLUDED.released_at, failed_at = EXCLUDED.failed_at, withdrawn_at = NULL
    WHERE (known.suite_id, known.number, known.status, known.started_at, known.harvested_at, known.released_at,
        known.failed_at, known.withdrawn_at) IS DISTINCT FROM (EXCLUDED.suite_id, EXCLUDED.number, EXCLUDED.status,
        EXCLUDED.started_at, EXCLUDED.harvested_at, EXCLUDED.released_at, EXCLUDED.failed_at, NULL)"""


def project_batches(changes: Sequence[OrderChange], *, now: datetime) -> int:
    """Write the batch of every attempt that the changes touch, in one statement; returns how many were considered.

    Called inside the transaction that recorded the events: a batch never lags behind its stage runs.
    """
    rows = [row for change in changes for row in _batch_rows(change)]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(UPSERT_SQL, [json_rows(BATCH_COLUMNS, rows)])
    for change in changes:
        if change.refolded:
            _withdraw_batches(change, now)
    return len(rows)


def _withdraw_batches(change: OrderChange, now: datetime) -> None:
    """A late fact can show that what was said belongs to another attempt: the batch of this one never was."""
    standing = {attempt for attempt in range(1, change.state.attempt + 1) if batch_of(change.state, attempt)}
    Batch.objects.filter(order=change.order_id).exclude(attempt__in=standing).update(withdrawn_at=now)


def _batch_rows(change: OrderChange) -> Iterator[tuple[Any, ...]]:
    for attempt in _attempts_touched(change):
        if batch := batch_of(change.state, attempt):
            yield (new_id(), change.order_id, attempt, change.plant_id, *batch)


def _attempts_touched(change: OrderChange) -> Iterable[int]:
    stages_of_attempt: dict[int, list[str]] = {}
    for attempt, stage in change.touched:
        stages_of_attempt.setdefault(attempt, []).append(stage)
    return sorted(attempt for attempt, stages in stages_of_attempt.items() if touches_batch(change.flow, stages))
