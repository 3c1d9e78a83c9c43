"""What the pool rules need, read for many pools at once: the cost follows their load and the window, not history."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from batches.capacity.models import PoolCapacity
from batches.durations.models import TypicalDuration
from batches.judgement.rules.facts import FEWEST_RUNS_FOR_MEDIAN
from batches.judgement.rules.moments import micros
from batches.lines.actions.visits import PLACE_COLUMNS, keep_visits
from batches.lines.rules.intervals import intervals_of
from batches.lines.rules.places import PlaceRun, places_of
from batches.lines.rules.pool_facts import HeldPlaces, PoolFacts, Waits
from batches.lines.rules.pools import WINDOW_HOURS
from batches.lines.rules.services import PooledStage, usual_service_hours
from batches.lines.rules.visits import held_in, stays_in, waits_in
from supplychain.flows.models import Stage
from supplychain.orders.actions.store import ORDER_TABLE, RUN_TABLE
from supplychain.orders.statuses import ACTIVE_STAGE_STATUSES
from supplychain.sql import LOST, read, texts

logger = logging.getLogger(__name__)

# Orders that hold, wait for or within the window gave back a place, each arm by its own partial index (pool_load,
# pool_completions, pool_failures); then all their runs of the pool, for a place may have been taken long before.
# OFFSET 0 keeps the planner from reading the whole history for the few failures.
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
    SELECT number, {PLACE_COLUMNS}
    FROM concerned c JOIN reviewed p USING (number)
        JOIN {RUN_TABLE} r ON r.order_id = c.order_id AND r.site_id = p.site_id AND r.pool = p.pool
            AND r.withdrawn_at IS NULL
        JOIN supplychain_stage s ON s.id = r.stage_id JOIN {ORDER_TABLE} o ON o.id = r.order_id"""
# A row for each pool, however many orders were there: its visits one after the other, as columns read them.
VISITS_SQL = """SELECT number, string_agg(v.held, ''), string_agg(v.waits, '')
    FROM unnest(%(sites)s::uuid[], %(codes)s::text[]) WITH ORDINALITY AS p(site_id, pool, number)
        JOIN batches_poolvisit v USING (site_id, pool) WHERE v.until >= %(opened)s GROUP BY number"""
STAYS_SQL = VISITS_SQL.replace("string_agg(v.held, ''), string_agg(v.waits, '')", "string_agg(v.stays, '')")

PoolKey = tuple[UUID, str]


@dataclass(frozen=True, slots=True)
class PoolReadings:
    """Facts by (site, pool code), and the stages of the current flows that need these pools.

    `kept`: they rest on the visits that the worker keeps, and have no `stays` yet; else on the runs themselves.
    """

    facts: dict[PoolKey, PoolFacts]
    stages: list[PooledStage]
    kept: bool = False


def read_pools(pools: dict[PoolKey, UUID], *, now: datetime) -> PoolReadings:
    """The facts of `pools` ((site, code) → pool id) over the window of a review, from visits brought up to date.

    Where those cannot be made (what the rules read of one order raises) the runs are read: their own site says so.
    """
    try:
        keep_visits(now=now)
    except LOST:
        raise
    except Exception:
        logger.exception("Visits to pools could not be brought up to date; the runs themselves are read.")
        return read_whole_pools(pools, now=now)
    opened = now - timedelta(hours=WINDOW_HOURS)
    return PoolReadings(*_with_facts(pools, _visits(pools, opened)), kept=True)


def read_whole_pools(pools: dict[PoolKey, UUID], *, now: datetime, window_hours: float = WINDOW_HOURS) -> PoolReadings:
    """The same from the runs themselves, over any window, in four statements however many pools they are."""
    runs = _place_runs(pools, now - timedelta(hours=window_hours))
    uses = {key: (*places_of(of_pool), intervals_of(of_pool)) for key, of_pool in runs.items()}
    return PoolReadings(*_with_facts(pools, uses))


def with_stays(readings: PoolReadings, pools: Collection[PoolKey], *, now: datetime) -> dict[PoolKey, PoolFacts]:
    """The facts of some of these pools with the stage runs at work in them; one statement at most."""
    if not readings.kept:
        return {key: readings.facts[key] for key in pools}
    packed = _packed(STAYS_SQL, pools, now - timedelta(hours=WINDOW_HOURS))
    return {
        key: replace(readings.facts[key], stays=stays_in(stays)) for key, (stays,) in zip(pools, packed, strict=True)
    }


def read_further_back(
    readings: PoolReadings, pools: Collection[PoolKey], *, opened: datetime
) -> dict[PoolKey, PoolFacts]:
    """The same facts of some pools from `opened` on, without stays, in one statement."""
    if readings.kept:
        uses = _visits(pools, opened)
    else:
        uses = {key: places_of(runs) for key, runs in _place_runs(pools, opened).items()}
    return {
        key: replace(readings.facts[key], occupancies=held, waits=waits, stays=())
        for key, (held, waits) in uses.items()
    }


def _with_facts(
    pools: dict[PoolKey, UUID], uses: Mapping[PoolKey, Sequence[Any]]
) -> tuple[dict[PoolKey, PoolFacts], list[PooledStage]]:
    """The facts of each pool from who held a place, who waited and, if given, what was at work; the stages."""
    stages = _planned_stages({code for _, code in pools})
    typical = _typical_hours({site_id for site_id, _ in pools})
    steps = _steps(pools.values())
    facts = {}
    for (site_id, code), pool_id in pools.items():
        service = usual_service_hours(stages, code, typical.get(site_id, {}))
        held, waits, *stays = uses[site_id, code]
        facts[site_id, code] = PoolFacts(steps.get(pool_id, []), held, waits, service, *stays)
    return facts, stages


def _visits(pools: Collection[PoolKey], opened: datetime) -> dict[PoolKey, tuple[HeldPlaces, Waits]]:
    packed = _packed(VISITS_SQL, pools, opened)
    return {key: (held_in(held), waits_in(waits)) for key, (held, waits) in zip(pools, packed, strict=True)}


def _packed(sql: str, pools: Collection[PoolKey], opened: datetime) -> list[Sequence[bytes]]:
    """What the visits of each pool have, one after the other; nothing of pools where nobody was."""
    sites, codes = texts(site_id for site_id, _ in pools), [code for _, code in pools]
    rows = {number: packed for number, *packed in read(sql, sites=sites, codes=codes, opened=micros(opened))}
    return [rows.get(number, (b"", b"")[: sql.count("string_agg")]) for number in range(1, len(pools) + 1)]


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
