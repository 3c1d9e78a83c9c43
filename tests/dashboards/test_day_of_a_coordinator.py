"""A coordinator's two minutes between patients, on a phone: what is needed, one report in two taps, one new order."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from supplychain.orders.actions.events import record_event
from supplychain.orders.models import PatientOrder, StageRun
from supplychain.orders.statuses import StageStatus
from tests.dashboards.builders import TowerWorld
from tests.supplychain.builders import report

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

PHONE = {"width": 360, "height": 740}


@pytest.fixture(autouse=True)
def _people_have_cheap_passwords() -> None:
    """Not here: the program that checks the password knows the product's hash alone."""


@pytest.fixture
def world() -> TowerWorld:
    return TowerWorld()


def order_in_collection(world: TowerWorld) -> PatientOrder:
    now = timezone.now()
    order = world.order(patient_reference="PX-4F7K2", ordered_at=now - timedelta(hours=20))
    started = report(order, "started", "collection") | {"occurred_at": (now - timedelta(hours=3)).isoformat()}
    assert record_event(started, by=world.everywhere).reason == ""
    return order


def fits(page) -> bool:
    """Whether nothing stands out to the right."""
    return page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_two_minutes_on_a_phone(world, system, page):
    order = order_in_collection(world)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.set_viewport_size(PHONE)
    sign_in_by_hand(page, system)
    report_the_collection(page)
    run = StageRun.objects.get(order=order, stage__code="collection")
    assert (run.status, run.details["donation_number"]) == (StageStatus.COMPLETED, "G123498654321")
    ask_for_another(page)
    placed = PatientOrder.objects.exclude(pk=order.pk)
    page.wait_for_url(re.compile(r"/orders/[0-9a-f-]{36}/$"))
    assert reverse("order", args=[placed.get().pk]) in page.url
    # The form that could not be taken is answered with 422, which the browser notes.
    assert [line for line in said if "422" not in line] == []


def sign_in_by_hand(page, system) -> None:
    page.goto(system.address + reverse("site"))
    page.locator("input[name=username], input[name=login]").first.fill("coordinator")
    page.fill("input[name=password]", "a long enough word")
    page.locator("form button[type=submit]").first.click()
    page.wait_for_url(system.address + reverse("site"))


def report_the_collection(page) -> None:
    """Two taps and a donation number, first with a slip of the finger."""
    card = page.locator(".card-order")
    expect(card).to_contain_text("PX-4F7K2")
    expect(card).to_contain_text("Cells are being collected at your centre")
    expect(page.get_by_role("heading", name="Needs you now")).to_be_visible()
    assert fits(page)
    tap = card.get_by_role("button", name="Collection completed")
    assert tap.bounding_box()["height"] >= 44
    tap.click()
    sheet = page.locator("dialog")
    sheet.get_by_label("Donation number").fill("G123498654321K")
    sheet.get_by_role("button", name=re.compile("^Record")).click()
    expect(sheet).to_contain_text("The check character at its end does not fit")
    sheet.get_by_label("Donation number").fill("G1234 98 654321 H")
    sheet.get_by_role("button", name=re.compile("^Record")).click()
    expect(sheet).to_contain_text("Recorded")
    sheet.locator("[data-close]").click()
    expect(card).to_contain_text("Cells collected: they wait for the courier")


def ask_for_another(page) -> None:
    page.get_by_role("link", name="New order").click()
    expect(page.get_by_role("heading", name="What this product asks for")).to_be_visible()
    assert fits(page)
    page.get_by_label("Patient reference").fill("Ola Nordmann")
    page.get_by_role("button", name="Look it over").click()
    expect(page.locator('[data-field="patient_reference"]')).to_contain_text("This looks like a name.")
    expect(page.get_by_label("Patient reference")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Patient reference").fill("PX-9B3M1")
    page.get_by_role("button", name="Look it over").click()
    expect(page.get_by_role("heading", name="Look it over, then place it")).to_be_visible()
    assert fits(page)
    page.get_by_role("button", name="Place the order").click()
