"""One order from request to infusion, in a browser: every scan, three swapped bags, a warm shipper, a gap, a recall."""

import re
import time
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from batches.flags.actions.evaluation import evaluate_due_orders
from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode
from supplychain.chain.models import IdentityCheck
from supplychain.orders.models import PatientOrder
from supplychain.orders.statuses import OrderStatus
from supplychain.transport.models import Shipment
from tests.dashboards.builders import browser_of
from tests.dashboards.one_dose import Carrying, OneDose

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

OURS = "G123426654321"  # the donation number of our bag
PHONE = {"width": 360, "height": 740}


@pytest.fixture
def carrying(transactional_db, system, context, page) -> Carrying:
    page.set_viewport_size(PHONE)
    return Carrying(OneDose(), system, context, page)


def test_one_dose_from_request_to_infusion(carrying):
    ask_for_it(carrying)
    collect(carrying)
    carry_it_to_the_plant(carrying)
    decide_on_the_warm_shipper(carrying)
    close_the_gap(carrying)
    make_and_release(carrying)
    carry_it_home(carrying)
    give_it(carrying)
    recall(carrying)
    another_site_sees_nothing(carrying)
    prove_it(carrying)


def ask_for_it(carrying: Carrying) -> None:
    """The coordinator's request gets a chain of identity under the centre's own facility number."""
    page = carrying.page
    carrying.open(carrying.world.clara, "site")
    page.get_by_role("link", name="New order").click()
    page.get_by_label("Patient reference").fill("PX-9B3M1")
    page.get_by_role("button", name="Look it over").click()
    page.get_by_role("button", name="Place the order").click()
    page.wait_for_url(re.compile(r"/orders/[0-9a-f-]{36}/$"))
    carrying.order = PatientOrder.objects.exclude(pk=carrying.world.theirs.pk).get()
    assert carrying.order.coi.startswith("CHG1234")
    carrying.report(carrying.world.ola, "confirmed")


def collect(carrying: Carrying) -> None:
    clara = carrying.world.clara
    carrying.dialog_of(clara, "started", "collection")
    carrying.scan(carrying.order.coi, "Match")
    carrying.record()
    carrying.dialog_of(clara, "completed", "collection")
    carrying.scan(carrying.order.coi, "Match")
    carrying.record({"Donation number": OURS})
    bag = {"number": "BAG-1", "kind": "collection_bag", "stage": "collection"}
    carrying.world.tell(carrying.order, "material", payload=bag)


def carry_it_to_the_plant(carrying: Carrying) -> None:
    """Two bags are mistaken for ours: one as the courier comes, one as the plant takes in."""
    world = carrying.world
    carrying.caught(world.clara, "started", "inbound", second=world.carl)
    carrying.dialog_of(world.clara, "started", "inbound")
    carrying.scan(OURS, "Match")
    carrying.record({"Courier": "Nord"})
    time.sleep(3)  # between hand-over and delivery lie the logger's readings
    carrying.dialog_of(world.ola, "completed", "inbound")
    carrying.scan("BAG-1", "Match")
    carrying.record()
    carrying.caught(world.ola, "started", "receipt", second=world.olu)
    carrying.dialog_of(world.ola, "started", "receipt")
    carrying.scan(OURS, "Match")
    carrying.record()
    carrying.report(world.ola, "completed", "receipt")


def decide_on_the_warm_shipper(carrying: Carrying) -> None:
    """The logger's file says that it was warm; quality assurance decides, with its reason."""
    world, page = carrying.world, carrying.page
    shipment = Shipment.objects.get(stage_run__order=carrying.order, direction="inbound")
    first = shipment.picked_up_at + timedelta(seconds=1)  # loggers know whole seconds
    rows = [f"{first + timedelta(seconds=number):%Y-%m-%d %H:%M:%S};{warm}" for number, warm in enumerate((5, 19))]
    text = "\n".join(["Serial number;LT-1", "Time zone;UTC", "Unit;°C", "Time;Value", *rows, ""])
    carrying.open(world.ola, "hand_in_readings", carrying.order.pk, shipment.pk)
    page.locator("input[type=file]").set_input_files(
        {"name": "trip.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator("main")).to_contain_text("Readings taken")
    evaluate_due_orders(now=timezone.now())
    assert Flag.objects.filter(order=carrying.order, code=FlagCode.EXCURSION, cleared_at=None).exists()
    carrying.open(world.quynh, "order_condition", carrying.order.pk)
    page.get_by_role("link", name=re.compile("^Decide")).click()
    page.get_by_label("Use as is").check()
    page.locator("textarea").fill("Stability data cover an hour at 20 degrees.")
    page.get_by_role("button", name="Decide").click()
    expect(page.locator("main")).to_contain_text("Use as is, decided by quynh")
    evaluate_due_orders(now=timezone.now())
    assert not Flag.objects.filter(order=carrying.order, code=FlagCode.EXCURSION, cleared_at=None).exists()


def close_the_gap(carrying: Carrying) -> None:
    """Another courier is said to have given the cells than took them: shown, and settled as a mistake."""
    world, page = carrying.world, carrying.page
    wrong = {"from": "infusion_site", "to": "courier", "courier": "South"}
    world.tell(carrying.order, "handed_over", payload=wrong)
    evaluate_due_orders(now=timezone.now())
    carrying.open(world.quynh, "custody", carrying.order.pk)
    expect(page.locator("main")).to_contain_text("Given by one who did not hold them.")
    flag = Flag.objects.get(order=carrying.order, code=FlagCode.CUSTODY_GAP, cleared_at=None)
    carrying.open(world.quynh, "order", carrying.order.pk)
    page.locator(f"#settle-{flag.pk}").click()
    page.locator("dialog textarea").fill("The report was meant for another order; the cells are in freezer 2.")
    page.locator("dialog button[type=submit]").click()
    expect(page.locator("dialog")).not_to_be_visible()
    evaluate_due_orders(now=timezone.now())


def make_and_release(carrying: Carrying) -> None:
    """The plant's system reports what it made from what; quality assurance releases it on the page."""
    world, order = carrying.world, carrying.order
    for stage in ("expansion", "tests"):
        world.tell(order, "started", stage)
        world.tell(order, "completed", stage)
    lot = {"kind": "vector", "product": "LV-CD19", "lot": "LV-26-7", "number": "BAG-1"}
    world.tell(order, "lot_used", payload=lot)
    dose = {"number": "DOSE-1", "kind": "final_bag", "stage": "expansion", "parents": ["BAG-1"]}
    world.tell(order, "material", payload=dose)
    carrying.report(world.quynh, "started", "disposition")
    carrying.dialog_of(world.quynh, "completed", "disposition")
    carrying.record({"Reference": "QP-26-77"})


def carry_it_home(carrying: Carrying) -> None:
    """A driver without a system takes it over by a link; the centre takes it in."""
    world, page = carrying.world, carrying.page
    carrying.open(world.ola, "custody", carrying.order.pk)
    page.locator(".driver-make button").first.click()
    address = page.get_by_label("The link").input_value()
    driver = page.context.browser.new_context(viewport=PHONE)
    tell_as_the_driver(driver.new_page(), address)
    driver.close()
    carrying.dialog_of(world.clara, "completed", "outbound")
    carrying.scan("DOSE-1", "Match")
    carrying.record()


def tell_as_the_driver(page: Page, address: str) -> None:
    page.goto(address)
    assert "PX-9B3M1" not in page.content()
    page.get_by_label("Your name").fill("Di Ver")
    for name in ("seal", "packaging"):
        page.locator(f"input[name={name}][value=intact]").check()
    page.get_by_role("button", name="I have it now").click()
    expect(page.get_by_role("status")).to_be_visible()


def give_it(carrying: Carrying) -> None:
    """At the bedside the third wrong bag is caught; then the right one is given."""
    world = carrying.world
    carrying.caught(world.clara, "started", "infusion", second=world.carl)
    carrying.dialog_of(world.clara, "started", "infusion")
    carrying.scan("DOSE-1", "Match")
    carrying.record()
    carrying.report(world.clara, "completed", "infusion")
    carrying.order.refresh_from_db()
    assert carrying.order.status == OrderStatus.INFUSED
    said = IdentityCheck.objects.filter(order=carrying.order).values_list("outcome", "stage")
    assert [stage for outcome, stage in said.order_by("recorded_at") if outcome == "mismatch"] == [
        "inbound", "receipt", "infusion",
    ]  # fmt: skip


def recall(carrying: Carrying) -> None:
    """From the lot to the patient, and from the dose back to the lot."""
    page, world = carrying.page, carrying.world
    carrying.open(world.quynh, "trace", query="?lot=LV-26-7")
    expect(page.locator("main")).to_contain_text("Its dose was given")
    expect(page.locator(".traced")).to_contain_text("DOSE-1")
    carrying.open(world.quynh, "trace", query="?material=DOSE-1")
    for found in (carrying.order.coi, "BAG-1", "LV-26-7"):
        expect(page.locator(".traced")).to_contain_text(found)
    answer = browser_of(world.quynh).get(reverse("trace"), {"material": "DOSE-1", "csv": "1"})
    text = b"".join(answer).decode()
    assert all(found in text for found in (carrying.order.coi, "BAG-1", "DOSE-1", "LV-26-7")), text


def another_site_sees_nothing(carrying: Carrying) -> None:
    stranger = browser_of(carrying.world.bo)
    for name in ("order", "custody", "identity_checks", "order_condition", "order_materials", "chain_reports"):
        assert stranger.get(reverse(name, args=[carrying.order.pk])).status_code == 404
    for question in ({"lot": "LV-26-7"}, {"material": "DOSE-1"}, {"order": carrying.order.coi}):
        assert carrying.order.patient_reference not in stranger.get(reverse("trace"), question).text


def prove_it(carrying: Carrying) -> None:
    """The whole history on paper, and its fingerprint held against the record."""
    page = carrying.page
    carrying.open(carrying.world.quynh, "chain_reports", carrying.order.pk)
    page.get_by_role("button", name="Make a report now").click()
    link = page.get_by_role("link", name=re.compile("^JSON of the report"))
    expect(link).to_be_visible()
    kept = browser_of(carrying.world.quynh).get(link.get_attribute("href"))
    assert kept.status_code == 200
    kept_as = kept.json()["fingerprint"]
    carrying.open(carrying.world.quynh, "check_document", query=f"?fingerprint={kept_as}")
    expect(page.locator("main")).to_contain_text("The record still holds every event of this report, unaltered")
