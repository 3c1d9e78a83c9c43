"""The page for recording: a worklist filled by scans, what may be said of all of it, a second look, one result each."""

import re

import pytest
import time_machine
from django.urls import reverse

from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.people.statuses import Role
from tests.dashboards.builders import HTMX, TowerWorld, browser_of, raise_flag
from tests.supplychain.builders import at, make_user

pytestmark = pytest.mark.django_db
NOW = at(50)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def world() -> TowerWorld:
    return TowerWorld()


def get(client, *orders: PatientOrder, headers=None, **more):
    return client.get(reverse("operations"), {"order": [order.pk for order in orders], **more}, headers=headers)


def post(client, *orders: PatientOrder, headers=None, **more):
    return client.post(reverse("operations"), {"order": [order.pk for order in orders], **more}, headers=headers)


def filled(page: str) -> dict[str, str]:
    """What the form for what happened would send, besides the orders."""
    form = page[page.index('<form class="sheet-form work-form"') :]
    inputs = re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', form)
    return {name: value for name, value in inputs if name != "order"}


def listed(page: str) -> list[str]:
    return re.findall(r'class="listed-coi"[^>]*>([^<]+)<', page)


def said(page: str) -> str:
    return re.search(r"said-word\"><i[^>]*></i> ([^<]+)<", page).group(1)


def running(world: TowerWorld, *names: str, stage: str = "inbound") -> list[PatientOrder]:
    """Orders whose cells are on their way."""
    orders = [world.order(coi=name) for name in names]
    for order in orders:
        world.say(order, "completed", "collection", 10, payload={"donation_number": f"D-{order.coi}"})
        world.say(order, "started", stage, 20)
    return orders


def test_a_scan_adds_its_order_on_top_whatever_identifier_it_was(world):
    one, _ = running(world, "CO-1", "CO-2")
    client = browser_of(world.operations)
    page = post(client, one, code="D-CO-2").text
    assert (said(page), listed(page)) == ("Match: added", ["CO-2", "CO-1"])
    assert "pseudonym-1" in page


@pytest.mark.parametrize(
    ("code", "words", "names"),
    [
        ("CO-1", "Match: on the list already", ["CO-1"]),
        ("=G12349865432100", "Match: added", ["CO-3", "CO-1"]),
        ("]C1=G12349865432100", "Match: added", ["CO-3", "CO-1"]),
        ("nothing", "Stop: unknown identifier", ["CO-1"]),
        ("SHARED", "Stop: 2 orders bear this identifier", ["CO-1"]),
        ("CO-BERGEN", "Stop: unknown identifier", ["CO-1"]),
    ],
)
def test_a_scan_is_answered_loudly_and_never_guessed(world, code, words, names):
    one, two, three = running(world, "CO-1", "CO-2", "CO-3")
    world.say(three, "note", "collection", 21, payload={"donation_number": "G123498654321"})
    for order in (one, two):
        world.say(order, "note", "inbound", 22, payload={"tracking_number": "SHARED"})
    world.order_of_bergen(coi="CO-BERGEN")
    page = post(browser_of(world.coordinator), one, code=code).text
    assert (said(page), listed(page)) == (words, names)
    if words.startswith("Stop: 2"):
        assert "Add CO-2" in page


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("=G1234986543210", "The donation number in it is not whole"),
        ("=G12349865432199", "its check digits do not fit"),
        ("=G12349865432100=G12341765432170", "Two codes came as one"),
        ("]d2010401234511111821CO-1", "bears <span"),
        ("]d2010401234511111821H-1", "Scan the label again"),
        ("CO-\u200b1", "CO-‹U+200B›1"),
        ("СO-1", "С‹U+0421›O-1"),
        ("baß-1", "set to another keyboard"),
        ("BASS-1", "Scan the label again"),
    ],
)
def test_an_unknown_scan_says_what_is_wrong_with_it(world, code, why):
    order = world.order(coi="CO-9", hospital_order_number="H-1")
    world.say(order, "note", "collection", 1, payload={"batch_number": "CO-1", "tracking_number": "baß-2"})
    page = post(browser_of(world.operations), code=code).text
    assert (said(page), listed(page)) == ("Stop: unknown identifier", [])
    assert why in page


def test_the_issuer_decides_nothing_for_people_they_are_shown_both(world):
    one, other = world.order(coi="CO-1"), world.order_of_bergen(coi="CO-1", twin_reason="Theirs")
    page = post(browser_of(world.operations), code="co-1").text
    assert (one.coi, other.coi_issuer, said(page)) == ("CO-1", "bergen", "Stop: 2 orders bear this identifier")


def test_of_orders_that_bear_one_identifier_each_shows_its_critical_flags(world):
    one, two = running(world, "CO-1", "CO-2")
    for order in (one, two):
        world.say(order, "note", "inbound", 22, payload={"tracking_number": "SHARED"})
    raise_flag(two, FlagCode.IDENTITY_SHARED, severity=Severity.CRITICAL, why="It bears another's number.")
    page = post(browser_of(world.operations), code="SHARED").text
    assert "It bears another&#x27;s number." in page.partition("Add CO-2")[2]


def test_for_a_scanner_only_what_changed_comes_back_with_the_new_address(world):
    (order,) = running(world, "CO-1")
    answer = post(browser_of(world.operations), code="CO-1", headers=HTMX)
    assert answer["HX-Replace-Url"] == f"{reverse('operations')}?order={order.pk}"
    assert ("<html" in answer.text, 'hx-swap-oob="innerHTML"' in answer.text) == (False, True)


def test_what_may_be_said_of_all_is_offered_and_the_rest_says_why(world):
    one, two = running(world, "CO-1", "CO-2")
    waiting = world.order(coi="CO-3")
    client = browser_of(world.operations)
    page = get(client, one, two).text
    assert "What happened to all 2?" in page
    assert 'deed=completed:inbound">Inbound: delivered</a>' in page
    mixed = get(client, one, two, waiting).text
    assert "deed=completed:inbound" not in mixed
    assert "<strong>Inbound: delivered</strong>: 2 of 3." in mixed
    assert "Inbound waits for Collection." in mixed


def test_two_orders_are_recorded_after_a_second_look(world):
    orders = running(world, "CO-1", "CO-2")
    client = browser_of(world.operations)
    form = filled(get(client, *orders, deed="completed:inbound").text)
    review = post(client, *orders, **form)
    assert "Is this right?" in review.text
    assert "Record for 2 orders" in review.text
    assert "<dt>When it happened</dt><dd>4 Mar 2026 10:00</dd>" in review.text
    assert not StatusEvent.objects.filter(kind="completed", stage="inbound").exists()

    done = post(client, *orders, **filled(review.text), record="1")
    assert "recorded for 2 of 2" in done.text
    events = StatusEvent.objects.filter(kind="completed", stage="inbound")
    assert [(event.user, event.occurred_at) for event in events] == [(world.operations, NOW)] * 2
    assert "Selection started" in done.text


def test_one_order_that_changed_meanwhile_stops_no_other(world):
    one, two = running(world, "CO-1", "CO-2")
    client = browser_of(world.operations)
    review = post(client, one, two, **filled(get(client, one, two, deed="completed:inbound").text))
    world.say(two, "completed", "inbound", 49)
    done = post(client, one, two, **filled(review.text), record="1").text
    assert "recorded for 1 of 2" in done
    assert re.search(r"<strong>CO-2</strong> not recorded: The order changed meanwhile", done)


def test_a_double_click_records_once(world):
    orders = running(world, "CO-1", "CO-2")
    client = browser_of(world.operations)
    review = filled(post(client, *orders, **filled(get(client, *orders, deed="completed:inbound").text)).text)
    post(client, *orders, **review, record="1")
    again = post(client, *orders, **review, record="1").text
    assert again.count("was recorded the first time already") == 2
    assert StatusEvent.objects.filter(kind="completed", stage="inbound").count() == 2


def test_numbers_that_identify_are_asked_of_each_order_apart(world):
    orders = [world.order(coi=name) for name in ("CO-1", "CO-2")]
    for order in orders:
        world.say(order, "started", "collection", 45)
    client = browser_of(world.coordinator)
    page = get(client, *orders, deed="completed:collection").text
    form = filled(page)
    assert "Donation number of CO-2" in page
    missing = post(client, *orders, **form)
    assert (missing.status_code, missing.text.count("is missing: enter it.")) == (422, 2)
    numbers = {f"donation_number-{order.pk}": f"G12342600000{order.coi[-1]}" for order in orders}
    review = post(client, *orders, **(form | numbers))
    post(client, *orders, **filled(review.text), record="1")
    kept = StatusEvent.objects.filter(kind="completed").values_list("order__coi", "payload__donation_number")
    assert sorted(kept) == [("CO-1", "G123426000001"), ("CO-2", "G123426000002")]


def test_what_is_not_permitted_of_all_cannot_be_forced(world):
    one, two = running(world, "CO-1", "CO-2")
    client = browser_of(world.operations)
    for deed in ("started:selection", "completed:nowhere", "nonsense", "promised:"):
        before = StatusEvent.objects.count()
        post(client, one, two, deed=deed)
        post(client, one, two, deed=deed, record="1", token="x")
        assert StatusEvent.objects.count() == before, deed


def test_orders_of_other_sites_and_nonsense_do_not_come_onto_the_list(world):
    foreign = world.order_of_bergen(coi="CO-BERGEN")
    client = browser_of(world.coordinator)
    page = client.get(reverse("operations"), {"order": [foreign.pk, "x", ""]}).text
    assert listed(page) == []
    assert "Scan the first order." in page


@pytest.mark.parametrize("orders", [1, 3])
def test_the_page_costs_the_same_for_one_order_and_for_three(world, django_assert_num_queries, orders):
    found = running(world, *[f"CO-{number}" for number in range(orders)])
    client = browser_of(world.operations)
    get(client, *found, deed="completed:inbound", headers=HTMX)
    # Session, person, memberships, the orders, their runs, flags, open labels.
    with django_assert_num_queries(7):
        get(client, *found, deed="completed:inbound", headers=HTMX)
    # … and the orders that bear the code, after the scan was kept as a check (five).
    with django_assert_num_queries(13):
        post(client, *found, code="CO-0", headers=HTMX)


def test_a_person_without_sites_sees_how_the_page_is_used(world):
    page = browser_of(make_user("newcomer")).get(reverse("operations")).text
    assert "Scan the first order." in page


def test_an_inspector_is_not_asked_to_record(world):
    inspector = make_user("inspector", world.plant, role=Role.INSPECTOR)
    page = browser_of(inspector).get(reverse("operations")).text
    assert "Scan the first order." not in page
    assert "Your role reads and records nothing here" in page


def test_what_cannot_be_recorded_of_all_names_the_others_and_leads_on(world):
    one, two = running(world, "CO-1", "CO-2")
    world.say(two, "held", "", 21, payload={"reason": "Recall"})
    page = get(browser_of(world.operations), one, two, deed="held:")
    assert page.context["form"] is None
    assert "of 1 of 2" in page.text
    assert "CO-2</strong>: The order is on hold already." in page.text
    assert f"order={one.pk}&amp;deed=held%3A" in page.text


def test_who_puts_several_orders_on_hold_reads_what_that_does(world):
    one, two = running(world, "CO-1", "CO-2")
    page = get(browser_of(world.operations), one, two, deed="held:").text
    assert page.count("Until the hold is lifted nothing of the order begins, is skipped or is released.") == 1
    assert page.count("may resume it.") == 1


def test_an_address_with_more_orders_than_the_list_takes_says_so(world, monkeypatch):
    monkeypatch.setattr("supplychain.recording.views.operations.MOST_ORDERS", 1)
    one, two = running(world, "CO-1", "CO-2")
    page = get(browser_of(world.operations), one, two).text
    assert listed(page) == ["CO-1"]
    assert "1 of the 2 orders asked for is not on this list" in page


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"])
def test_the_way_back_leads_nowhere_else(world, back):
    (one,) = running(world, "CO-1")
    assert "evil" not in get(browser_of(world.operations), one, deed="held:", back=back).text
    assert "alert(1)" not in get(browser_of(world.operations), one, deed="held:", back=back).text


def test_of_several_one_that_ends_long_after_its_plan_is_asked_about_by_name(world):
    one, two = world.order(coi="CO-1"), world.order(coi="CO-2")
    for order, delivery in ((one, 49.5), (two, 38.7)):
        world.say(order, "completed", "collection", 28)
        plan = {"planned_pickup_at": at(30).isoformat(), "planned_delivery_at": at(delivery).isoformat()}
        world.say(order, "scheduled", "inbound", 29, payload=plan)
        world.say(order, "started", "inbound", 30)
    client = browser_of(world.operations)
    asked = get(client, one, two, deed="completed:inbound").text
    assert "CO-2: Its end was planned for 3 Mar 2026 22:42 UTC, 11 h before." in asked
    data = filled(asked) | {"deed": "completed:inbound"}
    assert post(client, one, two, **data).status_code == 422
    review = post(client, one, two, **data, is_late_meant="on")
    assert "It happened only now" in review.text
    post(client, one, two, **filled(review.text), record="1")
    ends = StatusEvent.objects.filter(kind="completed", stage="inbound").values_list("occurred_at", flat=True)
    assert list(ends) == [NOW, NOW]
