"""An operator at night, with a keyboard and a scanner that types: from the alarm to what was done about it."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.actions.events import record_event
from supplychain.orders.models import PatientOrder, StatusEvent
from tests.dashboards.builders import TowerWorld, raise_flag
from tests.dashboards.windows import sign_in
from tests.supplychain.builders import report

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

MOST_TABS = 80


@pytest.fixture
def world() -> TowerWorld:
    return TowerWorld()


@pytest.fixture
def troubles(page: Page):
    """What the browser complained of; none is the rule."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield said
    assert said == []


def on_the_way(world: TowerWorld, coi: str) -> PatientOrder:
    """An order whose cells left for the plant this evening."""
    now = timezone.now()
    order = world.order(coi=coi, ordered_at=now - timedelta(hours=30), promised_at=now + timedelta(hours=900))
    for hours, (kind, stage) in ((20, ("completed", "collection")), (10, ("started", "inbound"))):
        say(world, order, kind, stage, now - timedelta(hours=hours))
    return order


def say(world: TowerWorld, order: PatientOrder, kind: str, stage: str, moment: datetime) -> None:
    event = report(order, kind, stage) | {"occurred_at": moment.isoformat()}
    assert record_event(event, by=world.everywhere).reason == ""


def press(page: Page, target: Locator) -> None:
    """Reach `target` with the Tab key alone and press Enter."""
    expect(target).to_be_visible()
    for _ in range(MOST_TABS):
        if target.evaluate("element => element === document.activeElement"):
            page.keyboard.press("Enter")
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{target} cannot be reached with the keyboard")


def test_an_operator_at_night_uses_nothing_but_the_keyboard(world, system, page, context, troubles):
    late = late_in_selection(world)
    flag = raise_flag(late, FlagCode.STAGE_LATE, stage="selection", severity=Severity.CRITICAL)
    arrived = [on_the_way(world, "CO-1"), on_the_way(world, "CO-2")]
    sign_in(context, system, world.operations)

    page.goto(system.address + reverse("control_tower"))
    press(page, page.get_by_role("link", name="CO-LATE").first)
    expect(page).to_have_url(system.address + reverse("order", args=[late.pk]))
    acknowledge(page, flag)
    put_on_hold(page)
    press(page, page.get_by_role("link", name="Record", exact=True))
    scan_two(page)
    press(page, page.get_by_role("link", name="Inbound: delivered"))
    press(page, page.get_by_role("button", name="Look at it again"))
    press(page, page.get_by_role("button", name="Record for 2 orders"))
    expect(page.locator(".results")).to_contain_text("recorded for 2 of 2")

    assert Flag.objects.get().comment == "The incubator is being looked at."
    held = StatusEvent.objects.get(kind="held")
    assert (held.order_id, held.user, held.payload) == (late.pk, world.operations, {"reason": "Incubator alarm."})
    delivered = StatusEvent.objects.filter(kind="completed", stage="inbound", user=world.operations)
    assert {event.order_id for event in delivered} == {order.pk for order in arrived}


def late_in_selection(world: TowerWorld) -> PatientOrder:
    """An order that has been in selection for five hours."""
    now = timezone.now()
    late = on_the_way(world, "CO-LATE")
    say(world, late, "completed", "inbound", now - timedelta(hours=6))
    say(world, late, "started", "selection", now - timedelta(hours=5))
    return late


def acknowledge(page: Page, flag: Flag) -> None:
    press(page, page.locator(f"#acknowledge-{flag.pk}"))
    expect(page.locator("dialog textarea")).to_be_focused()
    page.keyboard.type("The incubator is being looked at.")
    press(page, page.locator("dialog button[type=submit]"))
    expect(page.locator("dialog")).to_be_hidden()


def put_on_hold(page: Page) -> None:
    press(page, page.locator(".actions-more > summary"))
    press(page, page.get_by_role("button", name="Selection put on hold"))
    expect(page.locator("dialog textarea")).to_be_focused()
    page.keyboard.type("Incubator alarm.")
    press(page, page.locator("dialog button[type=submit]"))
    expect(page.locator("dialog")).to_contain_text("A mistake?")
    press(page, page.locator("dialog [data-close]"))
    expect(page.locator("dialog")).to_be_hidden()
    # The page behind it follows what was recorded.
    expect(page.get_by_role("button", name="Selection resumed")).to_be_visible()


def scan_two(page: Page) -> None:
    """Two codes come faster than the first answer; one ends with Enter, the other with Tab."""
    field = page.locator("#scan-code")
    page.wait_for_url("**/operations/", wait_until="domcontentloaded")  # its scripts are there
    expect(field).to_be_focused()
    page.keyboard.type("CO-1\n")
    page.keyboard.type("CO-2")
    page.keyboard.press("Tab")
    expect(page.locator(".listed")).to_have_count(2)
    page.keyboard.type("CO-1\n")
    expect(page.locator("#scan-said")).to_contain_text("on the list already")
    page.keyboard.type("CO-?\n")
    expect(page.locator("#scan-said")).to_contain_text("unknown identifier")
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    expect(page.locator(".listed")).to_have_count(2)
