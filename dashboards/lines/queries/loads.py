"""What stands at each stage now, summed by PostgreSQL: a row for each run costs more than all the rest of a page."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, F, Q, QuerySet, Value, When

from dashboards.lines.queries.history import Window
from dashboards.lines.rules.figures import AGE_LIMITS, AGE_NAMES, HOUR, Load
from supplychain.orders.models import StageRun
from supplychain.orders.models.stage_runs import expected_start, waits_since
from supplychain.orders.queries import runs_at
from supplychain.orders.statuses import ACTIVE_STAGE_STATUSES, ENDED_ORDER_STATUSES, StageStatus
from supplychain.sites.models import Site


def _ages(of: str) -> str:
    counts = (f"COUNT(*) FILTER (WHERE kind = 'waiting' AND {of} AND age = {age})" for age in range(len(AGE_NAMES)))
    return f"ARRAY[{', '.join(counts)}]"


# Of an even number of waits the median lies between the two in the middle: from either end the first that half have.
MIDDLE = "PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY since{}) FILTER (WHERE kind = 'waiting')"
SUMS_SQL = f"""WITH runs (site_id, stage, kind, is_past, since) AS MATERIALIZED ({{}}),
    aged AS (SELECT *, WIDTH_BUCKET(%s::timestamptz - since, %s::interval[]) AS age FROM runs)
    SELECT site_id, stage, COUNT(*) FILTER (WHERE kind = 'at work'), COUNT(*) FILTER (WHERE kind = 'on hold'),
    COUNT(*) FILTER (WHERE kind = 'booked'), COUNT(*) FILTER (WHERE kind = 'booked' AND is_past),
    {_ages("NOT is_past")}, {_ages("is_past")},
    MIN(since) FILTER (WHERE kind = 'waiting'), {MIDDLE.format("")}, {MIDDLE.format(" DESC")}
    FROM aged GROUP BY site_id, stage"""


def loads_at_stages(sites: Collection[Site], window: Window) -> dict[UUID, dict[str, Load]]:
    """By site and stage; one query."""
    now = window.now
    try:
        runs, given = _runs(sites, window).query.sql_with_params()
    except EmptyResultSet:  # No sites, or no stages of such a product.
        return {}
    found: dict[UUID, dict[str, Load]] = {}
    with connection.cursor() as cursor:
        cursor.execute(SUMS_SQL.format(runs), (*given, now, [timedelta(hours=limit) for limit in AGE_LIMITS]))
        for site_id, stage, *sums in cursor.fetchall():
            found.setdefault(site_id, {})[stage] = _load(sums, now)
    return found


def _runs(sites: Collection[Site], window: Window) -> QuerySet[StageRun, Any]:
    """Each run as what it counts (rules.standing), whether its permitted wait has run out, and since when it waits."""
    now = window.now
    runs = StageRun.objects.filter(status__in=ACTIVE_STAGE_STATUSES, stage__in=window.stages, site__in=sites)
    kind = Case(
        When(runs_at(StageStatus.RUNNING, now), then=Value("at work")),
        When(runs_at(StageStatus.HELD, now), then=Value("on hold")),
        When(Q(status=StageStatus.RUNNING) | Q(expected__gt=now), then=Value("booked")),
        default=Value("waiting"),
    )
    is_past = Case(When(wait_expires_at__lt=now, then=Value(True)), default=Value(False))
    since = Case(When(waits_since__lt=now, then=F("waits_since")), default=Value(now))
    runs = runs.exclude(order__status__in=ENDED_ORDER_STATUSES).order_by()
    runs = runs.annotate(expected=expected_start(), waits_since=waits_since())
    return runs.values_list("site_id", "stage__code", kind, is_past, since)


def _load(sums: list[Any], now: datetime) -> Load:
    running, held, booked, booked_past, within, past, oldest, *middle = sums
    below, above = (_hours(since, now) for since in middle)
    return Load(
        running=running,
        held=held,
        booked=booked,
        booked_past=booked_past,
        within=within,
        past=past,
        oldest_hours=_hours(oldest, now),
        median_hours=None if below is None or above is None else (below + above) / 2,
    )


def _hours(since: datetime | None, now: datetime) -> float | None:
    return None if since is None else (now - since) / HOUR
