"""Two people at a step, in a browser on a phone: the second one signs in the dialog, or on the page of custody."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from supplychain.flows.models import Stage
from supplychain.flows.queries import flow_plan
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.models import StatusEvent
from supplychain.people.statuses import Role
from supplychain.words import HOUR
from tests.dashboards.windows import sign_in
from tests.supplychain.builders import at, make_user, report
from tests.supplychain.chain.checking import CheckedWorld
from tests.supplychain.sign_in.visitors import PASSWORD, _forgetful  # noqa: F401

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.usefixtures("_forgetful")]


def test_the_second_person_signs_with_the_first_ones_phone(transactional_db, system, page, context):
    world = CheckedWorld()
    Stage.objects.filter(code="inbound").update(two_people=["started"])
    flow_plan.cache_clear()
    ben = make_user("ben", world.mine.collection_site, role=Role.SITE_COORDINATOR)
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in(context, system, world.coordinator)
    page.goto(system.address + reverse("order", args=[world.mine.pk]))
    page.locator(".actions-main").get_by_role("button", name="handed to the courier").click()
    expect(page.locator("dialog")).to_contain_text("Two people check here")
    page.locator("dialog #id_courier").fill("Nord")
    for question in page.locator("dialog .report-check input[type=checkbox]").all():
        question.check()
    page.get_by_role("button", name="Record: Inbound").click()
    page.get_by_label("Second person: user name").fill("ben")
    page.get_by_label("Second person: password").fill("a wrong one")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name="Confirm as the second person").click()
    expect(page.locator("dialog .sheet-error")).to_contain_text("do not belong together")
    assert page.get_by_label("Second person: password").input_value() == ""
    page.get_by_label("Second person: password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm as the second person").click()
    expect(page.locator("dialog")).to_contain_text("Confirmed by ben as the second person.")
    assert StatusEvent.objects.get(kind="witnessed").user == ben


def test_on_a_phone_the_refusal_of_a_second_person_is_not_hidden_by_the_header(transactional_db, system, page, context):
    world = CheckedWorld()
    Stage.objects.filter(code="inbound").update(two_people=["started"])
    flow_plan.cache_clear()
    now = timezone.now()
    said = report(world.mine, "started", "inbound", hours=(now - at(0)) / HOUR - 0.1)
    record_event(said, by=Reporter.of_user(world.coordinator), now=now)
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in(context, system, world.coordinator)
    page.goto(system.address + reverse("custody", args=[world.mine.pk]))
    page.locator("summary", has_text="signs beside you").click()
    page.get_by_label("Second person: user name").fill(world.coordinator.username)
    page.get_by_label("Second person: password").fill(PASSWORD)
    button = page.get_by_role("button", name="Confirm as the second person")
    button.evaluate("one => scrollBy(0, one.getBoundingClientRect().top - 400)")
    button.click()
    error = page.locator("form .sheet-error").first
    expect(error).to_be_visible()
    header = page.locator(".topbar").bounding_box()
    page.wait_for_function(
        "bottom => document.querySelector('form .sheet-error').getBoundingClientRect().top >= bottom",
        arg=header["y"] + header["height"], timeout=5000,
    )  # fmt: skip
