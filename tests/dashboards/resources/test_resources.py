"""The pages of suites, shippers and couriers: every order that had to do with one, and the way to hold them all."""

import re
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from batches.capacity.models import Pool, Suite
from dashboards.resources.queries.ended import Resource
from dashboards.resources.queries.uses import _names
from supplychain.orders.actions.events import Reporter
from supplychain.orders.models import PatientOrder, StageRun
from supplychain.orders.statuses import OPEN_ORDER_STATUSES, OrderStatus
from supplychain.people.models import Membership
from supplychain.people.statuses import Role
from supplychain.sites.statuses import SiteKind
from tests.dashboards.builders import TowerWorld, browser_of
from tests.supplychain.builders import at, make_site, make_source, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> TowerWorld:
    return TowerWorld()


def ask(world: TowerWorld, kind: str, user=None, **query: str):
    return browser_of(user or world.operations).get(reverse("resource", args=[kind]), query)


def flat(page) -> str:
    return " ".join(re.sub(r"<i [^>]*></i> ", "", page.content.decode()).split())


def cois(uses) -> list[str]:
    return [use.order.coi for use in uses]


def shipped(world: TowerWorld, order: PatientOrder, courier: str, tracking: str) -> None:
    world.say(order, "started", "collection", 1)
    world.say(order, "completed", "collection", 4)
    world.say(order, "started", "inbound", 5, payload={"courier": courier, "tracking_number": tracking})


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


def ended(world: TowerWorld, tracking: str) -> PatientOrder:
    order = world.order()
    shipped(world, order, "Nordic Cryo", tracking)
    world.say(order, "cancelled", "", 6, payload={"reason": "The patient died"})
    return order


def planned(world: TowerWorld, courier: str) -> PatientOrder:
    """An order whose transport has a courier and no start."""
    order = world.order()
    plan = {"courier": courier, "planned_pickup_at": at(60).isoformat()}
    world.say(order, "scheduled", "inbound", 2, payload=plan)
    return order


def test_every_open_order_is_found_however_many_there_were(world, monkeypatch):
    monkeypatch.setattr("dashboards.resources.views.MOST_ENDED", 1)
    monkeypatch.setattr("dashboards.resources.views.PAST", 1)
    open_orders = [planned(world, "Nordic Cryo"), planned(world, "Nordic Cryo")]
    for number in range(2):
        order = world.order()
        shipped(world, order, "Nordic Cryo", f"T-{number}")
        open_orders.append(order)
    for number in range(3):
        ended(world, f"E-{number}")
    page = ask(world, "courier", name="Nordic Cryo")
    assert sorted(cois(page.context["now"])) == sorted(order.coi for order in open_orders)
    assert len(page.context["past"]) == 1
    assert ("Older" in flat(page), "Newer" in flat(page)) == (True, False)
    rows = ask(world, "courier", name="Nordic Cryo", csv="orders").content.decode().splitlines()
    assert len(rows) == 1 + 4 + 1 + 1
    assert "only the newest 1" in rows[-1]


ASKED = (("courier", {"name": "nordic cryo"}), ("courier", {"name": "van 2"}), ("shipper", {"name": "DS-7"}),
         ("place", {"name": "s-1", "site": "plant"}))  # fmt: skip


@pytest.mark.parametrize(("kind", "query"), ASKED)
def test_the_pages_of_what_ended_are_together_the_full_reading(world, monkeypatch, kind, query):
    suite = Suite.objects.create(pool=Pool.objects.create(site=world.plant, code="suites", name="Suites"), code="S-1")
    for number in range(5):
        order = made_again(world) if number % 2 else world.order()
        if number % 2 == 0:
            shipped(world, order, "NORDIC CRYO" if number else "Nordic Cryo", f"T-{number}")
            world.say(order, "note", "inbound", 6, payload={"shipper_number": "ds-7"})
            world.say(order, "completed", "inbound", 20, resource="Van 2")
            said = {"payload": {"suite": suite.code}} if number else {"resource": "s-1"}
            world.say(order, "started", "selection", 24, **said)
        if number < 4:
            world.say(order, "cancelled", "", 50, payload={"reason": "The patient died"})
    cancelled = planned(world, "Nordic Cryo")  # of which nobody says when it was there
    world.say(cancelled, "cancelled", "", 7, payload={"reason": "The patient died"})
    whole = StageRun.objects.filter(_names(Resource.read(kind, QueryDict(urlencode(query)))))
    expected = set(whole.exclude(order__status__in=OPEN_ORDER_STATUSES).values_list("order__coi", "attempt"))
    monkeypatch.setattr("dashboards.resources.views.PAST", 2)
    seen, number, is_more = [], 1, True
    while is_more:
        page = ask(world, kind, **query, page=str(number))
        seen += [(use.order.coi, use.attempt) for use in page.context["past"] if not use.order.is_open]
        number, is_more = number + 1, bool(page.context["older"])
    assert (len(seen), set(seen)) == (len(expected), expected)
    assert expected


def test_every_open_order_made_in_a_suite_is_found_however_many_there_were(world, monkeypatch):
    monkeypatch.setattr("dashboards.resources.views.MOST_ENDED", 1)
    pool = Pool.objects.create(site=world.plant, code="suites", name="Suites")
    Suite.objects.create(pool=pool, code="S-1")
    orders = [world.order() for _ in range(3)]
    for number, order in enumerate(orders):
        shipped(world, order, "Nordic Cryo", f"T-{number}")
        world.say(order, "completed", "inbound", 20)
        world.say(order, "started", "selection", 24 + number, payload={"suite": "S-1"})
    found = ask(world, "place", name="S-1", site="plant")
    assert sorted(cois(found.context["now"])) == sorted(order.coi for order in orders)
    assert "only the newest" not in found.content.decode()


def test_what_is_on_hold_already_is_not_held_again(world):
    held, other = world.order(), world.order()
    for number, order in enumerate((held, other)):
        shipped(world, order, "Nordic Cryo", f"T-{number}")
    world.say(held, "held", "", 6, payload={"reason": "Recall"})
    page = ask(world, "courier", name="Nordic Cryo")
    (hold,) = page.context["holds"]
    assert (str(other.pk) in hold["address"], str(held.pk) in hold["address"]) == (True, False)
    assert "1 of them is on hold already" in page.content.decode()
    worklist = browser_of(world.operations).get(hold["address"])
    assert worklist.context["form"] is not None


def test_the_worklist_leads_back_to_what_may_have_come_meanwhile(world):
    order = world.order()
    shipped(world, order, "Nordic Cryo", "T-1")
    browser = browser_of(world.operations)
    with time_machine.travel(at(50), tick=False):
        (hold,) = ask(world, "courier", name="Nordic Cryo").context["holds"]
        form = browser.get(hold["address"]).content.decode()
        given = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', form.partition("work-form")[2]))
        given |= {"reason": "Recall", "deed": "held:"}
        review = browser.post(reverse("operations"), given).content.decode()
        assert f"<strong>{order.coi}</strong>" in review
        late = planned(world, "Nordic Cryo")
        done = browser.post(reverse("operations"), given | {"record": "1"})
    assert done.context["taken"] == 1
    assert "/resources/courier/?name=Nordic+Cryo" in done.content.decode()
    (hold,) = ask(world, "courier", name="Nordic Cryo").context["holds"]
    assert str(late.pk) in hold["address"]


def test_a_start_reported_for_tomorrow_is_still_to_come(world):
    order = world.order()
    shipped(world, order, "Nordic Cryo", "T-1")
    for moment, is_at_work, word in ((at(4), False, "still to come"), (at(6), True, "in it now")):
        with time_machine.travel(moment, tick=False):
            page = ask(world, "courier", name="Nordic Cryo")
            (row,) = ask(world, "courier", name="Nordic Cryo", csv="1").content.decode().splitlines()[1:]
        (use,) = page.context["now"]
        assert use.is_at_work == is_at_work
        assert (word in page.content.decode(), word in row) == (True, True)


def test_a_transport_that_is_only_planned_is_still_to_come(world):
    planned(world, "Nordic Cryo")
    assert "still to come" in ask(world, "courier", name="Nordic Cryo").content.decode()


def made_again(world: TowerWorld) -> PatientOrder:
    """An order whose cells a courier brought, whose first making failed in suite S-1 and whose second is in S-2."""
    order = world.order()
    shipped(world, order, "Nordic Cryo", "T-1")
    world.say(order, "completed", "inbound", 20)
    world.say(order, "started", "selection", 24, resource="S-1")
    world.say(order, "failed", "selection", 30, payload={"reason": "No growth"})
    world.say(order, "started", "selection", 40, attempt=2, resource="S-2")
    return order


def test_a_later_attempt_made_of_what_an_earlier_one_brought_is_held_with_it(world):
    order = made_again(world)
    page = ask(world, "courier", name="Nordic Cryo")
    assert (cois(page.context["now"]), cois(page.context["past"])) == ([order.coi], [])
    (hold,) = page.context["holds"]
    assert str(order.pk) in hold["address"]


def test_what_only_a_failed_attempt_had_to_do_with_holds_nobody(world):
    order = made_again(world)
    found = {name: ask(world, "place", name=name, site="plant").context for name in ("S-1", "S-2")}
    assert (cois(found["S-1"]["now"]), cois(found["S-1"]["past"])) == ([], [order.coi])
    assert (cois(found["S-2"]["now"]), cois(found["S-2"]["past"])) == ([order.coi], [])


def test_the_list_counts_the_orders_that_its_page_says_still_wait(world):
    made_again(world)
    groups = browser_of(world.operations).get(reverse("resources")).context["groups"]
    listed = {one.name: one.orders for group in groups for one in group["named"]}
    assert listed == {"Nordic Cryo": 1, "S-1": 0, "S-2": 1}
