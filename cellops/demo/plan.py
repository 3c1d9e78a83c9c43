"""The demo's past, made up: orders, what was reported of them, and who had how many places. Pure and seeded."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from random import Random
from zoneinfo import ZoneInfo

from cellops.demo import numbers
from cellops.demo.capacities import TIGHTEST, make_pools, waiting_wanted
from cellops.demo.engine import Clock, DemoPool
from cellops.demo.facts import DemoEvent, DemoOrder, FlowPath, Stall, World
from cellops.demo.journeys import Travel
from cellops.demo.risks import Risk, choose_risks, stalls_of
from cellops.demo.sites import CENTRES, JOURNEYS
from cellops.demo.times import SATURDAY
from supplychain.flows.rules.checks import FlowDefinition
from supplychain.orders.statuses import StageEventKind

HISTORY = timedelta(days=183)
# Demand grows: the rate at the end is four times that at the beginning (density 0.4 + 1.2 t on 0–1).
FIRST_RATE, GROWTH = 0.4, 1.2
URGENT_SHARE = 0.12
# Promised is what nine of ten doses of the same kind kept, in whole days, that were ready in the 60 days before it.
# Of fewer than so many nothing is read: the usual promise is made, as for the first orders of all.
PROMISE_SHARE, LATELY, FEWEST_DOSES = 0.9, timedelta(days=60), 5
# How far the tightest pool's queue may be from the wanted one, and how often to try.
QUEUE_LIMITS = (0.6, 1.6)
MOST_TRIES = 5
USUAL_PROMISE = timedelta(days=35)


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """Everything to bring in. `events` in the order in which they are heard of; `risks` by name, with the order."""

    now: datetime
    start: datetime
    orders: Sequence[DemoOrder]
    events: Sequence[DemoEvent]
    pools: Sequence[DemoPool]
    risks: Sequence[Risk]


def make_plan(*, seed: int, orders: int, now: datetime, flows: Mapping[str, FlowDefinition]) -> DemoPlan:
    """The past of `orders` orders up to `now`; the same arguments give the same plan.

    Made up more than once: until the queue of the tight pool is about as long as wanted, to see which order stands
    where, and then again with some of them made to stall.
    """
    now = now.replace(microsecond=0)
    start = now - HISTORY
    paths = {code: FlowPath.of(flow) for code, flow in flows.items()}
    wanted = _make_orders(seed, orders, start, now)
    run = partial(_simulate, seed, wanted, paths, start, now)
    first, places = _with_a_queue(run, len(wanted))
    risks = choose_risks(wanted, first, now)
    events, pools = run(stalls_of(risks), places)
    _promise(wanted, events, paths)
    for risk in risks:
        risk.change(risk.orders, events, now)
    heard = sorted((event for event in events if event.heard_at <= now), key=lambda event: event.heard_at)
    return DemoPlan(now, start, wanted, heard, pools, risks)


def _simulate(
    seed: int,
    orders: Sequence[DemoOrder],
    paths: Mapping[str, FlowPath],
    start: datetime,
    now: datetime,
    stalls: dict[int, Stall],
    more_places: int,
) -> tuple[list[DemoEvent], list[DemoPool]]:
    pools = make_pools(orders, paths, start, now, more_places)
    clock = Clock(start)
    world = World(seed, clock, {(pool.site, pool.code): pool for pool in pools}, dict(paths), stalls)
    for pool in pools:
        clock.add_places(pool)
    for order in orders:
        clock.start(Travel(order, world).walk(), order.ordered_at)
    clock.run(until=now)
    return world.events, pools


def _with_a_queue(
    run: Callable[[dict[int, Stall], int], tuple[list[DemoEvent], list[DemoPool]]], orders: int
) -> tuple[list[DemoEvent], int]:
    """The past without stalls, and how many places more or fewer the tightest pool needs for a fair queue."""
    wanted = waiting_wanted(orders, TIGHTEST)
    tried: dict[int, tuple[float, list[DemoEvent]]] = {}
    more = 0
    while more not in tried and len(tried) < MOST_TRIES:
        events, pools = run({}, more)
        waiting = next(len(pool.waiting) for pool in pools if (pool.site, pool.code) == TIGHTEST)
        tried[more] = (abs(math.log((waiting + 1) / (wanted + 1))), events)
        if QUEUE_LIMITS[0] * wanted <= waiting <= QUEUE_LIMITS[1] * wanted:
            break
        more += 1 if waiting > wanted else -1
    best = min(tried, key=lambda places: tried[places][0])
    return tried[best][1], best


def _make_orders(seed: int, count: int, start: datetime, now: datetime) -> list[DemoOrder]:
    random = Random(f"{seed}:orders")
    moments = []
    for index in range(count):
        # The inverse of the share of demand that has come by t: evenly spread shares give growing demand.
        share = (index + random.random()) / count
        t = (-FIRST_RATE + math.sqrt(FIRST_RATE**2 + 2 * GROWTH * share)) / GROWTH
        moments.append(start + (now - start) * t)
    return [_make_order(random, index, moment, now) for index, moment in enumerate(moments)]


def _make_order(random: Random, index: int, moment: datetime, now: datetime) -> DemoOrder:
    journey = random.choices(JOURNEYS, weights=[one.share for one in JOURNEYS])[0]
    centre = random.choice(CENTRES)
    ordered_at = _in_office_hours(random, moment, centre.time_zone, now)
    return DemoOrder(
        index=index,
        coi=numbers.coi(random, ordered_at),
        patient_reference=numbers.patient_reference(random),
        hospital_order_number=f"{centre.code[:3].upper()}-{ordered_at:%Y}-{index + 1:05d}",
        journey=journey,
        centre=centre,
        urgent=random.random() < URGENT_SHARE,
        ordered_at=ordered_at,
    )


def _in_office_hours(random: Random, moment: datetime, zone: str, now: datetime) -> datetime:
    """Some time in the working day on or before that of `moment`."""
    day = moment.astimezone(ZoneInfo(zone)).date()
    while day.weekday() >= SATURDAY:
        day -= timedelta(days=1)
    local = datetime.combine(day, time(8 + random.randrange(9), random.randrange(60)), tzinfo=ZoneInfo(zone))
    ordered_at = local.astimezone(moment.tzinfo)
    return ordered_at if ordered_at < now else now - timedelta(minutes=random.randrange(20, 300))


def _promise(orders: Sequence[DemoOrder], events: Sequence[DemoEvent], paths: Mapping[str, FlowPath]) -> None:
    """Promise each order what most of its kind had lately kept when it was placed, at noon of the centre's day."""
    taken: dict[tuple[str, str], list[tuple[datetime, float]]] = {}
    by_index = {order.index: order for order in orders}
    for event in events:
        order = by_index[event.order]
        if event.kind == StageEventKind.COMPLETED and event.stage == paths[order.journey.flow].stages[-2].code:
            days = (event.occurred_at - order.ordered_at) / timedelta(days=1)
            taken.setdefault(order.journey[:2], []).append((event.occurred_at, days))
    for order in orders:
        length = _length(taken.get(order.journey[:2], ()), order.ordered_at)
        day = (order.ordered_at + length).astimezone(ZoneInfo(order.centre.time_zone)).date()
        noon = datetime.combine(day, time(12), tzinfo=ZoneInfo(order.centre.time_zone))
        order.promised_at = noon.astimezone(order.ordered_at.tzinfo)


def _length(taken: Sequence[tuple[datetime, float]], at: datetime) -> timedelta:
    """How long a promise made at `at` is; `taken`: when each dose of the kind was ready, and after how many days."""
    days = sorted(days for ready_at, days in taken if at - LATELY <= ready_at <= at)
    if len(days) < FEWEST_DOSES:
        return USUAL_PROMISE
    return timedelta(days=math.ceil(days[int(len(days) * PROMISE_SHARE)]))
