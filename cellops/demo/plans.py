"""What is arranged before a stage starts: appointments, pickups, hand-overs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from cellops.demo.facts import DemoOrder
from cellops.demo.numbers import shipper_number, tracking_number
from cellops.demo.sites import COURIERS
from cellops.demo.times import HOSPITAL, OFFICE, PLANT, appointment, hours, in_shift, working_days_later
from supplychain.flows.rules.checks import StageDefinition
from supplychain.flows.statuses import Direction, StageKind

# A courier's promise of delivery leaves half as much again as the usual time.
DELIVERY_MARGIN = 1.5
COLLECTION_PLANNED_HOURS = 8
INFUSION_PLANNED_HOURS = 3
COLD_HOURS = {"fresh": 72, "frozen": 240}


@dataclass(frozen=True, slots=True)
class Arrangement:
    """When a stage may start. `said_at`: when the plan was reported (None: nothing was), with its moments."""

    may_start_at: datetime
    said_at: datetime | None = None
    payload: dict[str, Any] = field(default_factory=dict)
    resource: str = ""


def arrange(random: Random, stage: StageDefinition, order: DemoOrder, now: datetime) -> Arrangement:
    """What is arranged for `stage`, of which the order is ready at `now`."""
    planner = PLANNERS.get(StageKind(stage.kind))
    if planner:
        return planner(random, stage, order, now)
    shortest, longest = HAND_OVER_HOURS.get(StageKind(stage.kind), (0.2, 2.0))
    if stage.longest_wait_hours is not None and stage.longest_wait_hours <= 4:
        shortest, longest = 0.02, 0.3 if stage.longest_wait_hours == 0 else 1.2
    return Arrangement(now + hours(random.uniform(shortest, longest)))


HAND_OVER_HOURS = {
    StageKind.ADMINISTRATIVE: (0.5, 5.0),
    StageKind.MANUFACTURING: (0.1, 1.2),
    StageKind.QUALITY_CONTROL: (0.5, 4.0),
    StageKind.RELEASE: (0.3, 3.0),
    StageKind.CUSTODY: (0.1, 1.2),
}


def _collection(random: Random, stage: StageDefinition, order: DemoOrder, now: datetime) -> Arrangement:
    zone = order.centre.time_zone
    start = appointment(random, working_days_later(now, random.randint(2, 6), zone), zone)
    return _booked(random, now, start, zone, COLLECTION_PLANNED_HOURS)


def _infusion(random: Random, stage: StageDefinition, order: DemoOrder, now: datetime) -> Arrangement:
    zone = order.centre.time_zone
    start = appointment(random, working_days_later(now, random.randint(3, 7), zone), zone, first_hour=9)
    return _booked(random, now, start, zone, INFUSION_PLANNED_HOURS)


def _booked(random: Random, now: datetime, start: datetime, zone: str, planned_hours: float) -> Arrangement:
    payload = {
        "planned_start_at": start.isoformat(),
        "planned_end_at": (start + hours(planned_hours)).isoformat(),
    }
    late = random.uniform(-0.1, 0.7)
    said_at = in_shift(random, now + hours(random.uniform(0.3, 4)), OFFICE, zone)
    return Arrangement(start + hours(late), said_at, payload)


def _transport(random: Random, stage: StageDefinition, order: DemoOrder, now: datetime) -> Arrangement:
    frozen = order.journey.flow == "car_t_frozen" or stage.direction == Direction.OUTBOUND
    outbound = stage.direction == Direction.OUTBOUND
    sender, receiver = (order.journey.plant, order.centre) if outbound else (order.centre, order.journey.plant)
    if frozen:
        earliest = working_days_later(now, 1, sender.time_zone)
        pickup = appointment(random, earliest, sender.time_zone, hours_open=8)
    else:
        pickup = now + hours(random.uniform(2, 5))
    delivery = pickup + hours(stage.planned_hours * DELIVERY_MARGIN)
    by_day = in_shift(random, delivery, HOSPITAL if outbound else PLANT, receiver.time_zone)
    courier, prefix = random.choice(COURIERS)
    payload = {
        "courier": courier,
        "tracking_number": tracking_number(random, prefix),
        "shipper_number": shipper_number(random, frozen=frozen),
        "planned_pickup_at": pickup.isoformat(),
        "planned_delivery_at": by_day.isoformat(),
        "qualified_until": (pickup + hours(COLD_HOURS["frozen" if frozen else "fresh"])).isoformat(),
    }
    return Arrangement(pickup + hours(random.uniform(0, 0.8)), now + hours(random.uniform(0.1, 1)), payload, courier)


PLANNERS: dict[StageKind, Callable[[Random, StageDefinition, DemoOrder, datetime], Arrangement]] = {
    StageKind.COLLECTION: _collection,
    StageKind.INFUSION: _infusion,
    StageKind.TRANSPORT: _transport,
}
