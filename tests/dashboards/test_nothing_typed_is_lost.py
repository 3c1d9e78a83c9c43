"""What a person typed survives the end of a session and a form that came too late; another person never sees it."""

from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from supplychain.orders.actions.events import record_event
from supplychain.orders.models import StatusEvent
from supplychain.people.models import User
from tests.dashboards.builders import TowerWorld
from tests.dashboards.windows import sign_in
from tests.supplychain.builders import report

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

REASON = "The courier's car broke down."
MOMENT = "dialog input[type=datetime-local]"
AGAIN = "What you typed before is filled in again."


@pytest.fixture
def world() -> TowerWorld:
    world = TowerWorld()
    now = timezone.now()
    world.mine = world.order(ordered_at=now - timedelta(hours=30), promised_at=now + timedelta(hours=900))
    return world


def open_hold(page: Page) -> None:
    """The dialog that puts the whole order on hold."""
    page.locator(".actions-more > summary").click()
    page.get_by_role("button", name="Order put on hold").click()
    expect(page.locator("dialog textarea")).to_be_visible()


def order_page(world: TowerWorld, system, page: Page) -> None:
    page.goto(system.address + reverse("order", args=[world.mine.pk]))


def test_a_session_that_ends_costs_nothing_that_was_typed(world, system, page, context):
    sign_in(context, system, world.operations)
    order_page(world, system, page)
    open_hold(page)
    page.locator("dialog textarea").fill(REASON)
    Session.objects.all().delete()
    page.locator("dialog button[type=submit]").click()
    expect(page.locator("input[name=login]")).to_be_visible()

    sign_in(context, system, world.operations)
    order_page(world, system, page)
    open_hold(page)
    expect(page.locator("dialog textarea")).to_have_value(REASON)
    expect(page.locator("dialog .draft-note")).to_contain_text(AGAIN)
    page.locator("dialog button[type=submit]").click()
    expect(page.locator("dialog")).to_contain_text("A mistake?")

    assert StatusEvent.objects.get(kind="held").payload == {"reason": REASON}
    assert page.evaluate("sessionStorage.getItem('cellops-drafts')") == "{}"


def log_in_again(context, system, page: Page, person: User) -> None:
    """From the login page that the end of a session led to, on to where it leads."""
    expect(page.locator("input[name=login]")).to_be_visible()
    (onward,) = parse_qs(urlsplit(page.url).query)["next"]
    sign_in(context, system, person)
    page.goto(system.address + onward)


def test_who_has_to_log_in_from_a_report_on_a_page_of_its_own_comes_back_to_it(world, system, page, context):
    sign_in(context, system, world.operations)
    asked = urlencode({"kind": "held", "stage": ""})
    address = f"{system.address}{reverse('report_event', args=[world.mine.pk])}?{asked}"
    page.goto(address)
    page.locator("textarea").fill(REASON)
    Session.objects.all().delete()
    page.locator("main button[type=submit]").last.click()
    log_in_again(context, system, page, world.operations)
    expect(page.locator("textarea")).to_have_value(REASON)
    assert page.url == address


def test_so_does_who_recorded_of_a_worklist(world, system, page, context):
    sign_in(context, system, world.operations)
    query = urlencode({"order": world.mine.pk, "deed": "held:"})
    address = f"{system.address}{reverse('operations')}?{query}"
    page.goto(address)
    page.locator("main textarea").fill(REASON)
    Session.objects.all().delete()
    page.locator(".work-form button[type=submit]").last.click()
    log_in_again(context, system, page, world.operations)
    expect(page.locator("main textarea")).to_have_value(REASON)
    assert page.url == address


def test_the_administration_keeps_what_was_typed_too(world, system, page, context):
    boss = User.objects.create_superuser("boss")
    sign_in(context, system, boss)
    page.goto(system.address + reverse("admin:supplychain_site_add"))
    page.locator("input[name=name]").fill("A long name")
    page.locator("select[name=kind]").select_option("plant")
    Session.objects.all().delete()
    page.locator("input[name=_save]").click()
    log_in_again(context, system, page, boss)
    expect(page.locator("input[name=name]")).to_have_value("A long name")
    expect(page.locator("select[name=kind]")).to_have_value("plant")
    expect(page.locator(".draft-note")).to_contain_text(AGAIN)


def fill_in(world, system, page: Page, context) -> str:
    """The dialog with a time and a reason that somebody chose; returns the time that it had proposed."""
    sign_in(context, system, world.operations)
    order_page(world, system, page)
    open_hold(page)
    proposed = page.locator(MOMENT).input_value()
    page.locator(MOMENT).fill("2026-03-04T20:00")
    page.locator("dialog textarea").fill(REASON)
    return proposed


def test_a_time_that_was_cancelled_does_not_come_back_and_what_was_written_does(world, system, page, context):
    proposed = fill_in(world, system, page, context)
    page.locator("dialog .sheet-go [data-close]").click()
    expect(page.locator("dialog textarea")).to_have_count(0)

    order_page(world, system, page)
    open_hold(page)
    expect(page.locator("dialog textarea")).to_have_value(REASON)
    assert page.locator(MOMENT).input_value() >= proposed
    expect(page.locator("dialog .draft-note")).not_to_contain_text("The time is the one")


def test_a_time_that_a_reload_cost_comes_back_with_its_words(world, system, page, context):
    fill_in(world, system, page, context)
    order_page(world, system, page)
    open_hold(page)
    words = "The time is the one that you chose then, not now: Wednesday 4 March 2026, 20:00."
    expect(page.locator("dialog .draft-note")).to_contain_text(words)
    expect(page.locator(MOMENT)).to_have_value("2026-03-04T20:00")


def test_what_one_person_typed_is_never_shown_to_another(world, system, page, context):
    sign_in(context, system, world.operations)
    order_page(world, system, page)
    open_hold(page)
    page.locator("dialog textarea").fill(REASON)
    assert REASON in page.evaluate("sessionStorage.getItem('cellops-drafts')")
    page.goto("about:blank")  # a live page whose session has ended goes to the login page by itself, in between
    Session.objects.all().delete()
    sign_in(context, system, world.coordinator)
    order_page(world, system, page)
    assert page.evaluate("sessionStorage.getItem('cellops-drafts')") == "{}"


def test_a_form_that_came_too_late_says_why_and_keeps_what_was_typed(world, system, page, context):
    sign_in(context, system, world.operations)
    order_page(world, system, page)
    open_hold(page)
    page.locator("dialog textarea").fill(REASON)
    record_event(report(world.mine, "cancelled") | {"occurred_at": timezone.now().isoformat()}, by=world.everywhere)
    page.locator("dialog button[type=submit]").click()
    expect(page.locator("dialog .not-taken")).to_contain_text("What you typed is kept.")
    expect(page.locator("dialog textarea")).to_have_value(REASON)


def test_the_moment_of_a_native_field_stands_under_it_in_words(world, system, page, context):
    sign_in(context, system, world.operations)
    order_page(world, system, page)
    open_hold(page)
    field = page.locator("dialog input[type=datetime-local]")
    expect(page.locator("dialog .moment-words")).not_to_be_empty()
    field.fill("2026-03-04T14:30")
    expect(page.locator("dialog .moment-words")).to_have_text("Wednesday 4 March 2026, 14:30")
    page.goto(system.address + reverse("orders"))
    page.locator("input[name=promised_from]").evaluate("field => field.closest('details')?.setAttribute('open', '')")
    page.locator("input[name=promised_from]").fill("2026-11-12")
    expect(page.locator("input[name=promised_from] + .moment-words")).to_have_text("Thursday 12 November 2026")
