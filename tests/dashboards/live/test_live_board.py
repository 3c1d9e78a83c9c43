"""The pages in a real browser, before the real programs: they follow what happens without being reloaded."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from batches.flags.models import Flag
from batches.judgement.statuses import Harm, Severity
from supplychain.live import publish_change
from supplychain.orders.actions.events import record_event
from supplychain.orders.models import PatientOrder
from tests.dashboards.builders import TowerWorld, make_bottleneck, make_pool, raise_flag
from tests.dashboards.windows import open_live, sign_in
from tests.supplychain.builders import report
from tests.system import RunningSystem

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

PHONE = {"width": 360, "height": 740}


@pytest.fixture
def judges(system) -> Iterator[None]:
    """Worker and beat beside them, for one test: they would judge the orders of the others too."""
    system.start("worker", "beat")
    yield
    for name in ("worker", "beat"):
        system.kill(name)


@pytest.fixture
def world() -> TowerWorld:
    return TowerWorld()


@pytest.fixture
def troubles(page: Page) -> Iterator[list[str]]:
    """What the browser complained of: the content security policy among other things. None is the rule."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield said
    assert said == []


def open_page(page: Page, system: RunningSystem, name: str = "control_tower", *args) -> None:
    open_live(page, system.address + reverse(name, args=args))


def recent_order(world: TowerWorld) -> PatientOrder:
    now = timezone.now()
    return world.order(coi="CO-LIVE", ordered_at=now - timedelta(hours=20), promised_at=now + timedelta(hours=900))


def say(world: TowerWorld, order: PatientOrder, kind: str, stage: str, at: datetime) -> None:
    event = report(order, kind, stage) | {"occurred_at": at.isoformat()}
    assert record_event(event, by=world.everywhere).reason == ""


def tell(order: PatientOrder) -> None:
    publish_change({order.pk: {order.ordering_site_id, order.plant_id}})


@pytest.mark.usefixtures("judges")
def test_the_board_follows_an_event_from_the_hospital_to_the_flag(world, system, page, context, troubles):
    order = recent_order(world)
    sign_in(context, system, world.operations)
    open_page(page, system)
    expect(page.locator(".figure.is-critical strong")).to_have_text("0")

    now = timezone.now()
    say(world, order, "started", "collection", now - timedelta(hours=3))
    say(world, order, "failed", "collection", now - timedelta(hours=1))

    risk = page.locator(".risk")
    expect(risk).to_have_count(1)
    expect(risk).to_contain_text("CO-LIVE")
    expect(risk.locator(".flag").first).to_contain_text("Stage failed")
    expect(page.locator(".figure.is-critical strong")).to_have_text("1")
    expect(page.locator(".cell", has_text="Collection")).to_contain_text("1 failed")


def test_the_order_page_follows_its_order(world, system, page, context, troubles):
    order = recent_order(world)
    sign_in(context, system, world.coordinator)
    open_page(page, system, "order", order.pk)
    expect(page.locator(".order-figures")).to_contain_text("Ordered")

    say(world, order, "started", "collection", timezone.now())
    tell(order)
    expect(page.locator(".order-figures")).to_contain_text("In progress")
    expect(page.locator("table.events > tbody > tr")).to_have_count(2)


def test_without_the_stream_the_page_says_so_and_asks_every_few_seconds(world, system, page, context):
    order = recent_order(world)
    sign_in(context, system, world.operations)
    page.clock.install()  # what it waits for need not be waited for
    open_page(page, system)
    system.kill("stream")
    state = page.locator("[data-live-state]")
    page.clock.fast_forward(6_000)
    expect(state).to_have_attribute("data-live-state", "polling")
    expect(state).to_contain_text("No live stream: checking every 5 s")

    raise_flag(order)
    page.clock.fast_forward(6_000)
    expect(page.locator(".risk")).to_have_count(1)
    system.start("stream")
    page.clock.fast_forward(38_000)  # between two tries lie 37.5 s at most
    expect(state).to_have_attribute("data-live-state", "live")


def test_without_any_answer_the_page_says_that_it_is_old(world, system, page, context):
    sign_in(context, system, world.operations)
    page.clock.install()
    open_page(page, system)
    context.set_offline(True)
    page.evaluate("document.body.dispatchEvent(new Event('poll'))")
    expect(page.locator("[data-live-word]")).to_have_text("No connection: this is old")
    context.set_offline(False)
    page.clock.fast_forward(6_000)
    expect(page.locator("[data-live-state]")).to_have_attribute("data-live-state", "live")


def test_what_a_person_types_and_opened_stays_while_the_board_changes(world, system, page, context, troubles):
    order = recent_order(world)
    flag = raise_flag(order)
    make_bottleneck(make_pool(world.plant, "suite", "Suites", capacity=3, busy=3))
    sign_in(context, system, world.operations)
    open_page(page, system)
    page.locator("details.line summary").click()
    page.get_by_role("button", name="Acknowledge").click()
    comment = page.locator("dialog textarea")
    expect(comment).to_be_focused()
    comment.type("On its")

    Flag.objects.filter(pk=flag.pk).update(why="It is later still.")
    tell(order)
    expect(page.locator(".flag-why")).to_have_text("It is later still.")
    expect(comment).to_be_focused()
    comment.type(" way.")
    page.locator("dialog").get_by_role("button", name="Acknowledge").click()

    expect(page.locator("dialog")).to_be_hidden()
    expect(page.locator(".flag-meta")).to_contain_text("“On its way.”")
    expect(page.locator("details.line .line-evidence")).to_be_visible()
    flag.refresh_from_db()
    assert (flag.acknowledged_by, flag.comment) == ("operations", "On its way.")


def test_the_focus_stays_where_it_was_when_the_board_changes(world, system, page, context, troubles):
    order = recent_order(world)
    flag = raise_flag(order)
    sign_in(context, system, world.operations)
    open_page(page, system)
    page.locator(f"#take-on-{flag.pk}").focus()
    raise_flag(world.order(coi="CO-FIRST"), severity="critical")
    tell(order)
    expect(page.locator(".risk")).to_have_count(2)
    expect(page.locator(f"#take-on-{flag.pk}")).to_be_focused()


def test_a_flag_that_was_cleared_meanwhile_says_why_it_cannot_be_taken_on(world, system, page, context):
    flag = raise_flag(recent_order(world))
    sign_in(context, system, world.operations)
    open_page(page, system)
    Flag.objects.filter(pk=flag.pk).update(cleared_at=timezone.now())
    page.get_by_role("button", name="Take on").click()
    expect(page.locator("#notice")).to_contain_text("This flag has been cleared meanwhile")
    expect(page.locator(".risk")).to_have_count(0)


def test_a_session_that_ended_leads_to_the_login_and_back(world, system, page, context):
    order = recent_order(world)
    sign_in(context, system, world.operations)
    open_page(page, system)
    context.clear_cookies()
    tell(order)
    expect(page).to_have_url(re.compile(r"/login/\?next=%2F$"))


def test_a_wall_screen_keeps_its_picture_when_the_login_ends_and_says_that_it_is_old(world, system, page, context):
    order = recent_order(world)
    raise_flag(order)
    sign_in(context, system, world.operations)
    open_live(page, f"{system.address}{reverse('control_tower')}?wall=1")
    expect(page.locator("[data-wall-warning]")).to_be_hidden()
    context.clear_cookies()
    tell(order)
    expect(page.locator("[data-wall-warning]")).to_contain_text("The login has ended")
    expect(page.locator(".wall-risk")).to_contain_text("CO-LIVE")


def test_the_evidence_of_a_bottleneck_opens_by_pointer_and_keyboard_and_escape_shuts_it(world, system, page, context):
    make_bottleneck(make_pool(world.plant, "suite", "Suites", capacity=3, busy=3))
    sign_in(context, system, world.operations)
    open_page(page, system)
    why = page.locator(".bottleneck-why")
    expect(why).to_be_hidden()
    page.locator("button.bottleneck").focus()
    expect(why).to_be_visible()
    page.keyboard.press("Escape")
    expect(why).to_be_hidden()
    page.locator("h1").click()
    page.locator("button.bottleneck").hover()
    expect(why).to_contain_text("Suites hold up Plant")


@pytest.mark.parametrize("size", [(1920, 1080), (1280, 720)])
def test_a_wall_screen_cuts_nothing_in_two(world, system, page, context, troubles, size):
    for number in range(12):
        raise_flag(world.order(coi=f"CO-{number}"), why="A reason that needs more than one line on the wall. " * 3)
    make_bottleneck(make_pool(world.plant, "suite", "Suites", capacity=3, busy=3))
    sign_in(context, system, world.operations)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{system.address}{reverse('control_tower')}?wall=1")
    expect(page.locator(".wall-risk")).to_have_count(12)
    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == list(size)
    # A row stands whole in the list, or in a column out of sight.
    places = """rows => rows.map(row => [row.getBoundingClientRect(), row.parentElement.getBoundingClientRect()]).map(
        ([row, list]) => row.left > list.right ? "hidden" : row.bottom > list.bottom + 1 ? "cut" : "whole"
    )"""
    seen = page.locator(".wall-risk").evaluate_all(places)
    assert (seen[0], seen.count("cut")) == ("whole", 0)


def test_a_wall_screen_says_how_much_of_what_cannot_wait_does_not_fit_and_shows_it_in_turn(
    world, system, page, context, troubles
):
    grave = {"harm": Harm.IDENTITY, "severity": Severity.CRITICAL, "act_by": timezone.now()}
    for number in range(12):
        raise_flag(world.order(coi=f"CO-{number}"), why="A reason that needs more than one line. " * 6, **grave)
    make_bottleneck(make_pool(world.plant, "suite", "Suites", capacity=3, busy=3))
    sign_in(context, system, world.operations)
    page.clock.install()
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{system.address}{reverse('control_tower')}?wall=1")
    expect(page.locator("[data-pinned]")).to_have_count(12)
    expect(page.locator(".board")).to_be_hidden()  # it gives way
    expect(page.locator("[data-wall-more]")).to_contain_text(
        re.compile(r"row 1 to \d+ of 12 shown, and \d+ more in turn")
    )
    inside = """rows => rows.filter(row => {
        const [own, list] = [row.getBoundingClientRect(), row.parentElement.getBoundingClientRect()];
        return own.left >= list.left - 1 && own.right <= list.right + 1 && own.bottom <= list.bottom + 1;
    }).map(row => row.querySelector("strong").closest("li").textContent.match(/CO-\\d+/)[0])"""
    seen = set(page.locator("[data-pinned]").evaluate_all(inside))
    assert len(seen) >= 4
    for _ in range(4):
        page.clock.run_for(12_100)
        seen |= set(page.locator("[data-pinned]").evaluate_all(inside))
    assert len(seen) == 12


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["control_tower", "order"])
def test_a_phone_shows_everything_without_scrolling_sideways(world, system, page, context, troubles, name, scheme):
    order = recent_order(world)
    raise_flag(order, why="A long reason " * 15)
    make_bottleneck(make_pool(world.plant, "suite", "Clean-room suites", capacity=3, busy=3))
    say(world, order, "started", "collection", timezone.now())
    sign_in(context, system, world.coordinator)
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(PHONE)
    open_page(page, system, name, *([order.pk] if name == "order" else []))
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert page.evaluate("document.documentElement.dataset.bsTheme") == scheme


def test_a_name_of_120_characters_does_not_widen_the_board_on_a_phone(world, system, page, context):
    order = recent_order(world)
    raise_flag(order)
    type(order.plant).objects.filter(pk=order.plant_id).update(name="W" * 120)
    type(order.product).objects.filter(pk=order.product_id).update(name="X" * 120)
    sign_in(context, system, world.operations)
    page.set_viewport_size(PHONE)
    open_page(page, system)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
