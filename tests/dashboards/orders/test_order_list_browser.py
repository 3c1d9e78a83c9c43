"""The order list in a real browser: what a person chose, where they are and what they look at survive a refresh."""

from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from supplychain.live import publish_change
from tests.dashboards.builders import TowerWorld
from tests.dashboards.windows import sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    said: list[str] = []
    window = chromium.new_context(viewport={"width": 1440, "height": 700})
    page = window.new_page()
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    window.close()
    assert said == []


def test_what_is_chosen_stays_chosen_while_the_list_follows_what_happens(transactional_db, system, page):
    world = TowerWorld()
    orders = [world.order(coi=f"CO-{number:02}") for number in range(30)]
    sign_in(page.context, system, world.operations)
    page.goto(system.address + reverse("orders") + "?sort=coi")
    expect(page.locator("[data-live-state]")).to_have_attribute("data-live-state", "live")
    bar = page.locator("[data-pick-bar]")
    expect(bar).to_be_hidden()
    for number in (1, 20):
        page.get_by_label(f"Choose CO-{number:02}", exact=True).check()
    expect(bar).to_contain_text("2 orders chosen")
    top = page.evaluate("scrollY")

    world.say(orders[1], "started", "collection", 5)
    publish_change({orders[1].pk: {world.oslo.pk, world.plant.pk}})

    expect(page.locator(f"#order-{orders[1].pk} .last")).to_contain_text("Collection started")
    expect(bar).to_contain_text("2 orders chosen")
    assert page.evaluate("document.activeElement.id") == f"pick-{orders[20].pk}"
    assert page.evaluate("scrollY") == top
    page.get_by_role("checkbox", name="Choose all orders on this page").check()
    expect(bar).to_contain_text("30 orders chosen")
    page.get_by_role("button", name="Choose none").click()
    expect(bar).to_be_hidden()
