"""The tables of the line pages as rows of a file."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from dashboards.lines.queries.lines import LineFigures
from dashboards.lines.queries.pages import LineHistory
from dashboards.lines.rules.figures import HOUR
from supplychain.orders.models import StageRun

STAGE_COLUMNS = (
    "site", "stage", "name", "pool", "pool_busy", "pool_capacity", "is_bottleneck", "running", "waiting", "on_hold",
    "past_permitted_wait", "oldest_wait_hours", "median_wait_hours", "completed", "waited_median_hours",
    "waited_p90_hours", "worked_median_hours", "worked_p90_hours", "planned_hours",
)  # fmt: skip
RUN_COLUMNS = (
    "order", "patient_reference", "product", "ordering_site", "stage", "attempt", "status", "ready_at", "started_at",
    "completed_at", "waited_hours", "worked_hours",
)  # fmt: skip


def stage_rows(lines: Iterable[LineFigures]) -> Iterator[list[Any]]:
    """One row for each stage of each site."""
    for line in lines:
        for group in line.groups:
            busy, capacity = (group.state.busy, group.state.capacity) if group.state else (None, None)
            for row in group.rows:
                load, times = row.load, row.times
                yield [
                    line.site.code, row.stage.code, row.stage.name, row.stage.pool, busy, capacity,
                    "yes" if group.period else "no", load.running, load.waiting, load.held, load.past_permitted,
                    _rounded(load.oldest_hours), _rounded(load.median_hours), times.completed,
                    _rounded(times.wait_median), _rounded(times.wait_p90), _rounded(times.work_median),
                    _rounded(times.work_p90), "/".join(f"{hours:g}" for hours in row.stage.planned),
                ]  # fmt: skip


def run_rows(runs: Iterable[StageRun], now: datetime) -> Iterator[list[Any]]:
    """One row for each run; what goes on is counted up to now."""
    for run in runs:
        ended = run.completed_at or run.failed_at or now
        left = run.started_at or (None if run.completed_at or run.failed_at else now)
        waited = left - run.ready_at if left and run.ready_at else None
        yield [
            run.order.coi, run.order.patient_reference, run.order.product.code, run.order.ordering_site.code,
            run.stage.code, run.attempt, run.status, run.ready_at, run.started_at, run.completed_at,
            None if waited is None else round(max(waited / HOUR, 0), 2),
            round((ended - run.started_at) / HOUR, 2) if run.started_at else None,
        ]  # fmt: skip


def week_names(history: LineHistory) -> list[str]:
    """The Monday of each week."""
    return [week.date().isoformat() for week in history.weeks]


def week_rows(history: LineHistory) -> Iterator[list[Any]]:
    """What each stage completed in each week."""
    for row in history.week_rows:
        yield [row.stage.code, row.total, *(count for count, _ in row.cells)]


def _rounded(hours: float | None) -> float | None:
    return None if hours is None else round(hours, 2)
