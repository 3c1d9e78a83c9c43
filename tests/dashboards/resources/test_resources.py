"""The pages of suites, shippers and couriers: every order that had to do with one, and the way to hold them all."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from batches.capacity.models import Pool, Suite
from supplychain.orders.actions.events import Reporter
from supplychain.orders.models import PatientOrder
from supplychain.orders.statuses import OrderStatus
from supplychain.people.models import Membership
from supplychain.people.statuses import Role
from supplychain.sites.statuses import SiteKind
from tests.dashboards.builders import TowerWorld, browser_of
from tests.dashboards.resources.readings import ask, cois, flat, planned, shipped
from tests.supplychain.builders import make_site, make_source, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> TowerWorld:
    return TowerWorld()


def test_a_courier_leads_to_what_it_carries_and_carried(world):
    under_way, ended, other = world.order(), world.order(), world.order()
    shipped(world, under_way, "Nordic Cryo", "T-1")
    shipped(world, ended, "Nordic Cryo", "T-2")
    shipped(world, other, "Other", "T-3")
    world.say(ended, "cancelled", "", 6, payload={"reason": "The patient died"})
    page = ask(world, "courier", name="Nordic Cryo")
    assert cois(page.context["now"]) == [under_way.coi]
    assert page.context["now"][0].is_at_work
    assert cois(page.context["past"]) == [ended.coi]
    assert PatientOrder.objects.get(pk=ended.pk).status == OrderStatus.CANCELLED
    assert other.coi not in page.content.decode()


def test_whichever_capitals_the_sender_uses_it_is_the_same_thing(world):
    for number, (shipper, courier) in enumerate((("DS-7", "Nordic Cryo"), ("ds-7", "NORDIC CRYO"))):
        order = world.order()
        shipped(world, order, courier, f"T-{number}")
        world.say(order, "note", "inbound", 6, payload={"shipper_number": shipper})
    asked = (("shipper", {"name": "DS-7"}), ("courier", {"name": "Nordic Cryo"}))
    assert [len(ask(world, kind, **query).context["now"]) for kind, query in asked] == [2, 2]
    assert "whichever capitals were used" in flat(ask(world, "courier", name="Nobody"))


def test_a_suite_is_found_by_the_report_of_a_machine_and_of_a_person(world):
    pool = Pool.objects.create(site=world.plant, code="suites", name="Suites")
    Suite.objects.create(pool=pool, code="S-1")
    by_machine, by_person = world.order(), world.order()
    for order, said in ((by_machine, {"resource": "S-1"}), (by_person, {"payload": {"suite": "S-1"}})):
        shipped(world, order, "Nordic Cryo", f"T-{order.coi}")
        world.say(order, "completed", "inbound", 20)
        world.say(order, "started", "selection", 24, **said)
    page = ask(world, "place", name="S-1", site="plant")
    assert sorted(cois(page.context["now"])) == sorted([by_machine.coi, by_person.coi])
    assert cois(ask(world, "place", name="S-1", site="oslo").context["now"]) == []


def test_holding_all_leads_to_the_worklist_with_the_hold_chosen(world):
    orders = [world.order(), world.order()]
    for number, order in enumerate(orders):
        shipped(world, order, "Nordic Cryo", f"T-{number}")
    (hold,) = ask(world, "courier", name="Nordic Cryo").context["holds"]
    worklist = browser_of(world.operations).get(hold["address"])
    assert worklist.status_code == 200
    assert worklist.context["form"] is not None
    for order in orders:
        assert order.coi in worklist.content.decode()


def test_only_who_may_hold_orders_is_offered_to_hold_them(world):
    orders = [world.order(), world.order()]
    for number, order in enumerate(orders):
        shipped(world, order, "Nordic Cryo", f"T-{number}")
    inspector = make_user("inspector", world.plant, role=Role.INSPECTOR)
    for reader in (inspector, world.coordinator):
        page = ask(world, "courier", reader, name="Nordic Cryo")
        assert (len(page.context["now"]), page.context["holds"]) == (2, [])
        assert "2 of them are put on hold by operations or quality assurance of their plants, not by you." in flat(page)
    world.say(orders[0], "held", "", 7, payload={"reason": "Temperature"})
    assert "Hold the other</a>" in flat(ask(world, "courier", name="Nordic Cryo"))


def test_orders_of_a_plant_where_the_person_may_not_hold_are_left_out(world):
    other = make_site("other", SiteKind.PLANT)
    both = make_user("both", world.plant)
    Membership.objects.create(user=both, site=other, role=Role.INSPECTOR)
    world.reporter = world.everywhere = Reporter.of_source(make_source("plants", world.plant, world.oslo, other))
    for number, order in enumerate((world.order(), world.order(plant="other"))):
        shipped(world, order, "Nordic Cryo", f"T-{number}")
    page = ask(world, "courier", both, name="Nordic Cryo")
    assert (len(page.context["now"]), "Hold 1 of them</a>" in flat(page)) == (2, True)


def test_more_orders_than_a_worklist_takes_are_held_in_parts(world, monkeypatch):
    monkeypatch.setattr("dashboards.resources.views.MOST_ORDERS", 2)
    for number in range(3):
        shipped(world, world.order(), "Nordic Cryo", f"T-{number}")
    holds = ask(world, "courier", name="Nordic Cryo").context["holds"]
    assert [(hold["first"], hold["last"]) for hold in holds] == [(1, 2), (3, 3)]


def test_nothing_of_other_sites_is_shown(world):
    shipped(world, world.order(), "Nordic Cryo", "T-1")
    stranger = browser_of(world.stranger_person)
    assert stranger.get(reverse("resource", args=["courier"]), {"name": "Nordic Cryo"}).context["now"] == []
    assert "Nordic Cryo" not in stranger.get(reverse("resources")).content.decode()


def test_what_open_orders_have_to_do_with_is_listed(world):
    order = world.order()
    shipped(world, order, "Nordic Cryo", "T-1")
    named = {
        group["kind"]: group["named"]
        for group in browser_of(world.operations).get(reverse("resources")).context["groups"]
    }
    assert [(one.name, one.orders) for one in named["courier"]] == [("Nordic Cryo", 1)]


def test_a_courier_that_only_the_report_of_a_transport_names_is_one(world):
    by_shipment, by_resource = world.order(), world.order()
    shipped(world, by_shipment, "Nordic Cryo", "T-1")
    world.say(by_resource, "started", "collection", 1)
    world.say(by_resource, "completed", "collection", 4)
    world.say(by_resource, "started", "inbound", 5, resource="Nordic Cryo")
    groups = browser_of(world.operations).get(reverse("resources")).context["groups"]
    named = {group["kind"]: [(one.name, one.orders) for one in group["named"]] for group in groups}
    assert (named["courier"], named["place"]) == ([("Nordic Cryo", 2)], [])
    assert len(ask(world, "courier", name="nordic cryo").context["now"]) == 2


def test_the_page_of_a_place_names_its_site(world):
    assert f"at {world.plant.name}</span>" in ask(world, "place", name="S-1", site="plant").content.decode()


def test_the_page_of_a_place_elsewhere_tells_nobody_how_its_site_is_called(world):
    world.plant.name = "A plant of others"
    world.plant.save()
    page = ask(world, "place", user=world.stranger_person, name="S-1", site="plant").content.decode()
    assert ("at plant</span>" in page, "A plant of others" in page) == (True, False)


def test_a_list_of_names_that_is_cut_says_so(world, monkeypatch):
    monkeypatch.setattr("dashboards.resources.queries.uses.MOST_NAMES", 1)
    for courier in ("Nordic Cryo", "Other"):
        planned(world, courier)
    page = browser_of(world.operations).get(reverse("resources")).content.decode()
    assert ("Nordic Cryo" in page, "Other</a>" in page, page.count("Only the first 1 names")) == (True, False, 1)


def test_the_file_has_every_order(world):
    order = world.order()
    shipped(world, order, "Nordic Cryo", "T-1")
    rows = ask(world, "courier", name="Nordic Cryo", csv="orders").content.decode().splitlines()
    assert rows[0].startswith("order,patient reference")
    assert rows[1].startswith(order.coi)


@pytest.mark.parametrize("query", [{}, {"name": ""}, {"name": " "}])
def test_an_address_that_names_nothing_is_not_found(world, query):
    assert ask(world, "courier", **query).status_code == 404
    assert ask(world, "place", **query).status_code == 404
    assert ask(world, "rocket", **(query | {"name": "X"})).status_code == 404


def test_the_number_of_queries_does_not_grow_with_orders(world):
    counts = []
    for number in range(3):
        shipped(world, world.order(), "Nordic Cryo", f"T-{number}")
        browser = browser_of(world.operations)
        with CaptureQueriesContext(connection) as queries:
            browser.get(reverse("resource", args=["courier"]), {"name": "Nordic Cryo"})
        counts.append(len(queries))
    assert counts[0] == counts[2]
