"""What a line's stage runs say of the past weeks. Read by window: the cost follows it, not the years of history.

Every statement names the pools besides the site, since the partial indexes of stage runs are (site, pool, moment).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from dashboards.lines.rules.figures import PresenceChange, Times, counts_by_week
from supplychain.orders.models import PatientOrder
from supplychain.orders.statuses import ACTIVE_STAGE_STATUSES, StageStatus
from supplychain.pages.minutes import once_a_minute
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind

WAIT = "GREATEST(r.started_at - r.ready_at, interval '0')"
WORK = "r.completed_at - r.started_at"
# Exact, for the edges of bars; percentiles are floats in any case, and EXTRACT's decimals cost a third of their time.
WAIT_HOURS, WORK_HOURS = (f"EXTRACT(EPOCH FROM {span}) / 3600" for span in (WAIT, WORK))
WAITED, WORKED = (f"DATE_PART('epoch', {span}) / 3600" for span in (WAIT, WORK))
HAS_WAIT = "r.ready_at IS NOT NULL AND r.started_at IS NOT NULL"
HAS_WORK = "r.started_at <= r.completed_at"
COMPLETED = """FROM supplychain_stagerun r JOIN supplychain_stage s ON s.id = r.stage_id
    WHERE r.site_id = ANY(%(sites)s::uuid[]) AND r.pool = ANY(%(pools)s) AND r.stage_id = ANY(%(stages)s::uuid[])
    AND r.completed_at >= %(since)s AND r.completed_at <= %(now)s AND r.status = %(completed)s
    AND r.withdrawn_at IS NULL"""
HALF_AND_NINE_TENTHS = "PERCENTILE_CONT(ARRAY[0.5, 0.9]) WITHIN GROUP"
TIMES_SQL = f"""SELECT r.site_id, s.code, COUNT(*),
    COUNT(*) FILTER (WHERE {HAS_WAIT}), {HALF_AND_NINE_TENTHS} (ORDER BY {WAITED}) FILTER (WHERE {HAS_WAIT}),
    COUNT(*) FILTER (WHERE {HAS_WORK}), {HALF_AND_NINE_TENTHS} (ORDER BY {WORKED}) FILTER (WHERE {HAS_WORK})
    {COMPLETED} GROUP BY r.site_id, s.code"""
BY_WEEK_SQL = f"""SELECT s.code, WIDTH_BUCKET(r.completed_at, %(weeks)s::timestamptz[]), COUNT(*)
    {COMPLETED} GROUP BY 1, 2"""
BARS_SQL = f"""SELECT 'waiting', WIDTH_BUCKET({WAIT_HOURS}, %(wait_edges)s::numeric[]), COUNT(*)
    {COMPLETED} AND {HAS_WAIT} GROUP BY 2 UNION ALL
    SELECT 'working', WIDTH_BUCKET({WORK_HOURS}, %(work_edges)s::numeric[]), COUNT(*)
    {COMPLETED} AND {HAS_WORK} GROUP BY 2"""
# Who comes at a moment is there then, who leaves at it is not: WIDTH_BUCKET alone would have it the other way round.
JUST = "interval '1 microsecond'"
# Each run that was there at some time of the window: completed or failed in it, or still standing; the last, once its
# order has ended, up to that end. Then each comes to its wait, goes over to its work, and leaves.
CHANGES_SQL = f"""WITH present AS (
        SELECT r.stage_id, r.ready_at, r.started_at, r.completed_at AS left_at FROM supplychain_stagerun r
            WHERE r.site_id = ANY(%(sites)s::uuid[]) AND r.pool = ANY(%(pools)s)
            AND r.stage_id = ANY(%(stages)s::uuid[]) AND r.completed_at >= %(since)s AND r.status = %(completed)s
            AND r.withdrawn_at IS NULL
        UNION ALL SELECT r.stage_id, r.ready_at, r.started_at, r.failed_at FROM supplychain_stagerun r
            WHERE r.site_id = ANY(%(sites)s::uuid[]) AND r.pool = ANY(%(pools)s)
            AND r.stage_id = ANY(%(stages)s::uuid[]) AND r.failed_at >= %(since)s AND r.status = %(failed)s
            AND r.withdrawn_at IS NULL
        UNION ALL SELECT r.stage_id, r.ready_at, r.started_at, LEAST(o.cancelled_at, o.closed_at)
            FROM supplychain_stagerun r JOIN supplychain_patientorder o ON o.id = r.order_id
            WHERE r.site_id = ANY(%(sites)s::uuid[]) AND r.stage_id = ANY(%(stages)s::uuid[])
            AND r.withdrawn_at IS NULL AND r.status = ANY(%(active)s)
            AND COALESCE(LEAST(o.cancelled_at, o.closed_at), 'infinity') >= %(since)s),
    spans AS (
        SELECT stage_id, 'waiting' AS part, LEAST(ready_at, started_at, left_at) AS began,
            LEAST(started_at, left_at) AS ended FROM present
        UNION ALL SELECT stage_id, 'working', started_at, left_at FROM present WHERE started_at IS NOT NULL),
    steps AS (
        SELECT stage_id, part, WIDTH_BUCKET(began - {JUST}, %(moments)s::timestamptz[]) AS bucket, 1 AS step FROM spans
            WHERE began IS NOT NULL
        UNION ALL SELECT stage_id, part, WIDTH_BUCKET(ended - {JUST}, %(moments)s::timestamptz[]), -1 FROM spans
            WHERE began IS NOT NULL AND ended IS NOT NULL)
    SELECT s.code, part, bucket, SUM(step) FROM steps JOIN supplychain_stage s ON s.id = stage_id GROUP BY 1, 2, 3"""


@dataclass(frozen=True, slots=True)
class Window:
    """Which runs: of these sites, pools and stages, from `since` (aware) to `now`."""

    sites: Collection[UUID]
    pools: Collection[str]
    stages: Collection[UUID]
    since: datetime
    now: datetime

    @property
    def parameters(self) -> dict[str, Any]:
        """For the statements."""
        return {
            "sites": [str(one) for one in self.sites],
            "pools": list(self.pools),
            "stages": [str(one) for one in self.stages],
            "since": self.since,
            "now": self.now,
            "completed": StageStatus.COMPLETED.value,
            "failed": StageStatus.FAILED.value,
            "active": [status.value for status in ACTIVE_STAGE_STATUSES],
        }


def times_in_stage(window: Window) -> dict[UUID, dict[str, Times]]:
    """By site and stage: how long the runs completed in the window waited and worked. One query; none within a minute
    of the last, for the page comes again with every event, and weeks of runs are sorted for it."""
    asked = sorted((window.parameters | {"now": ""}).items())
    rows = once_a_minute("times-in-stage", asked, window.now, lambda: _read(TIMES_SQL, window))
    found: dict[UUID, dict[str, Times]] = {}
    for site_id, code, completed, waits, wait, works, work in rows:
        times = Times(completed, waits, *(wait or (None, None)), works, *(work or (None, None)))
        found.setdefault(site_id, {})[code] = times
    return found


def progress_changes(window: Window, moments: Sequence[datetime]) -> list[PresenceChange]:
    """How work in progress changed between the moments. One query."""
    return [PresenceChange(*row) for row in _read(CHANGES_SQL, window, moments=list(moments))]


def completed_by_week(window: Window, weeks: Sequence[datetime]) -> dict[str, list[int]]:
    """By stage: completed in each of the weeks. One query."""
    return counts_by_week(_read(BY_WEEK_SQL, window, weeks=list(weeks)), len(weeks))


def infused_by_week(site: Site, products: Collection[UUID], weeks: Sequence[datetime], now: datetime) -> list[int]:
    """Patients infused in each of the weeks with what this plant made, or at this centre. One query."""
    at_site = Q(plant=site) if site.kind == SiteKind.PLANT else Q(infusion_site=site)
    infused = PatientOrder.objects.filter(at_site, product__in=products, infused_at__gte=weeks[0], infused_at__lte=now)
    counts = [0] * len(weeks)
    for moment in infused.values_list("infused_at", flat=True):
        counts[sum(start <= moment for start in weeks) - 1] += 1
    return counts


def bars(window: Window, wait_edges: Sequence[float], work_edges: Sequence[float]) -> tuple[list[int], list[int]]:
    """How many runs waited, and worked, how long: a number for each bar. One query."""
    counts = {"waiting": [0] * len(wait_edges), "working": [0] * len(work_edges)}
    for part, bar, count in _read(BARS_SQL, window, wait_edges=list(wait_edges), work_edges=list(work_edges)):
        counts[part][max(bar - 1, 0)] += count
    return counts["waiting"], counts["working"]


def _read(sql: str, window: Window, **more: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, window.parameters | more)
        return cursor.fetchall()
