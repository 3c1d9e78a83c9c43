"""A number whose report was withdrawn leads to its order no more, by no way in; the order's list strikes it through."""

from uuid import UUID

import pytest
from django.contrib.admin import site as plain_site
from django.test import RequestFactory
from django.urls import reverse

from batches.orders.api.filters import OrderFilter
from dashboards.orders.queries.search import find, find_exact
from supplychain.identifiers.rules.codes import read_code
from supplychain.orders.actions.events import record_event
from supplychain.orders.admin import EventAdmin
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.orders.queries import orders_read
from supplychain.orders.statuses import ReportOutcome
from supplychain.pages.viewers import Viewer
from supplychain.people.models import Membership
from supplychain.people.statuses import Role
from supplychain.recording.actions import withdraw_report
from tests.supplychain.builders import World, at, make_user, report

pytestmark = pytest.mark.django_db
DONATION, BATCH, TRACKING = "G123417654321", "PLA-0001", "PL77"
SAID = {
    DONATION: ("completed", "collection", {"donation_number": DONATION}),
    BATCH: ("started", "selection", {"batch_number": BATCH}),
    TRACKING: ("started", "inbound", {"tracking_number": TRACKING}),
}


@pytest.fixture
def world() -> World:
    world = World()
    world.operator = make_user("ola", world.plant)
    for name in ("quality", "other_quality"):
        person = make_user(name, world.plant, world.oslo, role=Role.QA)
        roles = (Role.OPERATIONS, Role.SITE_COORDINATOR)
        Membership.objects.bulk_create(
            Membership(user=person, site=site, role=role) for site in (world.plant, world.oslo) for role in roles
        )
        setattr(world, name, person)
    return world


def told(world: World, order: PatientOrder, number: str, hours: float = 5) -> str:
    kind, stage, payload = SAID[number]
    return str(record_event(report(order, kind, stage, hours, payload=payload), by=world.reporter, now=at(40)).event_id)


def taken_back(world: World, order: PatientOrder, event_id: str) -> None:
    for person, hours in ((world.quality, 41), (world.other_quality, 41.5)):
        order.refresh_from_db()
        if event_id not in order.withdrawn_events:
            withdraw_report(UUID(event_id), by=person, reason="The other patient's label.", now=at(hours))
    order.refresh_from_db()
    assert event_id in order.withdrawn_events


def led_to(world: World, number: str) -> list[list]:
    """Orders by every way in: scanner, search in full and in part, interface, administration."""
    viewer = Viewer.of(world.operator)
    filtered = OrderFilter({"identifier": number}, queryset=PatientOrder.objects.all()).qs
    admin, request = EventAdmin(StatusEvent, plain_site), RequestFactory().get("/")
    events, _ = admin.get_search_results(request, StatusEvent.objects.all(), number)
    return [
        sorted(orders_read(read_code(number), [world.plant.pk])),
        sorted(find_exact(viewer, number)),
        sorted(find(viewer, number[:-1]).ids),
        sorted(filtered.values_list("pk", flat=True)),
        sorted(set(events.values_list("order", flat=True))),
    ]


@pytest.mark.parametrize("number", SAID)
def test_a_withdrawn_number_leads_to_its_order_no_more(world, number):
    order = world.order()
    event_id = told(world, order, number)
    assert led_to(world, number) == [[order.pk]] * 5
    taken_back(world, order, event_id)
    assert led_to(world, number) == [[]] * 5
    by_number = report(number, "note", hours=42, payload={"note": "Where is it?"})
    assert record_event(by_number, by=world.reporter, now=at(42)).outcome == ReportOutcome.REJECTED


@pytest.mark.parametrize("number", SAID)
def test_a_number_that_another_report_says_too_stands(world, number):
    order = world.order()
    event_id = told(world, order, number, 5)
    told(world, order, number, 6)
    taken_back(world, order, event_id)
    assert led_to(world, number) == [[order.pk]] * 5


def test_it_leads_to_the_order_whose_number_it_is(world):
    wrong, right = world.order(), world.order(patient_reference="pseudonym-2")
    event_id = told(world, wrong, DONATION)
    told(world, right, DONATION)
    taken_back(world, wrong, event_id)
    assert led_to(world, DONATION) == [[right.pk]] * 5


def test_the_order_page_strikes_it_through(client, world):
    order = world.order()
    taken_back(world, order, told(world, order, DONATION))
    told(world, order, BATCH)
    client.force_login(world.operator)
    page = client.get(reverse("order", args=[order.pk])).content.decode()
    assert (f'<s class="mono">{DONATION}</s>' in page, f'<span class="mono">{BATCH}</span>' in page) == (True, True)
