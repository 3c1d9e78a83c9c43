"""The demo's shippers, how its newer shipments are packed and unpacked, and one packed past its qualification."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from cellops.demo.facts import DemoEvent, DemoOrder
from cellops.demo.materials import A_SECOND, RECORDED
from cellops.demo.plans import COLD_HOURS
from cellops.demo.sites import HOSPITALS, MES, PLANTS
from supplychain.orders.rules.packing import ANSWERS, LOGGERS, SEAL_NUMBER, SHIPPER_NUMBER
from supplychain.orders.statuses import Packaging, SealFound, StageEventKind
from supplychain.sites.models import Site
from supplychain.transport.actions.shippers import create_shipper

# The fleet from which journeys take a shipper (numbers.shipper_number), and one more that nobody should pack any more.
FLEET, PAST = range(1, 61), 61
BEFORE_PICKUP, AFTER_DELIVERY = timedelta(minutes=30), timedelta(minutes=20)
BOXES: Mapping[str, dict[str, Any]] = {
    "CB": {"model": "Cool box 20 l", "coldest": 2, "warmest": 8, "hold_hours": COLD_HOURS["fresh"]},
    "DS": {"model": "Dry shipper 10 l", "warmest": -150, "hold_hours": COLD_HOURS["frozen"]},
}
PACKED_WELL = {
    "CB": {"identity_on_bag": True, "closed_tight": True, "logger_runs": True},
    "DS": {"identity_on_bag": True, "closed_tight": True, "logger_runs": True, "cold_before": -188, "nitrogen_kg": 4.5},
}
OF_WAY = {
    "inbound": {"identity_on_bag", "closed_tight", "logger_runs"},
    "outbound": {"identity_on_bag", "cold_before", "nitrogen_kg", "logger_runs"},
}
ARRIVED_WELL = {"identity_on_bag": True, "bag_whole": True}


def write_shippers(sites: Mapping[str, Site], now: datetime) -> None:
    """The fleet of every plant, qualified for a month or more from now on but for the last of each kind."""
    for plant in PLANTS:
        for prefix, said in BOXES.items():
            for number in (*FLEET, PAST):
                days = -40 if number == PAST else 30 + number * 7
                create_shipper(
                    site=sites[plant.code], number=f"{prefix}-{number:03d}", by=None,
                    qualified_until=now.date() + timedelta(days=days),
                    qualification_record=f"QR-{prefix}-{number:03d}", **said,
                )  # fmt: skip


def packings_told(orders: Sequence[DemoOrder], events: Sequence[DemoEvent], now: datetime) -> list[DemoEvent]:
    """What is told of packing and unpacking besides `events`, for orders placed in the last RECORDED."""
    by_index = {order.index: order for order in orders if order.ordered_at >= now - RECORDED}
    return [
        told
        for number, event in _moves(events)
        if event.order in by_index and (told := _told(by_index[event.order], event, number)).heard_at <= now
    ]


def _moves(events: Sequence[DemoEvent]) -> Iterator[tuple[str, DemoEvent]]:
    """Each start and end of a transport, with the number of the shipper that was booked for it."""
    booked: dict[tuple[int, str, int | None], str] = {}
    for event in sorted(events, key=lambda one: one.occurred_at):
        if event.stage not in OF_WAY:
            continue
        key = (event.order, event.stage, event.attempt)
        booked[key] = event.payload.get(SHIPPER_NUMBER) or booked.get(key, "")
        if event.kind in (StageEventKind.STARTED, StageEventKind.COMPLETED) and booked[key]:
            yield booked[key], event


def _told(order: DemoOrder, event: DemoEvent, number: str) -> DemoEvent:
    """The packing right before a pickup, the unpacking right after a delivery."""
    if event.kind == StageEventKind.STARTED:
        return packing_of(order, event, number)._replace(heard_at=event.heard_at - A_SECOND)
    return unpacking_of(order, event, number)


def packing_of(order: DemoOrder, start: DemoEvent, number: str) -> DemoEvent:
    """The packing half an hour before a start, into the shipper of this number: by whoever gives the cells."""
    answers = {code: said for code, said in PACKED_WELL[number[:2]].items() if code in OF_WAY[start.stage]}
    loggers = [f"L-{order.index % 90 + 1_001}"]
    packed_at = start.occurred_at - BEFORE_PICKUP
    return start._replace(
        source=_source(order, is_centre=start.stage == "inbound"), kind=StageEventKind.SHIPMENT_PACKED.value,
        resource="", payload=_numbers(order, start, number) | {LOGGERS: loggers, ANSWERS: answers},
        occurred_at=packed_at, heard_at=packed_at + A_SECOND,
    )  # fmt: skip


def unpacking_of(order: DemoOrder, end: DemoEvent, number: str) -> DemoEvent:
    """The unpacking right after an end: by whoever takes the cells in, who find them as they were packed."""
    found = {"packaging": Packaging.INTACT.value, "seal": SealFound.MATCHES.value, ANSWERS: ARRIVED_WELL}
    return end._replace(
        source=_source(order, is_centre=end.stage == "outbound"), kind=StageEventKind.SHIPMENT_UNPACKED.value,
        resource="", payload=_numbers(order, end, number) | found,
        occurred_at=end.occurred_at + AFTER_DELIVERY, heard_at=end.heard_at + AFTER_DELIVERY + A_SECOND,
    )  # fmt: skip


def as_it_stands(event: DemoEvent, shipment: Mapping[str, Any]) -> DemoEvent | None:
    """A packing or unpacking by what is known of its shipment (as the API tells it; empty: nothing yet): packed once,
    into the booked shipper where that is one for such cells, and unpacked as it was packed. None: nothing is left to
    do, or to unpack."""
    packed = shipment.get("packing")
    if event.kind == StageEventKind.SHIPMENT_PACKED:
        booked, own = shipment.get(SHIPPER_NUMBER, ""), event.payload[SHIPPER_NUMBER]
        fits = booked in {f"{own[:2]}-{number:03d}" for number in FLEET}
        return None if packed else event._replace(payload=event.payload | {SHIPPER_NUMBER: booked if fits else own})
    if not packed or shipment["unpacking"]:
        return None
    read = {name: packed[name] for name in (SHIPPER_NUMBER, SEAL_NUMBER) if packed[name]}
    rest = {name: said for name, said in event.payload.items() if name not in (SHIPPER_NUMBER, SEAL_NUMBER)}
    return event._replace(payload=read | rest)


def _numbers(order: DemoOrder, event: DemoEvent, number: str) -> dict[str, Any]:
    """Those of the shipper and of its seal."""
    return {SHIPPER_NUMBER: number, SEAL_NUMBER: f"S-{order.index + 40_001}{event.stage[0].upper()}"}


def _source(order: DemoOrder, *, is_centre: bool) -> str:
    return HOSPITALS.code if is_centre else MES[order.journey.plant.code].code


def packed_past_qualification(orders: Sequence[DemoOrder], events: list[DemoEvent], now: datetime) -> None:
    """The cells were sent in a shipper that nobody had qualified anew."""
    chosen = {order.index for order in orders}
    for place, event in enumerate(events):
        number = event.payload.get(SHIPPER_NUMBER, "")
        if event.order in chosen and event.stage == "inbound" and number:
            past = f"{number[:2]}-{PAST:03d}"
            events[place] = event._replace(payload=event.payload | {SHIPPER_NUMBER: past})
