"""Charts in a real browser: drawn, in the colours of the theme, fresh after an event, and a way to the orders."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from supplychain.live import publish_change
from supplychain.orders.actions.events import record_event
from supplychain.orders.models import PatientOrder
from tests.dashboards.builders import TowerWorld, make_bottleneck, make_pool
from tests.dashboards.windows import open_live, sign_in, wait_for
from tests.supplychain.builders import report
from tests.system import RunningSystem

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

QUEUE = "#queue-by-age-chart"
# --accent of css/frame.css.
ACCENT = {"light": [11, 114, 133], "dark": [92, 196, 212]}
HAS_COLOUR = """([selector, wanted]) => {
    const canvas = document.querySelector(`${selector} canvas`);
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    for (let i = 0; i < data.length; i += 4) {
        if (data[i + 3] === 255 && wanted.every((value, index) => Math.abs(data[i + index] - value) < 3)) return true;
    }
    return false;
}"""
VALUES = "selector => echarts.getInstanceByDom(document.querySelector(selector)).getOption().series[0].data"
BAR = """([selector, index]) => {
    const element = document.querySelector(selector);
    const [x, y] = echarts.getInstanceByDom(element).convertToPixel({ seriesIndex: 0 }, [index, 0.5]);
    const box = element.getBoundingClientRect();
    return [box.left + x, box.top + y];
}"""


@pytest.fixture
def troubles(page: Page) -> Iterator[list[str]]:
    """What the browser complained of: the content security policy among other things. None is the rule."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield said
    assert said == []


@pytest.fixture
def world() -> TowerWorld:
    return TowerWorld()


def waiting_order(world: TowerWorld, number: int) -> PatientOrder:
    """An order that waits for its courier since two hours."""
    now = timezone.now()
    order = world.order(coi=f"CO-{number}", patient_reference=f"p-{number}", ordered_at=now - timedelta(hours=30))
    for kind, hours in (("started", 8), ("completed", 2)):
        event = report(order, kind, "collection") | {"occurred_at": (now - timedelta(hours=hours)).isoformat()}
        assert record_event(event, by=world.everywhere).reason == ""
    return order


def open_page(page: Page, system: RunningSystem, name: str, *args: str) -> None:
    open_live(page, system.address + reverse(name, args=args))


def test_a_chart_follows_the_theme_and_what_happens_and_leads_to_the_orders(world, system, page, context, troubles):
    waiting_order(world, 1)
    sign_in(context, system, world.operations)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    open_page(page, system, "line", "plant")
    assert page.evaluate(VALUES, QUEUE) == [1, 0, 0, 0, 0]
    wait_for(page, HAS_COLOUR, [QUEUE, ACCENT["light"]])

    page.locator("[data-theme-toggle]").click()
    wait_for(page, HAS_COLOUR, [QUEUE, ACCENT["dark"]])
    assert not page.evaluate(HAS_COLOUR, [QUEUE, ACCENT["light"]])

    page.locator("#queue-by-age-table summary").click()
    cell = page.locator("#queue-by-age-table tbody tr").first.locator("a")
    page.evaluate(f"document.querySelector('{QUEUE} canvas').dataset.mine = 'yes'")
    order = waiting_order(world, 2)
    publish_change({order.pk: {order.ordering_site_id, order.plant_id}})
    expect(cell).to_have_text("2")
    wait_for(page, f"({VALUES})('{QUEUE}')[0] === 2")
    expect(page.locator(f"{QUEUE} canvas[data-mine]")).to_have_count(1)
    assert page.evaluate(HAS_COLOUR, [QUEUE, ACCENT["dark"]])

    cell.focus()
    page.keyboard.press("Enter")
    expect(page.locator("table tbody tr")).to_have_count(2)
    page.go_back()
    expect(page.locator(f"{QUEUE} canvas")).to_be_visible()
    wait_for(page, HAS_COLOUR, [QUEUE, ACCENT["dark"]])
    page.locator(QUEUE).scroll_into_view_if_needed()
    page.mouse.click(*page.evaluate(BAR, [QUEUE, 0]))
    expect(page).to_have_url(re.compile(r"/lines/plant/orders/\?part=waiting&high=6"))


def test_a_band_leads_to_why_the_bottleneck_moved(world, system, page, context, troubles):
    now = timezone.now()
    period = make_bottleneck(make_pool(world.plant, "suite", "Suites", capacity=3), started_at=now - timedelta(days=40))
    sign_in(context, system, world.operations)
    open_page(page, system, "bottlenecks")
    chart = page.locator("#bands-plant-chart")
    expect(chart.locator("canvas")).to_be_visible()
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.85, box["y"] + (box["height"] - 24) / 2)
    expect(page).to_have_url(re.compile(f"#change-{period.pk}$"))
    expect(page.locator(f"#change-{period.pk}")).to_be_in_viewport()
