"""When stages could have begun and when they did: what the hours in which sites begin them are learned from."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from batches.durations.queries.runs import LOOK_BACK
from batches.durations.rules.start_hours import Held, Started, StartHours, free_since, full_times, learn_start_hours
from batches.forecasts.queries.line_states import pool_steps
from batches.forecasts.rules.line_facts import PoolKey
from supplychain.sql import read

# By order, attempt and pool in the order in which they were begun: a stage that goes on in a kept place follows it.
STARTS_SQL = """SELECT r.order_id::text, r.attempt, r.site_id::text, site.time_zone, s.code, r.pool, s.keeps_pool,
        r.ready_at, r.started_at, COALESCE(r.completed_at, r.failed_at, o.infused_at, o.cancelled_at, o.closed_at)
    FROM supplychain_patientorder o CROSS JOIN LATERAL (
            SELECT * FROM supplychain_stagerun r WHERE r.order_id = o.id AND r.withdrawn_at IS NULL
                AND r.started_at BETWEEN %(since)s AND %(now)s OFFSET 0) r
        JOIN supplychain_stage s ON s.id = r.stage_id JOIN supplychain_site site ON site.id = r.site_id
    WHERE o.plant_id = %(line)s AND o.last_recorded_at >= %(since)s
    ORDER BY r.order_id, r.attempt, r.pool, r.started_at, s.code"""


class _Start(NamedTuple):
    order: str
    attempt: int
    site: str
    zone: str
    stage: str
    pool: str
    keeps: bool
    ready_at: datetime | None
    started_at: datetime
    ended_at: datetime | None


def start_hours_of(line_id: UUID, *, now: datetime) -> StartHours:
    """The hours in which the sites of a plant's orders begin their stages, from what began by a moment; two queries.

    Of a pool of another site only the places that orders of this plant held are known here.
    """
    starts = [_Start._make(row) for row in read(STARTS_SQL, line=line_id, since=now - LOOK_BACK, now=now)]
    full = _full(starts, pool_steps({one.site for one in starts}), now)
    return learn_start_hours(
        Started(one.site, one.zone, one.stage, _could(one, full.get((one.site, one.pool), ())), one.started_at)
        for one in starts
        if one.ready_at is not None
    )


def _could(one: _Start, full: Sequence[tuple[datetime, datetime]]) -> datetime:
    ready = min(one.ready_at or one.started_at, one.started_at)
    return ready if one.keeps else free_since(ready, one.started_at, full)


def _full(
    starts: Sequence[_Start], steps: Mapping[PoolKey, Sequence[tuple[datetime, int]]], now: datetime
) -> dict[PoolKey, list[tuple[datetime, datetime]]]:
    """When each pool of which places are recorded was full."""
    held: dict[PoolKey, list[Held]] = defaultdict(list)
    before: _Start | None = None
    for one in starts:
        key, stay = (one.site, one.pool), Held(one.started_at, one.ended_at)
        goes_on = one.keeps and before is not None and before[:3] == one[:3] and before.pool == one.pool
        if goes_on and held[key]:
            stay = held[key].pop()._replace(until=one.ended_at)
        held[key].append(stay)
        before = one
    return {key: full_times(some, steps[key], now) for key, some in held.items() if key in steps}
