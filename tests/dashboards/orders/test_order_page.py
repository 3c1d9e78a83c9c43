"""The order page: one order with everything that is known of it, and the way to it."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from batches.flags.models import FlagChange
from batches.flags.statuses import FlagChangeKind
from batches.forecasts.models import Forecast
from batches.judgement.statuses import FlagCode, Severity
from batches.manufacturing.models import Batch
from batches.manufacturing.statuses import BatchStatus
from supplychain.orders.actions import seals
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.actions.seals import check_seal, orders_to_recheck
from supplychain.orders.models import PatientOrder
from supplychain.transport.actions.lanes import create_lane
from tests.dashboards.builders import HTMX, browser_of, raise_flag
from tests.dashboards.orders.builders import collected
from tests.dashboards.orders.readings import page, text_of
from tests.supplychain.builders import at, report

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now_is_hour_100")]


@pytest.mark.parametrize("name", ["order", "order_live"])
def test_another_sites_order_does_not_exist(world, name):
    order = world.order()
    people = (world.coordinator, world.operations, world.stranger_person)
    assert [page(person, order, name).status_code for person in people] == [200, 200, 404]


def test_it_shows_who_the_order_is_for_and_where_it_stands(world):
    order = collected(world)
    Forecast.objects.create(
        order=order, made_at=at(99), ready_at=at(924), slack_hours=-24.0, evidence={"steps": [], "is_reached": False}
    )
    text = text_of(page(world.coordinator, order))
    assert "Chain of identity CO-1 pseudonym-1 · Product small".replace(" · ", " ") in text
    assert "Status In progress at Inbound" in text
    assert "Against the wanted date likely late, about 24 hours" in text


def test_only_a_person_says_why_it_went_on_although_it_was_flagged(world):
    order = world.order()
    payload = {"override": "both bags were typed again"}
    world.say(order, "completed", "collection", 3, payload=payload)
    assert "although flagged" not in text_of(page(world.coordinator, order))
    by = Reporter.of_user(world.operations)
    record_event(report(order, "started", "selection", 4, payload=payload), by=by, now=at(5))
    assert text_of(page(world.coordinator, order)).count("although flagged: “both bags were typed again”") == 1


def test_collection_shipment_batch_and_identifiers_have_their_cards(world):
    order = collected(world)
    Batch.objects.create(order=order, attempt=1, plant=world.plant, number="B-77", status=BatchStatus.IN_PROCESS)
    text = text_of(page(world.coordinator, order))
    for words in (
        "Status Completed Donation number G123498654321 Site Oslo",
        "To the plant In transit Way Oslo Plant Courier Swift TRK-1",
        "Number B-77 Status In process, attempt 1 Plant Plant",
        "Hospital order number H-1",
    ):
        assert words in text


def test_a_shipment_without_a_planned_delivery_is_expected_by_its_lane(world):
    order = collected(world)
    assert "by its lane" not in text_of(page(world.coordinator, order))
    create_lane(from_site=world.oslo, to_site=world.plant, courier="SWIFT", usual_hours=90, by=None)
    assert "Expected 6 Mar" in text_of(page(world.coordinator, order))
    assert "by its lane; nobody said when it arrives." in text_of(page(world.coordinator, order))
    world.say(order, "completed", "inbound", 99)
    assert "by its lane" not in text_of(page(world.coordinator, order))


def test_a_stage_shows_its_wait_and_its_work(world):
    response = page(world.coordinator, collected(world))
    assert bands(response)["Collection"] == ["Planned 6 h", "Waited 3 h", "Worked 6 h"]
    assert bands(response)["Inbound"] == ["Planned 24 h", "Waited 11 h", "Worked 3 d 8 h so far"]
    assert bands(response)["Selection"] == ["Planned 12 h"]


def bands(response) -> dict[str, list[str]]:
    """What is drawn of each stage."""
    drawn: dict[str, list[str]] = {}
    for band in response.context["view"].line.bands:
        drawn.setdefault(band.row, []).append(band.text)
    return drawn


def test_a_stage_that_waits_shows_how_long_it_may(world):
    order = world.order()
    world.say(order, "started", "collection", 80)
    world.say(order, "completed", "collection", 90)
    assert bands(page(world.coordinator, order))["Inbound"] == ["Planned 24 h", "May wait 24 h", "Waited 10 h so far"]


def test_the_forecast_stands_on_the_time_line_of_its_stages(world):
    order = collected(world)
    steps = [{"stage": "release", "wait_hours": 10, "work_hours": 24, "basis": "planned"}]
    Forecast.objects.create(
        order=order, made_at=at(99), ready_at=at(134), slack_hours=400.0, evidence={"steps": steps, "is_reached": False}
    )
    assert bands(page(world.coordinator, order))["Release"] == [
        "Planned 24 h",
        "Expected wait 10 h",
        "Expected work 24 h",
    ]


def test_it_says_what_happens_next_and_whose_turn_it_is(world):
    order = world.order()
    text = text_of(page(world.coordinator, order))
    first, step = page(world.coordinator, order).context["view"].steps
    assert f"What happens next {first.words} {first.whose} {step.words}" in text
    assert f"{step.why} {step.whose} for 4 d 4 h" in text


def test_it_says_that_the_chain_of_hashes_holds(world):
    order = collected(world)
    assert "Sealed: 5 events, not verified yet" in text_of(page(world.coordinator, order))
    check_seal(order.pk, whole=False, now=timezone.now())
    assert re.search(
        r"Sealed: 5 events verified, none altered \w+ last verified ", text_of(page(world.coordinator, order))
    )


def test_a_page_hashes_nothing_and_says_what_is_not_verified_yet(world, monkeypatch):
    order = collected(world)
    check_seal(order.pk, whole=True, now=timezone.now())
    record_event(report(order, "note", "collection", 30), by=world.reporter)
    monkeypatch.setattr(seals, "content_hash", None)  # whoever hashes fails
    text = text_of(page(world.coordinator, order))
    assert "of 6 events the newest are not verified yet" in text
    assert "Verify the whole record now" in text


def test_anybody_who_sees_the_order_has_it_verified_and_nobody_else(world):
    order = collected(world)
    check_seal(order.pk, whole=True, now=timezone.now())
    address = reverse("verify_seal", args=[order.pk])
    assert browser_of(world.stranger_person).post(address).status_code == 404
    assert orders_to_recheck(now=timezone.now(), limit=9) == []
    assert browser_of(world.coordinator).get(address).status_code == 405
    assert browser_of(world.coordinator).post(address)["Location"] == reverse("order", args=[order.pk])
    assert orders_to_recheck(now=timezone.now(), limit=9) == [order.pk]
    assert "The whole record is being verified" in text_of(page(world.coordinator, order))


def test_an_altered_record_is_named_in_front_of_everything(world):
    order = collected(world)
    PatientOrder.objects.filter(pk=order.pk).update(seal="0" * 64)
    check_seal(order.pk, whole=True, now=timezone.now())
    text = text_of(page(world.coordinator, order))
    assert "The record has been altered. Its seal breaks at event 6" in text


def test_the_print_view_has_all_of_it_opened_and_says_who_printed_it(world):
    order = collected(world)
    raise_flag(order, FlagCode.SILENT, evidence={"quiet_hours": 12.5})
    response = browser_of(world.coordinator).get(reverse("order", args=[order.pk]), {"print": "1"})
    assert "Printed by coordinator on 6 Mar 2026 12:00 (UTC)." in text_of(response)
    assert "mainnav" not in response.text
    details = re.findall(r"<details[^>]*>", response.text)
    assert details
    assert [tag for tag in details if " open" not in tag] == []
    assert "Other reports" not in response.text


def test_the_complete_record_can_be_had_as_data(world):
    order = collected(world)
    flag = raise_flag(order, FlagCode.SILENT)
    check_seal(order.pk, whole=True, now=timezone.now())
    response = browser_of(world.coordinator).get(reverse("order_record", args=[order.pk]))
    assert response.headers["Content-Disposition"] == 'attachment; filename="CO-1.json"'
    record = response.json()
    assert record["seal"] | {"head": ""} == {
        "holds": True, "events": 5, "head": "", "verified_events": 5, "verified_at": "2026-03-06T12:00:00Z",
        "broken": None,
    }  # fmt: skip
    assert [(event["kind"], event["stage"], event["said_by"]) for event in record["events"][1:3]] == [
        ("scheduled", "collection", {"source": "everywhere"}),
        ("started", "collection", {"source": "everywhere"}),
    ]
    assert [change["kind"] for change in record["flag_changes"]] == ["raised"]
    assert [one["id"] for one in record["flags"]] == [str(flag.pk)]
    assert record["stages"][1]["shipment"]["tracking_number"] == "TRK-1"
    assert browser_of(world.stranger_person).get(reverse("order_record", args=[order.pk])).status_code == 404


def test_flags_stand_with_their_evidence_and_history_and_cleared_ones_below(world):
    order = world.order()
    flag = raise_flag(order, FlagCode.SILENT, severity=Severity.CRITICAL, due=at(70), evidence={"quiet_hours": 12.5})
    raise_flag(order, FlagCode.STAGE_LATE, cleared_at=at(60))
    FlagChange.objects.create(
        flag=flag, kind=FlagChangeKind.ACKNOWLEDGED, severity=flag.severity, changed_at=at(80), person="Ada",
        comment="I call them", why="",
    )  # fmt: skip
    response = page(world.coordinator, order)
    view = response.context["view"]
    assert [one.code for one in view.flags] == [FlagCode.SILENT]
    assert [one.code for one in view.past_flags] == [FlagCode.STAGE_LATE]
    text = text_of(response)
    assert "Quiet 12 h" in text
    assert "Acknowledged (Critical) by Ada : “I call them”".replace(" :", ":") in text.replace(" :", ":")
    assert "1 cleared flag" in text


def test_unusual_events_are_marked(world):
    order = world.order()
    world.say(order, "started", "collection", 10)
    late = record_event(report(order, "note", "collection", 4), by=world.everywhere, now=at(30))
    early = record_event(report(order, "started", "release", 31), by=world.everywhere, now=at(31))
    marks = page(world.coordinator, order).context["view"].marks
    assert marks == {
        late.event_id: [("late", "reported 26 h later"), ("out_of_order", "arrived after later events")],
        early.event_id: [("surprising", "“Release: review started” before Harvest had ended")],
    }


def test_a_conflicting_report_stands_at_the_event_whose_id_it_used(world):
    order = world.order()
    first = report(order, "started", "collection", 3)
    event_id = record_event(first, by=world.everywhere, now=at(3)).event_id
    record_event(first | {"resource": "Chair 9"}, by=world.everywhere, now=at(4))
    response = page(world.coordinator, order)
    assert {event: len(some) for event, some in response.context["view"].conflicts.items()} == {event_id: 1}
    assert "the same id came again with other content" in response.text
    assert "Chair 9" in response.text


def test_the_newest_word_stands_first(world):
    kinds = [(event.stage, event.kind) for event in page(world.coordinator, collected(world)).context["view"].events]
    assert kinds[:3] == [("inbound", "started"), ("collection", "completed"), ("collection", "started")]


def test_the_page_listens_to_its_own_order_only(world, settings):
    settings.STREAM_PORT = 8001
    order = world.order()
    text = page(world.coordinator, order).text
    assert f'data-stream-url="//testserver:8001/stream/?order={order.pk}"' in text
    assert f'data-stream-event="order-{order.pk}"' in text


def test_the_fragment_is_the_same_part_of_the_page(world):
    order = collected(world)
    browser = browser_of(world.coordinator)
    fragment = browser.get(reverse("order_live", args=[order.pk]), headers=HTMX).text
    whole = browser.get(reverse("order", args=[order.pk])).text
    unlike = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
    assert unlike.sub("", fragment).strip() in unlike.sub("", whole)


@pytest.mark.parametrize("query", ["", "?print=1"])
def test_what_an_event_said_stands_in_words(world, query):
    order = collected(world)
    answer = browser_of(world.coordinator).get(reverse("order", args=[order.pk]) + query)
    assert '<pre class="payload">' not in answer.text
    assert "Donation number G123498654321" in text_of(answer)
    assert "Courier Swift Tracking number TRK-1" in text_of(answer)


def test_what_is_reported_for_later_has_not_happened(world):
    order = world.order()
    world.say(order, "completed", "collection", 9)
    world.say(order, "started", "inbound", 130, payload={"courier": "Swift"})
    text = text_of(page(world.coordinator, order))
    assert "Inbound Still to come" in text
    assert "Still to come: in transit" in text
    assert "Inbound is reported to start at 7 Mar 2026 18:00 UTC: still to come" in text
    assert "for 0 min" not in text_of(browser_of(world.coordinator).get(reverse("orders")))


def test_the_hold_of_a_whole_order_has_its_bar_in_the_journey(world):
    order = collected(world)
    assert "Whole order" not in text_of(page(world.coordinator, order))
    world.say(order, "held", "", 90)
    told = text_of(page(world.coordinator, order))
    assert re.search(r"Whole order .*On hold for 10 h so far", told)
    world.say(order, "resumed", "", 95)
    assert "Whole order" not in text_of(page(world.coordinator, order))


def test_the_journey_of_an_ended_order_tells_no_wait_to_come(world):
    order = world.order()
    world.say(order, "completed", "collection", 8)
    world.say(order, "completed", "inbound", 90)
    told = []
    for kind in ("cancelled", "closed"):
        told.append("May wait" in text_of(page(world.coordinator, order)))
        ended = {"cancelled_at": None, "closed_at": None, f"{kind}_at": at(95)}
        PatientOrder.objects.filter(pk=order.pk).update(status=kind, **ended)
        told.append("May wait" in text_of(page(world.coordinator, order)))
    assert told == [True, False, False, False]
