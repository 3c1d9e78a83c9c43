"""The usual work time of each stage, from the newest past."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from batches.durations.models import TypicalDuration
from batches.judgement.rules.facts import FEWEST_RUNS_FOR_MEDIAN
from supplychain.orders.actions.due import make_due_in_turns, orders_before_stages
from supplychain.orders.statuses import StageStatus

LOOK_BACK = timedelta(days=400)
# A smaller change of the median changes no decision; orders are not judged again for it.
TELLING_CHANGE = 0.05

# Order by order (LATERAL), of those of which something was recorded in that time, which an index has: a join would read
# the runs of all orders that ever were.
REFRESH_SQL = """
    INSERT INTO batches_typicalduration (site_id, product_id, stage, runs, median_hours, refreshed_at)
    SELECT r.site_id, o.product_id, s.code, COUNT(*),
        PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY EXTRACT(EPOCH FROM r.completed_at - r.started_at) / 3600), %(now)s
    FROM supplychain_patientorder o CROSS JOIN LATERAL (
            SELECT * FROM supplychain_stagerun r WHERE r.order_id = o.id AND r.withdrawn_at IS NULL
                AND r.status = %(completed)s AND r.completed_at BETWEEN %(since)s AND %(now)s
                AND r.started_at <= r.completed_at OFFSET 0) r
        JOIN supplychain_stage s ON s.id = r.stage_id
    WHERE o.last_recorded_at >= %(since)s
    GROUP BY r.site_id, o.product_id, s.code ORDER BY r.site_id, o.product_id, s.code
    ON CONFLICT (site_id, product_id, stage) DO UPDATE
        SET runs = EXCLUDED.runs, median_hours = EXCLUDED.median_hours, refreshed_at = EXCLUDED.refreshed_at
    RETURNING site_id, stage, product_id, runs, median_hours"""

StageKey = tuple[UUID, str, UUID]


@transaction.atomic
def refresh_typical_durations(*, now: datetime) -> int:
    """Store the median work time (hours) per site, product and stage over the newest 400 days; returns how many.

    Rows without any run in that time are dropped. Open orders that have still to end a stage whose usable median (of
    at least 20 runs) came, went or changed by more than 5 % are due for judgement.
    """
    rows = TypicalDuration.objects.values_list("site_id", "stage", "product_id", "runs", "median_hours")
    before = _usable(rows)
    parameters: dict[str, Any] = {"now": now, "since": now - LOOK_BACK, "completed": StageStatus.COMPLETED.value}
    with connection.cursor() as cursor:
        cursor.execute(REFRESH_SQL, parameters)
        fresh = cursor.fetchall()
    TypicalDuration.objects.filter(refreshed_at__lt=now).delete()
    make_due_in_turns(orders_before_stages(_changed(before, _usable(fresh))), now=now)
    return len(fresh)


def _usable(rows: Iterable[tuple[UUID, str, UUID, int, float]]) -> dict[StageKey, float]:
    """Median hours by (site, stage code, product) where there are enough runs for it to be used."""
    return {tuple(key): hours for *key, runs, hours in rows if runs >= FEWEST_RUNS_FOR_MEDIAN}


def _changed(before: dict[StageKey, float], after: dict[StageKey, float]) -> list[StageKey]:
    come_or_gone = before.keys() ^ after.keys()
    moved = (
        key for key in before.keys() & after.keys() if abs(after[key] - before[key]) > TELLING_CHANGE * before[key]
    )
    return sorted({*come_or_gone, *moved})
