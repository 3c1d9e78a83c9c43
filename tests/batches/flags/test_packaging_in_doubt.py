"""A shipper that is not fit for the cells, and packaging that came amiss: flagged until packed anew or settled."""

from datetime import date

import pytest

from batches.flags.actions.people import settle_flag
from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode, Harm, Severity
from supplychain.flows.models import Stage
from supplychain.flows.queries import flow_plan
from supplychain.orders.actions.events import record_event
from supplychain.orders.models import StatusEvent
from supplychain.orders.queries import open_stops
from supplychain.orders.statuses import Doubt
from supplychain.people.statuses import Role
from supplychain.recording.actions import withdraw_report
from tests.batches.flags.interlocked import InterlockWorld, judged, refusal, say, told
from tests.supplychain.builders import at, make_user, report
from tests.supplychain.transport.test_shippers import make_shipper

COLD = {"name": "Refrigerated", "from": 2, "to": 8, "limits": [{"at_least": 15}]}
BOX = {"coldest": 2, "warmest": 8, "hold_hours": 48}
WELL = {"packaging": "intact", "seal": "matches"}
TO_TESTED = (
    ("started", "selection", 32), ("completed", "selection", 43), ("started", "harvest", 43),
    ("completed", "harvest", 55), ("started", "sterility", 56), ("completed", "sterility", 60),
)  # fmt: skip


@pytest.fixture
def world(db):
    world = InterlockWorld()
    Stage.objects.filter(flow=world.flow, code="inbound").update(storage=COLD)
    flow_plan.cache_clear()
    world.coordinator = make_user("kari", world.oslo, role=Role.SITE_COORDINATOR)
    make_shipper(world.plant, "BOX-7", **BOX)
    make_shipper(world.plant, "OLD-1", **BOX | {"qualified_until": date(2026, 2, 28)})
    make_shipper(world.plant, "DS-1")
    yield world
    flow_plan.cache_clear()


@pytest.fixture
def order(world):
    order = world.order()
    told(world, order, ("started", "collection", 1), ("completed", "collection", 5))
    return order


def packed(world, order, number: str, hours: float = 6):
    row = report(order, "shipment_packed", "inbound", hours, payload={"shipper_number": number})
    assert record_event(row, by=world.reporter, now=at(hours)).reason == ""
    judged(hours)


def arrived(world, order, **found):
    told(world, order, ("started", "inbound", 7), ("completed", "inbound", 30))
    row = report(order, "shipment_unpacked", "inbound", 31, payload=WELL | found)
    assert record_event(row, by=world.reporter, now=at(31)).reason == ""
    judged(31)


def flag() -> Flag | None:
    return Flag.objects.filter(code=FlagCode.PACKAGING, cleared_at=None).first()


def test_before_the_cells_leave_it_asks_for_another_shipper_and_goes_with_it(world, order):
    packed(world, order, "OLD-1")
    found = flag()
    assert (found.stage, found.severity, found.since) == ("inbound", Severity.ATTENTION, at(6))
    assert found.why == (
        "Inbound: shipper OLD-1 was qualified until 28 Feb 2026 and packed on 2 Mar 2026 (record QR-118)."
    )
    assert found.next_step.startswith("Site coordinator: pack the cells into a shipper that fits")
    packed(world, order, "BOX-7", 7)
    assert flag() is None


def test_under_way_quality_assurance_decides_and_a_calm_one_keeps_nobody_back(world, order):
    packed(world, order, "BOX-8")
    told(world, order, ("started", "inbound", 7))
    judged(8)
    assert flag().next_step.startswith("QA: decide by the shipper’s record")
    assert [stop.doubt for stop in open_stops([order.pk], now=at(8))[order.pk]] == [Doubt.CHECKLIST]
    told(world, order, ("completed", "inbound", 30))
    assert say(order, world.operator, "started", "selection", 31, payload={"batch_number": "B1"}).outcome == "created"
    settle_flag(flag().pk, by=world.quality, reason="Rented from the courier; its record was seen.", now=at(32))
    judged(33)
    assert flag().harm == Harm.SETTLED


def test_a_range_that_does_not_fit_keeps_the_dose_until_it_is_settled(world, order):
    packed(world, order, "DS-1")
    assert (flag().severity, flag().harm) == (Severity.CRITICAL, Harm.FAILED)
    assert "is qualified for −150 °C and colder; the cells travel Refrigerated, 2 °C to 8 °C (critical)" in flag().why
    stopped = refusal(order, world.coordinator, "started", "inbound", 7, payload={"courier": "Cryo"})
    assert "Stopped by a critical flag" in stopped
    assert say(order, world.coordinator, "shipment_packed", "inbound", 8, payload={"shipper_number": "DS-1"}).event_id
    told(world, order, ("started", "inbound", 7), ("completed", "inbound", 30), *TO_TESTED)
    judged(61)
    assert [stop.doubt for stop in open_stops([order.pk], now=at(61))[order.pk]] == [Doubt.CELLS]
    assert "although it is flagged" in refusal(order, world.quality, "started", "release", 62)
    settle_flag(flag().pk, by=world.quality, reason="The loggers show 4 °C throughout.", now=at(63))
    assert say(order, world.quality, "started", "release", 64).outcome == "created"


def test_packed_anew_into_one_that_fits_the_cells_may_be_sent(world, order):
    packed(world, order, "DS-1")
    packed(world, order, "BOX-7", 7)
    assert say(order, world.coordinator, "started", "inbound", 8, payload={"courier": "Cryo"}).outcome == "created"


def test_quality_assurance_may_let_them_be_sent_in_it_and_that_stands_under_way(world, order):
    packed(world, order, "DS-1")
    settle_flag(flag().pk, by=world.quality, reason="Nothing else is there; a logger travels with it.", now=at(7))
    assert say(order, world.coordinator, "started", "inbound", 8, payload={"courier": "Cryo"}).outcome == "created"
    judged(9)
    assert flag().harm == Harm.SETTLED


@pytest.mark.parametrize(
    "found", [{"packaging": "damaged"}, {"seal": "broken"}, {"seal": "other"}, {"shipper_number": "BOX-9"}]
)
def test_what_came_amiss_is_critical(world, order, found):
    packed(world, order, "BOX-7")
    arrived(world, order, **found)
    assert (flag().severity, flag().since) == (Severity.CRITICAL, at(31))
    assert flag().next_step.startswith("QA: until it is clear no dose of these cells")


def test_what_came_well_raises_nothing(world, order):
    packed(world, order, "BOX-7")
    arrived(world, order, shipper_number="box-7")
    assert flag() is None


def test_it_is_settled_from_the_orders_page(client, world, order):
    packed(world, order, "BOX-8")
    client.force_login(world.quality)
    address = f"/flags/{flag().pk}/settle/"
    assert address in client.get(f"/orders/{order.pk}/").content.decode()
    assert "amiss with their shipper or packaging" in client.get(address).content.decode()


def test_of_a_closed_order_only_what_is_critical_stands_if_the_dose_was_given(world, order):
    packed(world, order, "BOX-8")
    arrived(world, order, packaging="damaged")
    given = (("started", "release", 61), ("completed", "release", 80), ("started", "infusion", 90),
             ("completed", "infusion", 92))  # fmt: skip
    told(world, order, *TO_TESTED, *given)
    judged(93)
    assert flag().harm == Harm.DOSE_IN_DOUBT
    record_event(report(order, "closed", "", 95), by=world.reporter, now=at(95))
    judged(96)
    assert flag().severity == Severity.CRITICAL


def withdrawn_by(world, order, kind: str, who, hours: float) -> None:
    event = StatusEvent.objects.get(order=order, kind=kind)
    withdraw_report(event.pk, by=who, reason="Another order’s shipper.", now=at(hours))
    judged(hours)


@pytest.mark.parametrize("found", [{"packaging": "damaged"}, {}])
def test_what_was_found_at_the_unpacking_is_taken_back_by_two(world, order, found):
    packed(world, order, "BOX-7")
    arrived(world, order, **found)
    withdrawn_by(world, order, "shipment_unpacked", world.operator, 32)
    assert (flag() is not None) == bool(found)
    asked = Flag.objects.get(code=FlagCode.OUT_OF_SEQUENCE)
    assert "a second person must confirm" in asked.why
    withdrawn_by(world, order, "shipment_unpacked", make_user("olu", world.plant), 33)
    assert flag() is None


def test_the_packing_into_a_shipper_that_does_not_keep_the_cells_is_taken_back_by_two(world, order):
    packed(world, order, "DS-1")
    withdrawn_by(world, order, "shipment_packed", world.coordinator, 7)
    assert flag().severity == Severity.CRITICAL
    withdrawn_by(world, order, "shipment_packed", make_user("nina", world.oslo, role=Role.SITE_COORDINATOR), 8)
    assert flag() is None


def test_any_other_packing_is_taken_back_by_one(world, order):
    packed(world, order, "BOX-8")
    withdrawn_by(world, order, "shipment_packed", world.coordinator, 7)
    assert flag() is None
    assert "a second person" not in Flag.objects.get(code=FlagCode.OUT_OF_SEQUENCE).why


def test_a_packing_with_a_critical_point_open_is_taken_back_by_two(world, order):
    item = {"code": "frozen", "text": "Are the cells frozen?", "kind": "yes_no", "expected": True, "critical": True}
    Stage.objects.filter(flow=world.flow, code="inbound").update(packing=[item])
    flow_plan.cache_clear()
    said = {"shipper_number": "BOX-7", "answers": {"frozen": False}}
    record_event(report(order, "shipment_packed", "inbound", 6, payload=said), by=world.reporter, now=at(6))
    withdrawn_by(world, order, "shipment_packed", world.coordinator, 7)
    assert flag().severity == Severity.CRITICAL
