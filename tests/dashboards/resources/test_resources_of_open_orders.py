"""Which open orders have to do with a resource, found however many there were, and held together."""

import re
from urllib.parse import urlencode

import pytest
import time_machine
from django.http import QueryDict
from django.urls import reverse

from batches.capacity.models import Pool, Suite
from dashboards.resources.queries.ended import Resource
from dashboards.resources.queries.uses import _names
from supplychain.orders.models import StageRun
from supplychain.orders.statuses import OPEN_ORDER_STATUSES
from tests.dashboards.builders import TowerWorld, browser_of
from tests.dashboards.resources.readings import ask, cois, ended, flat, made_again, planned, shipped
from tests.supplychain.builders import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> TowerWorld:
    return TowerWorld()


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


def test_who_is_being_given_the_dose_stands_first(world):
    orders = [planned(world, "Nordic Cryo"), world.order(), planned(world, "Nordic Cryo")]
    shipped(world, orders[1], "Nordic Cryo", "T-1")
    assert "being given" not in flat(ask(world, "courier", name="Nordic Cryo"))
    world.say(orders[1], "started", "infusion", 90)
    page = ask(world, "courier", name="Nordic Cryo")
    assert cois(page.context["now"])[0] == orders[1].coi
    assert "The dose of 1 order is being given now: call there first." in flat(page)
    assert flat(page).count("Infusion under way since") == 1
