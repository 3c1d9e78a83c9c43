"""The play packs every shipment before it leaves, into a shipper for its cells, and unpacks it where it arrives."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cellops.demo.facts import DemoEvent, DemoOrder, FlowPath
from cellops.demo.flows import checked_flows
from cellops.demo.journeys import Standing
from cellops.demo.live.cast import Cast
from cellops.demo.live.standings import LiveOrder, shipment_meant
from cellops.demo.packing import PAST, as_it_stands
from cellops.demo.sites import CENTRES, HOSPITALS, JOURNEYS, MES, SITES, Journey
from supplychain.flows.rules.checklists import read_checklist
from supplychain.orders.rules.collections import open_items

NOW = datetime(2026, 5, 4, 8, tzinfo=UTC)
PATHS = {code: FlowPath.of(flow) for code, flow in checked_flows().items()}
FROZEN, FRESH = JOURNEYS[0], JOURNEYS[2]
CODES = {stage.pool for path in PATHS.values() for stage in path.stages if stage.pool}
PACKED, UNPACKED = "shipment_packed", "shipment_unpacked"


def an_order(journey: Journey, index: int = 7) -> DemoOrder:
    return DemoOrder(index, "CO26A", "PX-A", "", journey, CENTRES[0], False, NOW, NOW)


def cast() -> Cast:
    """With room for everybody, and nobody forgotten."""
    cast = Cast(PATHS, seed=3, now=NOW)
    cast.world.forgetting = 0.0
    tests = {stage.pool for path in PATHS.values() for beside in path.beside.values() for stage in beside}
    cast.set_up_pools(
        {"site": site.code, "code": code, "name": code, "capacity": 9} for site in SITES for code in CODES | tests
    )
    return cast


def told(cast: Cast, days: int = 90) -> list[DemoEvent]:
    """What is reported until then, as it is heard of."""
    cast.clock.run(until=NOW + timedelta(days=days))
    return sorted(cast.take_events(), key=lambda event: event.heard_at)


def moves(events: list[DemoEvent], stage: str) -> list[tuple[str, str]]:
    """Kind and sender of what happens with a transport."""
    kinds = (PACKED, "started", "completed", UNPACKED)
    return [(event.kind, event.source) for event in events if event.stage == stage and event.kind in kinds]


def said(events: list[DemoEvent], stage: str, kind: str) -> dict[str, Any]:
    return next(event.payload for event in events if (event.stage, event.kind) == (stage, kind))


def open_points(asked: list[Any], payload: dict[str, Any]) -> list[str]:
    """Why items of a checklist stand open."""
    return [why for _, why in open_items(read_checklist(asked), payload["answers"]) if why]


def resumed(stage: str, journey: Journey) -> list[DemoEvent]:
    """What is told of an order that stands at this transport when the play begins."""
    play = cast()
    path = PATHS[journey.flow]
    position = next(number for number, one in enumerate(path.stages) if one.code == stage)
    play.enter(LiveOrder("one", an_order(journey), Standing(position=position), (), "", False), NOW)
    return told(play, 12)


@pytest.mark.parametrize("journey", [FROZEN, FRESH])
def test_who_hands_over_packs_before_the_pickup_and_who_takes_in_unpacks(journey):
    play = cast()
    orders = [an_order(journey, index) for index in range(12)]
    for order in orders:
        play.start(str(order.index), order)
    every, plant = told(play), MES[journey.plant.code].code
    for order in orders:
        events = [event for event in every if event.order == order.index]
        for stage, sender, receiver in (("inbound", HOSPITALS.code, plant), ("outbound", plant, HOSPITALS.code)):
            found = moves(events, stage)
            kinds = [kind for kind, _ in found]
            assert kinds.count(PACKED) == kinds.count("started")
            assert kinds.count(UNPACKED) == kinds.count("completed")
            assert kinds == [] or kinds[0] == PACKED
            assert {source for kind, source in found if kind == PACKED} <= {sender}
            assert {source for kind, source in found if kind == UNPACKED} <= {receiver}


@pytest.mark.parametrize(
    ("journey", "stage", "prefix"),
    [(FROZEN, "inbound", "DS"), (FRESH, "inbound", "CB"), (FROZEN, "outbound", "DS"), (FRESH, "outbound", "DS")],
)
def test_the_shipper_is_the_booked_one_of_the_kind_that_these_cells_need_and_its_checklists_are_answered(
    journey, stage, prefix
):
    events = resumed(stage, journey)
    packed, unpacked = said(events, stage, PACKED), said(events, stage, UNPACKED)
    assert packed["shipper_number"][:2] == prefix
    assert packed["shipper_number"] == said(events, stage, "scheduled")["shipper_number"]
    plan = next(one for one in PATHS[journey.flow].stages if one.code == stage)
    assert not open_points(plan.packing, packed)
    assert not open_points(plan.unpacking, unpacked)
    assert (unpacked["shipper_number"], unpacked["seal_number"]) == (packed["shipper_number"], packed["seal_number"])
    assert (unpacked["packaging"], unpacked["seal"]) == ("intact", "matches")


def packing(stage: str, **payload: Any) -> DemoEvent:
    said = {"shipper_number": "CB-021", "seal_number": "S"} | payload
    return DemoEvent(7, "", PACKED, stage, None, NOW, NOW, "", said)


def test_a_shipper_that_was_booked_before_the_play_is_the_one_that_is_packed():
    told = as_it_stands(packing("inbound"), {"shipper_number": "CB-007", "packing": None})
    assert told.payload == {"shipper_number": "CB-007", "seal_number": "S"}


@pytest.mark.parametrize("booked", ["", "DS-007", f"CB-{PAST:03d}", "Rucksack"])
def test_cells_that_were_booked_into_nothing_that_fits_get_a_shipper_that_does(booked):
    told = as_it_stands(packing("inbound"), {"shipper_number": booked, "packing": None})
    assert told.payload["shipper_number"] == "CB-021"


def test_what_somebody_has_packed_is_not_packed_again_and_unpacked_as_it_was_packed():
    packed = {"shipper_number": "CB-007", "seal_number": ""}
    shipment = {"shipper_number": "CB-007", "packing": packed, "unpacking": None}
    assert as_it_stands(packing("inbound"), shipment) is None
    unpacking = packing("inbound", packaging="intact")._replace(kind=UNPACKED)
    assert as_it_stands(unpacking, shipment).payload == {"shipper_number": "CB-007", "packaging": "intact"}
    packed["seal_number"] = "S-9"
    assert as_it_stands(unpacking, shipment).payload["seal_number"] == "S-9"


def test_what_was_never_packed_or_is_unpacked_already_is_not_unpacked():
    unpacking = packing("inbound")._replace(kind=UNPACKED)
    packed = {"shipper_number": "CB-007", "seal_number": "S"}
    assert as_it_stands(unpacking, {}) is None
    assert as_it_stands(unpacking, {"packing": None, "unpacking": None}) is None
    assert as_it_stands(unpacking, {"packing": packed, "unpacking": {"seal": "matches"}}) is None


def test_of_a_new_attempt_the_shipment_of_that_attempt_is_meant():
    first, second = ({"direction": "outbound", "attempt": attempt} for attempt in (1, 2))
    detail = {"shipments": [first, second]}
    assert shipment_meant(detail, packing("outbound")._replace(attempt=2)) == second
    assert shipment_meant(detail, packing("outbound")) == first
    assert shipment_meant(detail, packing("inbound")) == {}
