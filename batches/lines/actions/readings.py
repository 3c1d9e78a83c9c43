"""What the pool rules need, read for many pools at once: the cost follows their load and the window, not history."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from batches.capacity.models import PoolCapacity
from batches.durations.models import TypicalDuration
from batches.judgement.rules.facts import FEWEST_RUNS_FOR_MEDIAN
from batches.lines.rules.intervals import intervals_of
from batches.lines.rules.places import PlaceRun, places_of
from batches.lines.rules.pools import WINDOW_HOURS, PoolFacts
from batches.lines.rules.services import PooledStage, usual_service_hours
from supplychain.flows.models import Stage
from supplychain.orders.actions.store import ORDER_TABLE, RUN_TABLE
from supplychain.orders.statuses import ACTIVE_STAGE_STATUSES
from supplychain.sql import read, texts

# Orders that hold, wait for or within the window gave back a place, each arm by its own partial index (pool_load,
# pool_completions, pool_arrivals); then all their runs of the pool, for a place may have been taken long before.
# OFFSET 0 keeps the planner from reading the whole history for the few failures.
# Last columns: a stage that waits for this one has started; the order ended for this stage; it is on hold; booked for.
PLACE_RUNS_SQL = f"""
    WITH reviewed AS (
        SELECT * FROM unnest(%(sites)s::uuid[], %(codes)s::text[]) WITH ORDINALITY AS p(site_id, pool, number)),
    concerned AS MATERIALIZED (
        SELECT r.order_id, number FROM reviewed JOIN {RUN_TABLE} r USING (site_id, pool)
            JOIN {ORDER_TABLE} o ON o.id = r.order_id
            WHERE r.status IN %(active)s AND r.pool <> '' AND r.withdrawn_at IS NULL
            AND COALESCE(LEAST(o.cancelled_at, o.closed_at), 'infinity') > %(opened)s
        UNION SELECT r.order_id, number FROM reviewed JOIN {RUN_TABLE} r USING (site_id, pool)
            WHERE r.completed_at IS NOT NULL AND r.completed_at >= %(opened)s AND r.withdrawn_at IS NULL
        UNION SELECT r.order_id, number FROM reviewed JOIN {RUN_TABLE} r USING (site_id, pool)
            WHERE r.failed_at IS NOT NULL AND r.failed_at >= %(opened)s AND r.withdrawn_at IS NULL)
    SELECT number, r.order_id::text, r.attempt, s.position, s.keeps_pool, r.status, r.ready_at, r.started_at,
        r.completed_at, r.failed_at, r.held_at,
        CASE WHEN r.status IN %(active)s THEN (
            SELECT MIN(COALESCE(f.started_at, f.completed_at)) FROM {RUN_TABLE} f
            JOIN supplychain_stage fs ON fs.id = f.stage_id
            WHERE f.order_id = r.order_id AND f.withdrawn_at IS NULL AND f.attempt >= r.attempt
            AND s.code = ANY(fs.after)) END,
        LEAST(o.cancelled_at, o.closed_at, CASE WHEN NOT s.may_end_after_release THEN o.infused_at END), o.held_at,
        r.planned_start_at, r.details ->> 'planned_pickup_at'
    FROM concerned c JOIN reviewed p USING (number)
        JOIN {RUN_TABLE} r ON r.order_id = c.order_id AND r.site_id = p.site_id AND r.pool = p.pool
            AND r.withdrawn_at IS NULL
        JOIN supplychain_stage s ON s.id = r.stage_id JOIN {ORDER_TABLE} o ON o.id = r.order_id"""

PoolKey = tuple[UUID, str]


@dataclass(frozen=True, slots=True)
class PoolReadings:
    """Facts by (site, pool code), and the stages of the current flows that need these pools."""

    facts: dict[PoolKey, PoolFacts]
    stages: list[PooledStage]


def read_pools(pools: dict[PoolKey, UUID], *, now: datetime, window_hours: float = WINDOW_HOURS) -> PoolReadings:
    """The facts of `pools` ((site, code) → pool id) over a window in four statements, however many they are."""
    sites = {site_id for site_id, _ in pools}
    stages = _planned_stages({code for _, code in pools})
    typical = _typical_hours(sites)
    steps = _steps(pools.values())
    runs = _place_runs(pools, now - timedelta(hours=window_hours))
    facts = {}
    for (site_id, code), pool_id in pools.items():
        service = usual_service_hours(stages, code, typical.get(site_id, {}))
        of_pool = runs[site_id, code]
        facts[site_id, code] = PoolFacts(
            steps.get(pool_id, []), *places_of(of_pool), service, stays=intervals_of(of_pool)
        )
    return PoolReadings(facts, stages)


def read_further_back(
    readings: PoolReadings, pools: Collection[PoolKey], *, opened: datetime
) -> dict[PoolKey, PoolFacts]:
    """The same facts of some pools from `opened` on, in one statement."""
    runs = _place_runs(pools, opened)
    found = {}
    for key in pools:
        occupancies, waits = places_of(runs[key])
        stays = intervals_of(runs[key])
        found[key] = replace(readings.facts[key], occupancies=occupancies, waits=waits, stays=stays)
    return found


def _planned_stages(codes: Collection[str]) -> list[PooledStage]:
    columns = ("flow_id", "flow__product_id", "position", "code", "pool", "keeps_pool", "planned_hours")
    rows = Stage.objects.filter(flow__is_current=True, pool__in=codes).order_by().values_list(*columns)
    return [PooledStage(*row) for row in rows]


def _typical_hours(sites: Collection[UUID]) -> dict[UUID, dict[tuple[UUID, str], float]]:
    rows = TypicalDuration.objects.filter(site__in=sites, runs__gte=FEWEST_RUNS_FOR_MEDIAN)
    typical: dict[UUID, dict[tuple[UUID, str], float]] = {}
    for site_id, product_id, stage, hours in rows.values_list("site_id", "product_id", "stage", "median_hours"):
        typical.setdefault(site_id, {})[product_id, stage] = hours
    return typical


def _steps(pool_ids: Collection[UUID]) -> dict[UUID, list[tuple[datetime, int]]]:
    steps: dict[UUID, list[tuple[datetime, int]]] = {}
    rows = PoolCapacity.objects.filter(pool__in=list(pool_ids)).order_by().values_list("pool_id", "starts_at", "places")
    for pool_id, starts_at, places in rows:
        steps.setdefault(pool_id, []).append((starts_at, places))
    return steps


def _place_runs(pools: Collection[PoolKey], opened: datetime) -> dict[PoolKey, list[PlaceRun]]:
    parameters: dict[str, Any] = {
        "sites": texts(site_id for site_id, _ in pools),
        "codes": [code for _, code in pools],
        "active": tuple(ACTIVE_STAGE_STATUSES),
        "opened": opened,
    }
    runs: dict[PoolKey, list[PlaceRun]] = {key: [] for key in pools}
    of_number = list(runs.values())
    for row in read(PLACE_RUNS_SQL, **parameters):
        of_number[row[0] - 1].append(PlaceRun._make(row[1:]))
    return runs
