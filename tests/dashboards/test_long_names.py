"""Names of 120 characters without a break, as long as the fields allow: no page grows wider than its window."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from batches.capacity.models import Pool, PoolCapacity
from batches.ramp_ups.actions.scenarios import outlook_scenario, save_scenario
from supplychain.flows.models import Product
from supplychain.sites.models import Site
from tests.dashboards.builders import TowerWorld, make_bottleneck, make_pool, raise_flag
from tests.dashboards.windows import SETTLED, sign_in, wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

WIDTHS = (360, 1280)
# What stands out at the right, unless something between it and the page scrolls or cuts it.
CULPRITS = """() => [...document.querySelectorAll("body *")].filter(one => {
    if (one.getBoundingClientRect().right <= window.innerWidth + 1) return false;
    const outside = el => getComputedStyle(el).position === "absolute" ? el.offsetParent : el.parentElement;
    for (let up = outside(one); up && up !== document.documentElement; up = outside(up))
        if (getComputedStyle(up).overflowX !== "visible") return false;
    return true;
}).slice(0, 5).map(one => one.parentElement.className + " > " + one.tagName.toLowerCase() + "." + one.className)"""


@pytest.fixture
def pages(transactional_db) -> tuple[TowerWorld, list[str]]:
    """A small world in which every name is as long as it can be, and the pages that show names."""
    world, now = TowerWorld(), timezone.now()
    order = world.order(coi="CO-LONG", ordered_at=now - timedelta(hours=20), promised_at=now + timedelta(hours=900))
    raise_flag(order)
    make_bottleneck(make_pool(world.plant, "suite", "Suites", capacity=3, busy=3))
    PoolCapacity.objects.create(pool=Pool.objects.get(), starts_at=now, places=3)
    other = Site.objects.create(code="plant-2", name="Other", kind=world.plant.kind, time_zone="Europe/Oslo")
    world.operations.memberships.create(site=other, role="operations")
    Site.objects.update(name="W" * 120)
    Product.objects.update(name="X" * 120)
    Pool.objects.update(name="Y" * 80)
    outlook_scenario(line=world.plant, now=now)
    mine = save_scenario(line=world.plant, name="Z" * 80, by=world.operations, now=now)
    plant = world.plant.code
    return world, [
        *map(reverse, ("control_tower", "orders", "lines", "bottlenecks", "resources", "kpis", "durations",
                       "calibration", "alarms", "ramp_ups", "inbox", "handover", "operations", "profile")),
        reverse("control_tower") + "?wall=1", f"{reverse('ramp_ups')}?line={plant}",
        f"{reverse('new_ramp_up')}?line={plant}", f"{reverse('line_costs')}?line={plant}",
        reverse("ramp_up", args=[mine.pk]), reverse("order", args=[order.pk]), reverse("line", args=[plant]),
    ]  # fmt: skip


def test_no_page_is_wider_than_its_window(pages, system, page: Page, context):
    world, addresses = pages
    sign_in(context, system, world.operations)
    troubles = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for address in addresses:
            assert page.goto(system.address + address).status == 200
            wait_for(page, SETTLED)
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                troubles.append(f"{address}: {wide} px at {width}, by {page.evaluate(CULPRITS)}")
    assert not troubles, "\n".join(troubles)
