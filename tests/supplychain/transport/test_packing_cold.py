"""How long the cold of a packed shipper counts, and what takes it away."""

import pytest
from django.test import Client
from django.urls import reverse

from supplychain.flows.queries import flow_plan
from supplychain.orders.actions.events import record_event
from supplychain.orders.models import StatusEvent
from supplychain.orders.statuses import ReportOutcome
from supplychain.transport.actions.shippers import change_shipper
from tests.batches.flags.interlocked import refusal, say, told
from tests.supplychain.builders import at, report
from tests.supplychain.transport.packing import PACKED, amiss, booked, collected, packed, packing_world, shipment


@pytest.fixture
def world(db):
    yield packing_world()
    flow_plan.cache_clear()


@pytest.fixture
def order(world):
    return collected(world)


def test_what_the_report_says_of_the_cold_comes_before_the_shippers_hours(world, order):
    packed(world, order, qualified_until=at(30).isoformat())
    assert shipment(order).qualified_until == at(30)
    assert "cold_until" not in shipment(order).packing["shipper"]


def test_packed_anew_the_cold_of_the_packing_before_counts_no_more(world, order):
    packed(world, order)
    packed(world, order, 8, shipper_number="BOX-UNKNOWN")
    assert (shipment(order).qualified_until, shipment(order).shipper_number) == (None, "BOX-UNKNOWN")
    packed(world, order, 9)
    assert shipment(order).qualified_until == at(57)
    second = StatusEvent.objects.get(order=order, kind=PACKED, payload__shipper_number="BOX-UNKNOWN")
    row = report(order, "withdrawn", "inbound", 10, payload={"event": str(second.pk), "reason": "Of another order"})
    assert record_event(row, by=world.reporter, now=at(10)).reason == ""
    assert shipment(order).qualified_until == at(57)


def test_a_booking_says_nothing_of_the_shipper_that_was_packed(world, order):
    booked(world, order, 5.5, until=40, shipper_number="DS-9", qualified_until=at(300).isoformat())
    assert (shipment(order).qualified_until, shipment(order).shipper_number) == (at(300), "DS-9")
    packed(world, order, shipper_number="BOX-UNKNOWN")  # nobody knows how long that one is cold
    assert (shipment(order).qualified_until, shipment(order).shipper_number) == (None, "BOX-UNKNOWN")
    packed(world, order, 8)
    booked(world, order, 9, until=41, shipper_number="DS-9", qualified_until=at(300).isoformat())
    assert (shipment(order).qualified_until, shipment(order).shipper_number) == (at(56), "box-7")
    assert "other_handed_over" not in amiss(order)


def test_another_shipper_that_was_handed_over_is_amiss_and_has_no_cold(world, order):
    packed(world, order)
    row = report(order, "started", "inbound", 7, payload={"shipper_number": "BOX-8"})
    assert record_event(row, by=world.reporter, now=at(7)).outcome == ReportOutcome.CREATED
    assert (amiss(order), shipment(order).qualified_until) == (["other_handed_over"], None)


def test_a_shipper_that_does_not_fit_gives_these_cells_no_cold(world, order):
    change_shipper(world.box, reason="As its record says now", by=None, coldest=15, warmest=25)
    packed(world, order, qualified_until=at(90).isoformat())
    assert (amiss(order), shipment(order).qualified_until) == (["other_range"], None)
    browser = Client()
    browser.force_login(world.operator)
    page = browser.get(reverse("custody", args=[order.pk])).text
    assert "no cold for these cells" in page
    assert "cold until" not in page


def test_a_cold_that_does_not_last_is_amiss_until_the_cells_have_left(world, order):
    packed(world, order, qualified_until=at(20).isoformat())
    assert shipment(order).packaging_faults == [
        ["short_cold", "the cold of shipper box-7 ends 10 h before the shipment can arrive by its planned hours", False]
    ]
    booked(world, order, 7, until=22)
    assert [(code, critical) for code, _, critical in shipment(order).packaging_faults] == [("short_cold", True)]
    booked(world, order, 8, until=20)
    assert amiss(order) == []
    booked(world, order, 9, until=22)
    told(world, order, ("started", "inbound", 12))
    assert amiss(order) == []  # now the shipment itself is late


def test_packed_for_a_moment_after_it_had_left_changes_nothing_and_gives_no_cold(world, order):
    told(world, order, ("started", "inbound", 7))
    assert "after the shipment had left" in packed(world, order, 9, shipper_number="BOX-8").doubt
    assert (shipment(order).packing["shipper_number"], shipment(order).qualified_until) == ("BOX-8", None)
    packed(world, order, 6)
    assert shipment(order).qualified_until == at(54)
    packed(world, order, 10, shipper_number="BOX-8")
    assert (shipment(order).packing["shipper_number"], shipment(order).qualified_until) == ("box-7", at(54))


def test_people_pack_no_shipment_anew_that_has_left(world, order):
    told(world, order, ("started", "inbound", 7))
    said = {"shipper_number": "BOX-7", "check_bag": "yes", "check_ice_kg": 2.5}
    assert "had left by then" in refusal(order, world.coordinator, PACKED, "inbound", 8, payload=said)
    say(order, world.coordinator, PACKED, "inbound", 6, payload=said)
    assert "was packed, and has left" in refusal(order, world.coordinator, PACKED, "inbound", 6.5, payload=said)
