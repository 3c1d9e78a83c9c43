"""From when to when a shipment's readings are judged, and how its page says why: nothing that nobody reported."""

import pytest
from django.test import Client
from django.urls import reverse

from supplychain.conditions.models import LoggerRecord
from supplychain.conditions.rules.ways import EVER, Way, way_of
from supplychain.flows.queries import flow_plan
from supplychain.orders.actions.events import record_event
from supplychain.people.statuses import Role
from tests.supplychain.builders import at, make_user, report
from tests.supplychain.conditions.warm import WarmWorld

COLLECTED = ("collection", "completed", 8)


@pytest.fixture
def world(db) -> WarmWorld:
    world = WarmWorld()
    world.qa = make_user("quentin", world.plant, role=Role.QA)
    yield world
    flow_plan.cache_clear()


def condition_page(world, order) -> str:
    client = Client()
    client.force_login(world.qa)
    return " ".join(client.get(reverse("order_condition", args=[order.pk])).text.split())


def pack(world, order, hours: float) -> None:
    row = report(order, "shipment_packed", "inbound", hours, payload={"shipper_number": "BOX-7"})
    assert record_event(row, by=world.reporter, now=at(hours)).outcome == "created"


def judged(world, order) -> int:
    """Of six readings from hour 10 on, those that are judged."""
    world.read(order, [5] * 6)
    record = LoggerRecord.objects.get()
    return record.count


def test_of_a_shipment_without_any_report_of_its_hand_over_readings_count_from_the_step_before(world):
    order = world.order()
    world.tell(order, COLLECTED, ("inbound", "completed", 20))
    assert judged(world, order) == 6
    page = condition_page(world, order)
    assert "nobody reported when it was handed over. Readings are judged from the end of the step before (" in page
    assert "contradict" not in page


def test_a_packing_that_was_reported_is_the_beginning(world):
    order = world.order()
    world.tell(order, COLLECTED)
    pack(world, order, 9)
    world.tell(order, ("inbound", "completed", 20))
    assert "Readings are judged from its packing (" in condition_page(world, order)


def test_where_nothing_before_it_is_known_all_readings_count(world):
    order = world.order()
    world.tell(order, ("inbound", "completed", 20))
    assert judged(world, order) == 6
    page = condition_page(world, order)
    assert "nobody reported when it was handed over. All readings up to the delivery are judged." in page


def test_a_hand_over_that_is_reported_for_after_the_delivery_is_told_as_a_contradiction(world):
    order = world.order()
    world.tell(order, COLLECTED, ("inbound", "started", 10), ("inbound", "completed", 9))
    assert judged(world, order) == 6
    page = condition_page(world, order)
    assert "The reports contradict each other: delivered " in page
    assert "but handed over to the courier only " in page
    assert "also those after the reported delivery." in page
    assert "nobody reported when" not in page


def test_a_second_delivery_that_was_reported_is_said_where_readings_are_judged_until_it(world):
    order = world.shipped()
    world.tell(order, ("inbound", "completed", 20))
    assert "Another report" not in condition_page(world, order)
    world.tell(order, ("inbound", "completed", 21))
    page = condition_page(world, order)
    assert "Handed over " in page
    assert "Another report has it delivered " in page


def test_before_the_hand_over_nothing_is_said_of_where_the_cells_are(world):
    order = world.order()
    world.tell(order, COLLECTED)
    pack(world, order, 9)
    page = condition_page(world, order)
    assert "No hand-over reported yet: readings are kept, and judged from the hand-over on." in page


def test_a_packing_or_an_end_that_lies_after_the_delivery_begins_nothing():
    assert way_of(None, at(9), at(11), at(8)) == Way(
        at(8), at(9), is_told=False, begun_with="the end of the step before"
    )
    assert way_of(None, at(9), at(11), at(10)) == Way(EVER, at(9), is_told=False)


def test_the_first_hand_over_after_the_delivery_is_the_one_that_is_told():
    way = way_of(None, at(9), None, at(8), late_pickups=[at(12), at(11)])
    assert (way.begun, way.ended, way.late_pickup) == (at(8), None, at(11))
