"""The dialog of packing and unpacking asks the checklist, and pages say what was packed and what is amiss."""

import re

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from supplychain.flows.queries import flow_plan
from tests.batches.flags.interlocked import told
from tests.supplychain.api_clients import client_of
from tests.supplychain.builders import at
from tests.supplychain.transport.packing import (
    PACKED,
    collected,
    packed,
    packing_world,
)


@pytest.fixture
def world(db):
    yield packing_world()
    flow_plan.cache_clear()


@pytest.fixture
def order(world):
    return collected(world)


def test_the_dialog_asks_the_checklist_and_pages_and_interface_show_it(world, order):
    browser, where = Client(), reverse("report_event", args=[order.pk])
    browser.force_login(world.coordinator)
    with time_machine.travel(at(6), tick=False):
        page = browser.get(f"{where}?kind={PACKED}&stage=inbound").text
        assert "Ice (at least 2 kg)" in page
        said = dict(re.findall(r'<input[^>]* name="([^"]+)" value="([^"]*)"', page))
        del said["check_bag"]
        said |= {"shipper_number": "BOX-7", "seal_number": "S 1", "occurred_at": "2026-03-02T14:00"}
        assert "is missing" in browser.post(where, said | {"check_ice_kg": "3"}).text
        answer = browser.post(where, said | {"check_bag": "no", "check_ice_kg": "1,5"}, follow=True).text
        custody = browser.get(reverse("custody", args=[order.pk])).text
        again = browser.get(f"{where}?kind={PACKED}&stage=inbound").text
    assert "Reported before" not in page
    assert "of shipper BOX-7: what you record now takes its place" in again
    for page in (answer, custody):
        assert "Packed into shipper BOX-7 (Dry shipper 10 l, 2 °C to 8 °C, qualified until 30 Jun 2027)" in page
        assert "Chain of identity on the bag: answered “No”" in page
    body = client_of(world.reporter.source, "orders:read").get(f"/api/v1/orders/{order.pk}/").json()["shipments"][0]
    assert body["packing"]["shipper"]["qualified_until"] == "2027-06-30"
    assert [one["is_critical"] for one in body["packaging_faults"]] == [True, False]
    assert body["unpacking"] is None


def test_the_dialog_says_at_once_what_is_amiss_by_what_was_just_recorded_and_what_to_do(world, order):
    browser, where = Client(headers={"HX-Request": "true"}), reverse("report_event", args=[order.pk])
    browser.force_login(world.coordinator)
    with time_machine.travel(at(6), tick=False):
        page = browser.get(f"{where}?kind={PACKED}&stage=inbound").text
        said = dict(re.findall(r'<input[^>]* name="([^"]+)" value="([^"]*)"', page))
        said |= {"shipper_number": "BOX-7", "occurred_at": "2026-03-02T14:00", "check_ice_kg": "3"}
        wrong = browser.post(where, said | {"check_bag": "no"}).text
        again = browser.get(f"{where}?kind={PACKED}&stage=inbound").text
        said |= dict(re.findall(r'<input[^>]* name="([^"]+)" value="([^"]*)"', again))
        said |= {"shipper_number": "BOX-7", "occurred_at": "2026-03-02T14:00", "check_ice_kg": "3"}
        right = browser.post(where, said | {"check_bag": "yes"}).text
    assert "Amiss: " in wrong
    assert "Chain of identity on the bag" in wrong
    assert "Site coordinator: pack the cells into a shipper that fits" in wrong
    assert "Recorded" in right
    assert "Amiss" not in right


def test_a_start_without_the_report_that_the_flow_asks_for_is_said(world, order):
    browser = Client()
    browser.force_login(world.operator)
    asked = "Nobody has reported how it was packed"
    assert asked not in browser.get(reverse("order", args=[order.pk])).text
    dialog = f"{reverse('report_event', args=[order.pk])}?kind=started&stage=inbound"
    coordinator = Client()
    coordinator.force_login(world.coordinator)
    assert "report that first, with its checklist" in coordinator.get(dialog).text
    told(world, order, ("started", "inbound", 7))
    assert asked in browser.get(reverse("order", args=[order.pk])).text
    packed(world, order, answers={"bag": True})
    assert asked not in browser.get(reverse("order", args=[order.pk])).text
