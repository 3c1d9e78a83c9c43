"""The demo's past, made up: orders, what was reported of them, and who had how many places. Pure and seeded."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property, partial
from random import Random
from zoneinfo import ZoneInfo

from cellops.demo import numbers
from cellops.demo.capacities import TIGHTEST, make_pools, waiting_wanted
from cellops.demo.collections import records_told
from cellops.demo.engine import Clock, DemoPool
from cellops.demo.facts import DemoEvent, DemoOrder, FlowPath, Stall, World
from cellops.demo.journeys import Travel
from cellops.demo.materials import materials_told
from cellops.demo.packing import packings_told
from cellops.demo.risks import Risk, choose_risks, stalls_of
from cellops.demo.sites import CENTRES, JOURNEYS, DemoSite, Journey
from cellops.demo.times import OFFICE, SATURDAY, local_moment, noon_of_working_day
from supplychain.flows.rules.checks import FlowDefinition
from supplychain.orders.statuses import OrderEventKind, StageEventKind

HISTORY = timedelta(days=183)
# Demand grows: the rate at the end is four times that at the beginning (density 0.4 + 1.2 t on 0–1).
FIRST_RATE, GROWTH = 0.4, 1.2
URGENT_SHARE = 0.12
# Of the orders that the growing demand brings at weekends; the others come on any working day of that week.
WEEKEND_SHARE = 0.1
# Promised is what nine of ten doses of the same kind kept, in whole days, that were ready in the 60 days before it.
# Of fewer than so many nothing is read: the usual promise is made, as for the first orders of all.
PROMISE_SHARE, LATELY, FEWEST_DOSES = 0.9, timedelta(days=60), 5
# How far the tightest pool's queue may be from the wanted one, and how often to try.
QUEUE_LIMITS = (0.6, 1.6)
MOST_TRIES = 5
USUAL_PROMISE = timedelta(days=35)
DAY = timedelta(days=1)

Taken = dict[tuple[str, str], list[tuple[datetime, float]]]


@dataclass(frozen=True)
class DemoPlan:
    """Everything to bring in. `events` in the order in which they are heard of; `risks` by name, with the order."""

    now: datetime
    start: datetime
    orders: Sequence[DemoOrder]
    events: Sequence[DemoEvent]
    pools: Sequence[DemoPool]
    risks: Sequence[Risk]

    @cached_property
    def told(self) -> list[DemoEvent]:
        """The events with what is told of materials, collections and packing, as they are heard of."""
        materials = materials_told(self.orders, self.events, self.now)
        records = records_told(self.orders, self.events, self.now)
        packings = packings_told(self.orders, self.events, self.now)
        return sorted([*self.events, *materials, *records, *packings], key=lambda event: event.heard_at)


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
    placed = sorted((_place(random, moment, now) for moment in moments), key=lambda one: one[0])
    return [_make_order(random, index, *one) for index, one in enumerate(placed)]


def _place(random: Random, moment: datetime, now: datetime) -> tuple[datetime, DemoSite, Journey]:
    journey = random.choices(JOURNEYS, weights=[one.share for one in JOURNEYS])[0]
    centre = random.choice(CENTRES)
    return _in_office_hours(random, moment, centre.time_zone, now), centre, journey


def _make_order(random: Random, index: int, ordered_at: datetime, centre: DemoSite, journey: Journey) -> DemoOrder:
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
    """Some time in the working hours of the day of `moment`; mostly of another day of its week at weekends."""
    day = moment.astimezone(ZoneInfo(zone)).date()
    if day.weekday() >= SATURDAY and random.random() >= WEEKEND_SHARE:
        day -= timedelta(days=day.weekday() - random.randrange(SATURDAY))
    clock = time(random.randrange(OFFICE.opens, OFFICE.closes - 1), random.randrange(60))
    while (ordered_at := local_moment(day, clock, zone, moment)) >= now:
        day -= timedelta(days=1 if day.weekday() else 3)
    return ordered_at


def _promise(orders: Sequence[DemoOrder], events: list[DemoEvent], paths: Mapping[str, FlowPath]) -> None:
    """Promise each order what most of its kind had lately kept when it was placed, at noon of a working day; and each
    new attempt what most had kept from the stage before it on."""
    by_index = {order.index: order for order in orders}
    since_order, since_restart = _taken(by_index, events, paths)
    for order in orders:
        order.promised_at = _promised(order, order.ordered_at, since_order)
    for position, event in enumerate(events):
        if event.kind == OrderEventKind.PROMISED:
            promised = _promised(by_index[event.order], event.occurred_at, since_restart)
            events[position] = event._replace(payload=event.payload | {"promised_at": promised.isoformat()})


def _taken(
    orders: Mapping[int, DemoOrder], events: Iterable[DemoEvent], paths: Mapping[str, FlowPath]
) -> tuple[Taken, Taken]:
    """When doses of each kind were ready, and after how many days: since the order, and (of first attempts) since the
    stage before the restart stage was done."""
    since_order: Taken = defaultdict(list)
    since_restart: Taken = defaultdict(list)
    arrived: dict[int, datetime] = {}
    for event in sorted(events, key=lambda event: event.occurred_at):
        order = orders[event.order]
        path, kind = paths[order.journey.flow], order.journey[:2]
        if event.kind == StageEventKind.COMPLETED and event.stage == path.stages[path.restart - 1].code:
            arrived[event.order] = event.occurred_at
        elif event.kind == StageEventKind.COMPLETED and event.stage == path.stages[-2].code:
            since_order[kind].append((event.occurred_at, (event.occurred_at - order.ordered_at) / DAY))
            if event.attempt in (None, 1):
                since_restart[kind].append((event.occurred_at, (event.occurred_at - arrived[event.order]) / DAY))
    return since_order, since_restart


def _promised(order: DemoOrder, at: datetime, taken: Taken) -> datetime:
    length = _length(taken.get(order.journey[:2], ()), at)
    return noon_of_working_day(at + length, order.centre.time_zone)


def _length(taken: Sequence[tuple[datetime, float]], at: datetime) -> timedelta:
    """How long a promise made at `at` is; `taken`: when each dose of the kind was ready, and after how many days."""
    days = sorted(days for ready_at, days in taken if at - LATELY <= ready_at <= at)
    if len(days) < FEWEST_DOSES:
        return USUAL_PROMISE
    return timedelta(days=math.ceil(days[int(len(days) * PROMISE_SHARE)]))
