"""How many places each pool has: enough nearly everywhere, too few in two places."""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from cellops.demo.engine import Clock, DemoPool, Place, Process
from cellops.demo.facts import DemoOrder, FlowPath
from cellops.demo.sites import CENTRES, LEIDEN, PLANTS, PORTO
from cellops.demo.times import MEAN_SHARE, hours
from supplychain.flows.rules.checks import StageDefinition
from supplychain.flows.statuses import StagePlace

# What a pool is called, and one place of it.
POOL_NAMES = {
    "apheresis_chair": ("Apheresis chairs", "Chair {place}"),
    "courier": ("Couriers", "Courier {place}"),
    "receiving_bench": ("Receiving benches", "Bench {place}"),
    "suite": ("Clean-room suites", "{site}-S{place:02d}"),
    "qc_lane": ("QC lanes", "QC lane {place}"),
    "qa_reviewer": ("QA reviewers", "QA reviewer {place}"),
    "infusion_bed": ("Infusion beds", "Bed {place}"),
}
ROOMY = 1.6
CENTRE_PLACES = 5
# The weeks whose orders are the load: those that have reached the plant, and not long ago.
LOAD_FROM, LOAD_TO = timedelta(days=52), timedelta(days=10)


class Tight(NamedTuple):
    """A pool that cannot keep up: who waits for it now (share of all orders; at least 3), and how it grew.

    `reached_after`: days from the order to the pool; `before_step`: share of its places until STEP_AT.
    """

    waiting_share: float
    reached_after: float
    before_step: float


TIGHTEST = (LEIDEN.code, "suite")
TIGHT = {TIGHTEST: Tight(0.017, 10.5, 0.75), (PORTO.code, "qc_lane"): Tight(0.008, 19.5, 0.55)}
FEWEST_WAITING = 3
# When a tight pool got its last places, as a share of the history.
STEP_AT = 0.55
# Pools that were short of places in the beginning: that share of today's load, until that share of the history. They
# are the bottlenecks of the past.
ONCE_TIGHT = {(LEIDEN.code, "qc_lane"): (0.4, 0.4)}


def waiting_wanted(orders: int, pool: tuple[str, str]) -> int:
    """How many should wait for a tight pool now."""
    return max(FEWEST_WAITING, round(orders * TIGHT[pool].waiting_share))


def make_pools(
    orders: Iterable[DemoOrder],
    flows: Mapping[str, FlowPath],
    start: datetime,
    now: datetime,
    more_places: int = 0,
) -> list[DemoPool]:
    """The pools of every site; capacities from `start` on, which lies before the first order.

    `more_places`: by how many the tightest pool is to differ from the estimate.
    """
    orders = list(orders)
    stages = [stage for path in flows.values() for stage in path.stages]
    pools = [
        DemoPool(plant.code, code, POOL_NAMES[code], _steps(plant.code, code, orders, flows, start, now, more_places))
        for plant in PLANTS
        for code in _codes(stages, plant=True)
    ]
    for centre in CENTRES:
        for code in _codes(stages, plant=False):
            pools.append(DemoPool(centre.code, code, POOL_NAMES[code], [(start, CENTRE_PLACES)]))
    return pools


def _codes(stages: Iterable[StageDefinition], *, plant: bool) -> list[str]:
    found = [stage.pool for stage in stages if stage.pool and (stage.place == StagePlace.PLANT) == plant]
    return list(dict.fromkeys(found))


def _steps(
    plant: str,
    code: str,
    orders: list[DemoOrder],
    flows: Mapping[str, FlowPath],
    start: datetime,
    now: datetime,
    more_places: int,
) -> list[tuple[datetime, int]]:
    of_plant = [order for order in orders if order.journey.plant.code == plant]
    if tight := TIGHT.get((plant, code)):
        visits = [
            (order.ordered_at + timedelta(days=tight.reached_after), hours(stay))
            for order in of_plant
            for stay in _stays(flows[order.journey.flow], code)
        ]
        places = _places_that_leave_waiting(waiting_wanted(len(orders), (plant, code)), visits, tight, start, now)
        more = more_places if (plant, code) == TIGHTEST else 0
        return _grown(max(places + more, 1), tight.before_step, start, now)
    recent = [order for order in of_plant if now - LOAD_FROM <= order.ordered_at < now - LOAD_TO]
    wanted = sum(sum(_stays(flows[order.journey.flow], code)) for order in recent)
    load = wanted / ((LOAD_FROM - LOAD_TO) / timedelta(hours=1))
    places = math.ceil(load * ROOMY) + 2
    if (plant, code) in ONCE_TIGHT:
        share, until = ONCE_TIGHT[plant, code]
        return [(start, max(1, round(load * share))), (start + (now - start) * until, places)]
    return [(start, places)]


def _stays(path: FlowPath, code: str) -> list[float]:
    """Hours for which one order usually holds a place of a pool, each time that it takes one."""
    beside = [stage.planned_hours for tests in path.beside.values() for stage in tests if stage.pool == code]
    making = [stage for stage in path.stages if stage.pool == code]
    # Log-normal work has a mean a little over its median; tests beside take their full time.
    alone = [stage.planned_hours * MEAN_SHARE for stage in making if not any(one.keeps_pool for one in making)]
    kept = [sum(stage.planned_hours for stage in making) * MEAN_SHARE] if not alone and making else []
    return [*alone, *kept, *beside]


def _places_that_leave_waiting(
    waiting: int, visits: list[tuple[datetime, timedelta]], tight: Tight, start: datetime, now: datetime
) -> int:
    """The most places with which at least `waiting` would stand in the queue now."""
    places = 1
    while _queue_now(_grown(places + 1, tight.before_step, start, now), visits, start, now) >= waiting:
        places += 1
    return places


def _grown(places: int, before_step: float, start: datetime, now: datetime) -> list[tuple[datetime, int]]:
    before = max(1, min(places - 1, round(places * before_step)))
    if before_step == 1 or places == 1:
        return [(start, places)]
    return [(start, before), (start + (now - start) * STEP_AT, places)]


def _queue_now(
    steps: list[tuple[datetime, int]], visits: list[tuple[datetime, timedelta]], start: datetime, now: datetime
) -> int:
    clock, pool = Clock(start), DemoPool("", "", ("", ""), steps)
    clock.add_places(pool)
    for moment, stay in visits:
        clock.start(_visit(clock, pool, stay), moment)
    clock.run(until=now)
    return len(pool.waiting)


def _visit(clock: Clock, pool: DemoPool, stay: timedelta) -> Process:
    place = yield Place(pool)
    yield clock.now + stay
    clock.give_back(pool, place)
