"""Recording for one order, from its page: the form, what it says no to, and what it leaves behind."""

import re

import pytest
import time_machine
from django.urls import reverse

from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.people.statuses import Role
from tests.dashboards.builders import HTMX, TowerWorld, browser_of
from tests.dashboards.tower.readings import words_of
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


def address(order: PatientOrder, kind: str, stage: str = "", attempt="") -> str:
    return f"{reverse('report_event', args=[order.pk])}?kind={kind}&stage={stage}&attempt={attempt}"


def filled(page: str) -> dict[str, str]:
    """The form as the browser would send it: hidden fields and what stands in the others, and that the plant, which has
    not confirmed the order, was asked."""
    return (
        {"is_first_asked": "on"}
        | dict(re.findall(r'<input[^>]* name="([^"]+)" value="([^"]*)"', page))
        | dict(re.findall(r'name="(occurred_at)" value="([^"]*)"', page))
    )


def opened(client, order: PatientOrder, *what, headers=None) -> dict[str, str]:
    return filled(client.get(address(order, *what), headers=headers).text)


def test_a_form_left_as_it_was_opened_records_this_very_moment(world):
    order, client = world.order(coi="CO-1"), browser_of(world.coordinator)
    said = opened(client, order, "started", "collection")
    answer = client.post(reverse("report_event", args=[order.pk]), said, follow=True)

    event = StatusEvent.objects.get(order=order, kind="started")
    assert (event.user, event.stage, event.occurred_at, event.payload) == (world.coordinator, "collection", NOW, {})
    assert answer.redirect_chain[-1][0] == reverse("order", args=[order.pk])
    assert "Recorded for CO-1: Collection started." in answer.text


def test_in_the_dialog_the_answer_confirms_and_open_pages_are_told(world):
    order, client = world.order(coi="CO-1"), browser_of(world.coordinator)
    said = opened(client, order, "started", "collection", headers=HTMX)
    answer = client.post(reverse("report_event", args=[order.pk]), said, headers=HTMX)
    assert (answer.status_code, answer["HX-Trigger"]) == (200, "changed")
    assert "Collection started" in answer.text
    assert "withdrawn on the order’s page, under “Events”" in answer.text
    assert "<html" not in answer.text


def test_the_same_form_sent_twice_records_once_and_says_so(world):
    order, client = world.order(), browser_of(world.coordinator)
    said = opened(client, order, "started", "collection", headers=HTMX)
    for _ in range(2):
        answer = client.post(reverse("report_event", args=[order.pk]), said, headers=HTMX)
        assert answer.status_code == 200
    assert "it was recorded the first time already" in answer.text
    assert StatusEvent.objects.filter(order=order, kind="started").count() == 1


def test_a_stale_form_is_not_taken_but_may_be_sent_again_after_looking(world):
    order, client = world.order(), browser_of(world.coordinator)
    said = opened(client, order, "started", "collection", headers=HTMX)
    world.say(order, "note", "collection", 49)
    refused = client.post(reverse("report_event", args=[order.pk]), said, headers=HTMX)
    assert refused.status_code == 422
    assert "The order changed meanwhile: look again" in refused.text
    assert client.post(reverse("report_event", args=[order.pk]), filled(refused.text), headers=HTMX).status_code == 200


def test_what_is_missing_or_impossible_is_said_beside_the_field(world):
    order, client = world.order(), browser_of(world.coordinator)
    world.say(order, "started", "collection", 49)
    said = opened(client, order, "completed", "collection")
    for change, words in (
        ({"donation_number": ""}, "“Donation number” is missing: enter it."),
        ({"donation_number": "12345"}, "is no donation number in ISBT 128 form"),
        ({"donation_number": "G123498654321K"}, "The check character at its end does not fit"),
        ({"donation_number": "=G12349865432199"}, "The scanned code was misread"),
        ({"donation_number": "G123498654321", "occurred_at": "2026-03-09T08:00"}, "This moment has not come yet"),
        ({"donation_number": "G123498654321", "occurred_at": "2026-03-04T08:30"}, "This is before what it follows"),
    ):
        answer = client.post(reverse("report_event", args=[order.pk]), said | change)
        assert answer.status_code == 422
        assert words in answer.text
    assert StatusEvent.objects.filter(order=order).count() == 2


def test_a_moment_before_the_stage_could_begin_asks_whether_it_is_meant(world):
    order, client = world.order(), browser_of(world.operations)
    world.say(order, "completed", "collection", 40)
    said = opened(client, order, "started", "inbound") | {"courier": "Cold Line", "occurred_at": "2026-03-03T23:00"}
    asked = client.post(reverse("report_event", args=[order.pk]), said)
    assert "tick that it is right" in asked.text
    sure = client.post(reverse("report_event", args=[order.pk]), said | {"is_early_meant": "on"})
    assert sure.status_code == 302
    assert StatusEvent.objects.get(order=order, kind="started").occurred_at == at(39)


def test_times_are_read_in_the_persons_zone(world):
    world.oslo.time_zone = "Europe/Oslo"
    world.oslo.save()
    order, client = world.order(), browser_of(world.coordinator)
    said = opened(client, order, "started", "collection")
    assert said["occurred_at"] == "2026-03-04T11:00"
    client.post(reverse("report_event", args=[order.pk]), said | {"occurred_at": "2026-03-04T10:30"})
    assert StatusEvent.objects.get(order=order, kind="started").occurred_at == at(49.5)


@pytest.mark.parametrize(
    ("what", "why"),
    [
        (("started", "inbound"), "Inbound waits for Collection."),
        (("started", "nowhere"), "This order's flow has no such report."),
        (("started", "collection", "7"), "Collection started counts for attempt 1 now, not 7: look again."),
        (("promised",), "This is reported by operations of the plant."),
    ],
)
def test_what_is_not_permitted_says_why(world, what, why):
    order, client = world.order(), browser_of(world.coordinator)
    assert why in client.get(address(order, *what)).text.replace("&#x27;", "'")
    refused = client.get(address(order, *what), headers=HTMX)
    assert (refused.status_code, refused["Content-Type"], refused.text) == (409, "text/plain; charset=utf-8", why)
    forged = dict(zip(("kind", "stage", "attempt"), what, strict=False)) | {"token": "x"}
    posted = client.post(reverse("report_event", args=[order.pk]), forged, headers=HTMX)
    assert (posted.status_code, posted.text) == (409, why)
    assert StatusEvent.objects.filter(order=order).count() == 1


def test_another_sites_order_is_not_there(world):
    order, client = world.order_of_bergen(), browser_of(world.coordinator)
    assert client.get(address(order, "started", "collection")).status_code == 404
    assert client.post(address(order, "started", "collection")).status_code == 404


def test_the_way_back_leads_to_our_own_pages_only(world):
    client = browser_of(world.coordinator)
    for asked, leads_to in (("/site/", "/site/"), ("https://elsewhere.example/", None)):
        order = world.order(coi=f"CO-{leads_to}")
        said = filled(client.get(address(order, "started", "collection") + f"&next={asked}").text)
        answer = client.post(reverse("report_event", args=[order.pk]), said | {"next": asked})
        assert answer["Location"] == (leads_to or reverse("order", args=[order.pk]))


def test_a_new_attempt_shows_what_begins_again(world):
    order, client = world.order(), browser_of(world.operations)
    for hours, (kind, stage) in enumerate([("completed", "collection"), ("completed", "inbound"),
                                           ("started", "selection"), ("failed", "selection")], 1):  # fmt: skip
        world.say(order, kind, stage, hours, payload={"duration_confirmed": "Kari Nordmann"})
    page = client.get(address(order, "new_attempt", "selection", 2)).text
    assert "<li>Harvest</li>" in page
    client.post(reverse("report_event", args=[order.pk]), filled(page) | {"reason": "Stored cells are left."})
    order.refresh_from_db()
    assert (order.attempt, order.current_stage, order.surprises) == (2, "selection", [])


@pytest.mark.parametrize("orders", [1, 3])
def test_the_form_costs_the_same_however_many_orders_there_are(world, django_assert_num_queries, orders):
    first, *_ = [world.order(coi=f"CO-{number}") for number in range(orders)]
    client = browser_of(world.coordinator)
    client.get(address(first, "started", "collection"), headers=HTMX)
    # Session, person, memberships, the order, its runs, flags, open labels.
    with django_assert_num_queries(7):
        client.get(address(first, "started", "collection"), headers=HTMX)


def test_people_without_a_role_in_the_work_are_told_no(world):
    order = world.order()
    client = browser_of(make_user("ada", world.oslo, role=Role.ADMINISTRATOR))
    assert client.get(address(order, "started", "collection"), headers=HTMX).status_code == 409


def on_its_way(world: TowerWorld, delivery: float) -> PatientOrder:
    """Cells handed over at 30 h, to be delivered at `delivery`."""
    order = world.order(coi="CO-1")
    world.say(order, "completed", "collection", 28)
    pickup = {"planned_pickup_at": at(30).isoformat(), "planned_delivery_at": at(delivery).isoformat()}
    world.say(order, "scheduled", "inbound", 29, payload=pickup)
    world.say(order, "started", "inbound", 30)
    return order


@pytest.mark.parametrize("headers", [None, HTMX])
def test_an_end_long_after_its_plan_is_not_dated_now_unasked(world, headers):
    order, client = on_its_way(world, 38.7), browser_of(world.operations)
    asked = client.get(address(order, "completed", "inbound"), headers=headers).text
    question = "Its end was planned for 3 Mar 2026 22:42 UTC, 11 h before. Say when it really happened, or tick"
    assert question in asked
    assert 'name="is_late_meant"' in asked
    said = filled(asked)
    refused = client.post(reverse("report_event", args=[order.pk]), said, headers=headers)
    assert refused.status_code == 422
    assert question in refused.text
    assert not StatusEvent.objects.filter(order=order, kind="completed", stage="inbound").exists()
    chosen = filled(refused.text) | {"occurred_at": "2026-03-03T22:45"}
    client.post(reverse("report_event", args=[order.pk]), chosen, headers=headers)
    assert StatusEvent.objects.get(order=order, kind="completed", stage="inbound").occurred_at == at(38.75)


def test_who_says_that_it_is_really_just_now_is_believed(world):
    order, client = on_its_way(world, 38.7), browser_of(world.operations)
    said = opened(client, order, "completed", "inbound") | {"is_late_meant": "on"}
    assert client.post(reverse("report_event", args=[order.pk]), said).status_code == 302
    assert StatusEvent.objects.get(order=order, kind="completed", stage="inbound").occurred_at == NOW


def test_an_end_in_its_grace_is_dated_now_without_a_question(world):
    order, client = on_its_way(world, 48.5), browser_of(world.operations)
    said = opened(client, order, "completed", "inbound")
    assert "is_late_meant" not in client.get(address(order, "completed", "inbound")).text
    assert client.post(reverse("report_event", args=[order.pk]), said).status_code == 302


def test_a_start_long_after_its_appointment_and_an_end_past_the_worst_case_are_asked_about_too(world):
    order, client = world.order(coi="CO-1"), browser_of(world.coordinator)
    world.say(order, "scheduled", "collection", 1, payload={"planned_start_at": at(30).isoformat()})
    assert (
        "Its start was planned for 3 Mar 2026 14:00 UTC, 20 h before."
        in client.get(address(order, "started", "collection")).text
    )
    other = world.order(coi="CO-2")
    world.say(other, "started", "collection", 2)
    assert "at the latest, " in client.get(address(other, "completed", "collection")).text


def test_nothing_follows_a_start_that_is_still_to_come(world):
    """A courier's clock, or its plan reported as a start: no end can be recorded before it."""
    order, client = world.order(coi="CO-1"), browser_of(world.operations)
    world.say(order, "completed", "collection", 40)
    world.say(order, "started", "inbound", 74)
    page = client.get(reverse("order", args=[order.pk])).text
    assert "Inbound: delivered" not in page
    answer = client.get(address(order, "completed", "inbound"))
    assert answer.status_code == 409
    assert "Inbound is reported to start at 5 Mar 2026 10:00 UTC, still to come" in answer.text


@pytest.mark.parametrize("stage", ["", "collection"])
def test_ending_a_hold_says_why_since_when_and_by_whom_it_stands(world, stage):
    order = world.order(coi="CO-1")
    world.say(order, "started", "collection", 30)
    world.say(order, "held", stage, 40, payload={"reason": "Patient has an infection."})
    person = make_user("quynh", world.plant, world.oslo, role=Role.QA)
    if not stage:
        person = world.operations
    page = words_of(browser_of(person).get(address(order, "resumed", stage)).text)
    assert "On hold since 4 Mar 2026 00:00 UTC, reported by everywhere: “Patient has an infection.”" in page
    assert "On hold since" not in browser_of(person).get(address(order, "note", stage)).text
