"""Cells that the courier took by a hand-over alone: nobody reported the transport's start, and they are judged."""

import pytest
from django.test import Client
from django.urls import reverse

from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode
from supplychain.conditions.models import Excursion
from supplychain.flows.queries import flow_plan
from supplychain.orders.actions.events import record_event
from supplychain.orders.models import StatusEvent
from supplychain.recording.actions import withdraw_report
from tests.batches.flags.interlocked import judged
from tests.supplychain.builders import at, make_user, report
from tests.supplychain.conditions.warm import WarmWorld, inbound

pytestmark = pytest.mark.django_db
TAKEN = {"from": "collection_site", "to": "courier"}
WARM = [40.0] * 12


@pytest.fixture
def world():
    yield WarmWorld()
    flow_plan.cache_clear()


@pytest.fixture
def order(world):
    order = world.order()
    world.tell(order, ("collection", "completed", 8))
    booked = {"planned_pickup_at": at(10).isoformat()}
    record_event(report(order, "scheduled", "inbound", 9, payload=booked), by=world.reporter, now=at(9))
    return order


def hand_over(world, order, hours: float = 10) -> None:
    record_event(report(order, "handed_over", "", hours, payload=TAKEN), by=world.reporter, now=at(hours))


@pytest.mark.parametrize("told_first", [True, False])
def test_readings_are_judged_from_the_hand_over_on_whichever_came_first(world, order, told_first):
    if told_first:
        hand_over(world, order)
    world.read(order, WARM, first=9)
    if not told_first:
        assert not Excursion.objects.exists()
        hand_over(world, order)
    (found,) = Excursion.objects.filter(shipment=inbound(order))
    assert found.started_at == at(10)
    judged(31)
    assert Flag.objects.filter(code=FlagCode.EXCURSION, cleared_at=None).count() == 1


def test_a_hand_over_that_is_taken_back_leaves_nothing_to_judge(world, order):
    hand_over(world, order)
    world.read(order, WARM, first=10)
    event = StatusEvent.objects.get(order=order, kind="handed_over")
    withdraw_report(event.pk, by=make_user("ola", world.plant), reason="Another order.", now=at(32))
    assert not Excursion.objects.exists()


def test_a_hand_over_of_before_the_cells_were_collected_is_of_others(world, order):
    hand_over(world, order, 7)
    world.read(order, WARM, first=9)
    assert not Excursion.objects.exists()


def test_the_page_says_by_what_they_are_judged(world, order):
    hand_over(world, order)
    world.read(order, WARM, first=10)
    browser = Client()
    browser.force_login(make_user("ola", world.plant))
    page = " ".join(browser.get(reverse("order_condition", args=[order.pk])).text.split())
    assert "Not handed over yet" not in page
    assert "by the report of the hand-over alone" in page
