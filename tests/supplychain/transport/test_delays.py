"""Delays and reroutings of a shipment: who says them, what then counts, and what is kept."""

import re
from uuid import UUID

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from batches.flags.models import Flag
from batches.flags.rules.judging import judge
from batches.flags.rules.shipments import shipment_late
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.actions.events import record_event
from supplychain.orders.models import StageRun, StatusEvent
from supplychain.orders.rules.delays import delay_problems
from supplychain.orders.rules.fold import fold
from supplychain.orders.rules.states import Fact, RunState
from supplychain.orders.statuses import ReportOutcome
from supplychain.people.statuses import Role
from supplychain.transport.models import Shipment
from supplychain.transport.rules.delays import delay_words
from tests.batches.builders import an_order, running, waiting
from tests.batches.flags.interlocked import InterlockWorld, judged, refusal, say, told
from tests.supplychain.api_clients import client_of
from tests.supplychain.builders import T0, at, make_user, plain_plan, report

FLOW = plain_plan()
DELAYED, REROUTED = "shipment_delayed", "shipment_rerouted"
UNKNOWN = {"arrival": "not_known", "cause": "lost_contact"}


def later(hours: float, **more) -> dict:
    return {"expected_at": at(hours).isoformat(), "cause": "weather"} | more


def state_of(*said: tuple):
    facts = [
        Fact(UUID(int=number), kind, "inbound", None, at(hours), at(hours), "", payload, "s", str(number))
        for number, (kind, hours, payload) in enumerate(said, 1)
    ]
    return fold(FLOW, T0, facts)


def run_of(*said: tuple) -> RunState:
    return state_of(*said).run_of("inbound")


BOOKED = ("scheduled", 1, {"planned_pickup_at": at(6).isoformat(), "planned_delivery_at": at(30).isoformat()})
SENT = ("started", 6, {})


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([], 30),
        ([(DELAYED, 8, later(40))], 40),
        ([(DELAYED, 8, later(40)), (DELAYED, 9, later(36))], 36),  # the newest word counts
        ([(DELAYED, 9, later(36)), (DELAYED, 8, later(40))], 36),
        ([(DELAYED, 8, later(29))], 30),  # in time: its plan stands
        ([(DELAYED, 8, UNKNOWN)], None),
        ([(DELAYED, 8, UNKNOWN), (DELAYED, 9, later(44))], 44),
        ([(DELAYED, 8, UNKNOWN), ("scheduled", 9, {"planned_delivery_at": at(44).isoformat()})], 44),
        ([(DELAYED, 8, later(44)), (DELAYED, 9, UNKNOWN)], None),
        ([(DELAYED, 8, later(7))], 30),  # had passed: kept, and told
        ([(REROUTED, 8, later(50, destination="plant", route="by road"))], 50),
        ([(REROUTED, 8, later(50, destination="other", place="Schiphol depot"))], None),  # its arrival is that there
        ([(REROUTED, 8, later(50, destination="infusion_site"))], None),
        ([(REROUTED, 8, later(7, destination="infusion_site"))], None),
        ([(REROUTED, 8, later(50, destination="other", place="Depot")), (DELAYED, 9, later(60))], None),
        ([(REROUTED, 8, later(50, destination="other", place="Depot")), (REROUTED, 9, later(60, route="AF 1"))], None),
        (
            [
                (REROUTED, 8, later(50, destination="other", place="Depot")),
                (REROUTED, 9, later(60, destination="plant")),
            ],
            60,
        ),
    ],
)
def test_the_newest_word_on_its_arrival_counts(said, expected):
    run = run_of(BOOKED, SENT, *said)
    assert run.expected_end == (at(expected) if expected else None)
    assert len(run.details.get("delays", ())) == len([one for one in said if one[0] != "scheduled"])


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([(DELAYED, 2, later(40)), ("scheduled", 3, {"planned_delivery_at": at(50).isoformat()})], 50),
        ([(DELAYED, 2, later(40)), ("scheduled", 3, {"planned_delivery_at": at(36).isoformat()})], 36),
        ([(DELAYED, 2, UNKNOWN), ("scheduled", 3, {"planned_delivery_at": at(50).isoformat()})], 50),
        ([(DELAYED, 2, later(40)), ("scheduled", 3, {"planned_delivery_at": at(50).isoformat()}),
          (DELAYED, 4, later(60))], 60),
        ([(DELAYED, 2, later(40)), ("scheduled", 3, {"tracking_number": "T"})], 40),
    ],
)  # fmt: skip
def test_a_new_delivery_that_is_booked_before_the_pickup_replaces_the_delay(said, expected):
    for more in ([], [SENT]):
        assert run_of(BOOKED, *said, *more).expected_end == at(expected)


def test_a_delay_of_a_booked_shipment_counts_from_its_pickup_and_ends_with_a_new_booking():
    delayed = (DELAYED, 2, later(40))
    assert run_of(BOOKED, delayed).expected_end == at(40)
    assert run_of(BOOKED, delayed, SENT).agreed.until == at(40)
    again = ("scheduled", 3, {"planned_pickup_at": at(10).isoformat(), "planned_delivery_at": at(35).isoformat()})
    assert run_of(BOOKED, delayed, again).expected_end == at(35)
    early = state_of(BOOKED, (DELAYED, 2, later(5)))
    assert early.run_of("inbound").expected_end == at(30)
    assert [one["reason"] for one in early.surprises] == ["unfit_delay"]
    assert "before its pickup" in early.surprises[0]["text"]


@pytest.mark.parametrize(
    ("kind", "payload", "wrong"),
    [
        (DELAYED, {}, {"cause", "expected_at"}),
        (DELAYED, {"cause": "weather", "arrival": "soon"}, {"arrival"}),
        (DELAYED, {"cause": "rain", "arrival": "not_known"}, {"cause"}),
        (DELAYED, UNKNOWN | later(9), {"expected_at"}),
        (DELAYED, UNKNOWN | {"cause": "other"}, {"reason"}),
        (DELAYED, UNKNOWN | {"cause": "other", "reason": "A strike"}, set()),
        (REROUTED, UNKNOWN, {"route"}),
        (REROUTED, UNKNOWN | {"route": 7}, {"route"}),
        (REROUTED, UNKNOWN | {"destination": "other"}, {"place"}),
        (REROUTED, UNKNOWN | {"destination": "moon"}, {"destination"}),
        (REROUTED, UNKNOWN | {"courier": "Nord Express"}, set()),
        ("started", {}, set()),
    ],
)
def test_what_it_has_to_say(kind, payload, wrong):
    assert set(delay_problems(kind, payload)) == wrong


def test_it_is_told_in_words():
    said = {"kind": REROUTED, "destination": "other", "place": "Bergen airport", "courier": "Nord"} | UNKNOWN
    assert delay_words(said) == "Rerouted to Bergen airport, with Nord: arrival there not known; contact lost."
    assert delay_words({"kind": DELAYED, "reason": "Fog", **later(2)}).endswith("; weather. “Fog”")
    depot = {"kind": REROUTED, "destination": "other", "place": "Schiphol depot", **later(2)}
    assert delay_words(depot).startswith("Rerouted to Schiphol depot: arrival there expected ")
    depot |= {"destination": "plant", "route": "by road"}
    assert delay_words(depot).startswith("Rerouted to the plant, new route “by road”: arrival there expected ")


@pytest.fixture
def world(db) -> InterlockWorld:
    world = InterlockWorld()
    world.coordinator = make_user("kari", world.oslo, role=Role.SITE_COORDINATOR)
    return world


def under_way(world):
    order = world.order()
    told(world, order, ("started", "collection", 1), ("completed", "collection", 5))
    row = report(order, "scheduled", "inbound", 5, payload={"planned_delivery_at": at(30).isoformat(),
                                                             "planned_pickup_at": at(6).isoformat()})  # fmt: skip
    record_event(row, by=world.reporter, now=at(5))
    told(world, order, ("started", "inbound", 6))
    return order


def sent(world, order, kind, hours, payload, stage="inbound"):
    return record_event(report(order, kind, stage, hours, payload=payload), by=world.reporter, now=at(hours))


def flag(order, code=FlagCode.SHIPMENT_LATE):
    return Flag.objects.filter(order=order, code=code, cleared_at=None).first()


def test_a_couriers_system_says_it_and_flag_shipment_and_interface_say_one_thing(world):
    order = under_way(world)
    judged(7)
    assert flag(order) is None
    assert sent(world, order, DELAYED, 8, later(40, reason="Fog at the airport")).outcome == ReportOutcome.CREATED
    judged(8)
    assert flag(order).evidence["expected_at"] == at(40).isoformat()
    shipment = Shipment.objects.get(stage_run__order=order)
    assert (shipment.expected_delivery_at, shipment.arrival_unknown) == (at(40), False)
    sent(world, order, DELAYED, 9, UNKNOWN)
    judged(9)
    assert flag(order).evidence["expected_by"] == "unknown"
    shipment.refresh_from_db()
    assert (shipment.expected_delivery_at, shipment.arrival_unknown) == (None, True)
    body = client_of(world.reporter.source, "orders:read").get(f"/api/v1/orders/{order.pk}/").json()["shipments"][0]
    assert (body["expected_delivery_at"], body["arrival_unknown"]) == (None, True)
    assert [one["cause"] for one in body["delays"]] == ["weather", "lost_contact"]


def test_only_a_transport_is_delayed(world):
    result = sent(world, under_way(world), DELAYED, 8, later(40), stage="collection")
    assert (result.outcome, "is no transport" in result.reason) == (ReportOutcome.REJECTED, True)


def test_what_does_not_fit_is_kept_of_a_system_and_refused_to_a_person(world):
    order = under_way(world)
    assert sent(world, order, DELAYED, 8, later(7)).outcome == ReportOutcome.CREATED
    order.refresh_from_db()
    assert "its new arrival does not count" in order.surprises[0]["text"]
    asked = later(9)
    del asked["expected_at"]
    payload = asked | {"arrival": "known", "expected_at": at(9)}
    assert "give a time to come" in refusal(order, world.operator, DELAYED, "inbound", 10, payload=payload)
    assert "is missing" in refusal(order, world.operator, DELAYED, "inbound", 10, payload={"arrival": "not_known"})
    payload = UNKNOWN | {"cause": "other"}
    assert "what the other reason is" in refusal(order, world.operator, DELAYED, "inbound", 10, payload=payload)


def test_a_coordinator_reports_it_and_takes_it_back(world):
    order = under_way(world)
    payload = {"arrival": "known", "expected_at": at(500), "cause": "customs"}
    say(order, world.coordinator, DELAYED, "inbound", 10, payload=payload)
    run = StageRun.objects.get(order=order, stage__code="inbound")
    assert run.details["agreed_end_at"] == "2026-03-23T04:00:00Z"
    event = StatusEvent.objects.get(order=order, kind=DELAYED)
    row = report(order, "withdrawn", "inbound", 11, payload={"event": str(event.pk), "reason": "Another shipment"})
    sent_by = type(world.reporter).of_user(world.coordinator)
    assert record_event(row, by=sent_by, now=at(11)).reason == ""
    run.refresh_from_db()
    assert ("agreed_end_at" in run.details, "delays" in run.details) == (False, False)


def test_a_rerouting_to_another_site_waits_for_quality_assurance(world):
    order = under_way(world)
    sent(world, order, REROUTED, 8, later(40, destination="plant", route="by road"))
    judged(8)
    assert flag(order, FlagCode.OUT_OF_SEQUENCE) is None
    sent(world, order, REROUTED, 9, later(44, destination="infusion_site"))
    judged(9)
    found = flag(order, FlagCode.OUT_OF_SEQUENCE)
    assert (found.severity, found.stage) == (Severity.CRITICAL, "inbound")
    assert "to the infusion site, while the order’s cells go to the plant" in found.why


def test_pages_list_every_delay_and_say_what_is_expected_now(world):
    order = under_way(world)
    sent(world, order, DELAYED, 8, later(40, reason="Fog"))
    sent(world, order, DELAYED, 9, UNKNOWN)
    browser = Client()
    browser.force_login(world.operator)
    for name in ("order", "custody"):
        page = browser.get(reverse(name, args=[order.pk])).content.decode()
        assert "Delayed: arrival expected" in page
        assert "arrival not known; contact lost" in page
        assert page.count("Earlier, told anew since:</strong> Delayed: arrival expected") == 1
        assert page.index("arrival not known; contact lost") < page.index("Earlier, told anew since:")
    stranger = Client()
    stranger.force_login(make_user("else", world.bergen))
    assert stranger.get(reverse("custody", args=[order.pk])).status_code == 404


def test_the_dialog_records_it_and_asks_for_what_is_missing(world):
    order = under_way(world)
    browser, where = Client(), reverse("report_event", args=[order.pk])
    browser.force_login(world.coordinator)
    with time_machine.travel(at(10), tick=False):
        page = browser.get(f"{where}?kind={REROUTED}&stage=inbound").text
        assert "Where it goes now" in page
        assert page.index('name="expected_at"') < page.index("Nobody knows when")  # asked before it is spoken of
        said = dict(re.findall(r'<input[^>]* name="([^"]+)" value="([^"]*)"', page))
        said |= {"destination": "plant", "route": "LH 123", "cause": "vehicle", "occurred_at": "2026-03-02T18:00"}
        answer = browser.post(where, said | {"arrival": "known", "expected_at": ""})
        assert "ay when it is expected now" in answer.text
        answer = browser.post(where, said | {"arrival": "not_known", "expected_at": ""}, follow=True)
    assert StatusEvent.objects.get(order=order, kind=REROUTED).payload["route"] == "LH 123"
    assert "Rerouted to the plant, new route “LH 123”: " in answer.text


def test_a_forecast_says_what_it_rests_on_while_nobody_knows_the_arrival():
    lost = running("inbound", 1, planned_delivery=25)._replace(unknown_since=at(3).isoformat())
    order = an_order(lost, done_until="collection", last_recorded=1, promised=900)
    assert judge(order, at(4)).forecast.assumes_cleared == "as if Inbound took as long as usual"


def test_a_booked_shipment_that_is_delayed_is_late_before_its_pickup():
    booked = waiting("inbound", ready=1, planned_pickup_at=10, planned_delivery=30)
    booked = booked._replace(agreed_end_at=at(50).isoformat(), agreed_times="1", delayed_at=at(3).isoformat())
    order = an_order(booked, done_until="collection", last_recorded=1)
    [found] = shipment_late(order, at(4)).findings
    assert (found.severity, found.since) == (Severity.ATTENTION, at(3))
    assert "picked_up_at" not in found.evidence
