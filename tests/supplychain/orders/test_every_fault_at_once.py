"""Every fault of a reported event is told at once, by its field: alone and in a list."""

import pytest

from supplychain.orders.models import StatusEvent
from supplychain.people.statuses import Role
from supplychain.reasons import MOST_REPORTED
from tests.supplychain.api_clients import client_of, session_of
from tests.supplychain.builders import World, at, make_user, report

pytestmark = pytest.mark.django_db
EVENTS = "/api/v1/events/"


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"attempt": "2", "resource": 7, "payload": {"donation_number": "#N/A", "planned_start_at": "soon"}},
         {"attempt", "resource", "payload.donation_number", "payload.planned_start_at"}),
        ({"occurred_at": "yesterday", "kind": "exploded", "source_event_id": "NULL"},
         {"occurred_at", "kind", "source_event_id"}),
        ({"occurred_at": "2026-03-02T09:00:00", "order": None, "odd": 1}, {"occurred_at", "order", ""}),
        ({"resource": "a\x00b", "kind": "exploded", "payload": {"suite": "s\x00", "courier": ""}},
         {"resource", "kind", "payload.suite", "payload.courier"}),
        ({"payload": {"text": "x" * 17_000, "suite": 1}, "attempt": 99}, {"payload", "payload.suite", "attempt"}),
        ({"stage": 7, "payload": []}, {"stage", "payload"}),
        ({"stage": "no_such_stage", "payload": {"suite": ""}}, {"stage", "payload.suite"}),
        ({"order": "CO-NOBODY", "payload": {"suite": ""}}, {"order", "payload.suite"}),
        ({"order": "CO-NOBODY", "occurred_at": "yesterday"}, {"order", "occurred_at"}),
        ({"order": "CO-NOBODY", "attempt": "2", "source_event_id": "a\x00"}, {"order", "attempt", "source_event_id"}),
        ({"stage": "no_such_stage", "resource": 7}, {"stage", "resource"}),
        ({"order": "CO\x00", "stage": "no_such_stage", "odd": 1}, {"order", ""}),
    ],
)  # fmt: skip
def test_what_cannot_be_read_or_taken_is_told_field_by_field(world, wrong, fields):
    client, said = client_of(world.source), report(world.order(), "started", "collection") | wrong
    alone = client.send(EVENTS, said)
    assert (alone.status_code, set(alone.json()["errors"])) == (422, fields)
    (listed,) = client.send(EVENTS, [said]).json()["results"]
    assert (listed["errors"], listed["reason"]) == (alone.json()["errors"], alone.json()["reason"])
    assert all(text for texts in listed["errors"].values() for text in texts)
    assert not StatusEvent.objects.filter(kind="started").exists()


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"order": "NULL"}, {"order": 1}),
        ({"kind": "exploded"}, {"kind": 1}),
        ({"kind": "exploded", "stage": "no_such_stage"}, {"kind": 1, "stage": 1}),
        ({"stage": "expansion", "payload": {"suite": ""}}, {"stage": 1, "payload.suite": 1}),
    ],
)
def test_no_fault_is_told_twice(world, wrong, fields):
    client = session_of(make_user("kari", world.oslo, role=Role.SITE_COORDINATOR))
    errors = client.send(EVENTS, report(world.order(), "started", "collection") | wrong).json()["errors"]
    assert {field: len(texts) for field, texts in errors.items()} == fields


def test_a_reason_is_as_long_as_is_said_and_never_costs_a_fact(world):
    client, order = client_of(world.source), world.order()
    long = report(order, "failed", "collection", payload={"reason": "x" * (MOST_REPORTED + 1)})
    assert client.send(EVENTS, long).status_code == 201
    empty = client.send(EVENTS, report(order, "held", "inbound", payload={"reason": " "})).json()
    assert empty["errors"] == {"payload.reason": ["Must be a text that says why; leave it out where there is none."]}
    wrong = {"event": str(order.pk), "reason": "x" * (MOST_REPORTED + 1)}
    told = client.send(EVENTS, report(order, "withdrawn", payload=wrong)).json()["errors"]
    assert told == {
        "payload.reason": [f"Must be a text of 1 to {MOST_REPORTED} characters."],
        "payload.event": ["This order has no such event; give the id of the event that is wrong."],
    }
    payload = client.get("/api/schema/").json()["components"]["schemas"]["EventReport"]["properties"]["payload"]
    assert f"have at most {MOST_REPORTED} characters" in payload["description"]


@pytest.mark.parametrize(
    ("kind", "payload", "field"),
    [
        ("held", {"reason": "x"}, "payload.reason"),
        ("note", {"donation_number": "12345", "donation_reason": "ok"}, "payload.donation_reason"),
        ("failed", {"override": "---"}, "payload.override"),
        ("change_asked", {"wish": "cancel", "cause": "other", "reason": "x"}, "payload.reason"),
    ],
)
def test_what_is_no_reason_on_a_page_is_none_of_a_person_over_rest(world, kind, payload, field):
    client = session_of(make_user("kari", world.oslo, role=Role.SITE_COORDINATOR))
    said = report(world.order(), kind, "" if kind == "change_asked" else "collection", payload=payload)
    assert field in client.send(EVENTS, said).json()["errors"]


def test_what_a_system_reports_is_kept_with_however_short_a_reason(world):
    said = report(world.order(), "held", "collection", payload={"reason": "QC"})
    assert client_of(world.source).send(EVENTS, said).status_code == 201


def test_a_stage_that_cannot_be_read_says_nothing_of_the_kind(world):
    answer = client_of(world.source).send(EVENTS, report(world.order(), "started", "collection") | {"stage": 7})
    assert list(answer.json()["errors"]) == ["stage"]


def test_a_person_hears_at_once_of_the_right_the_number_and_the_attempt(world):
    kari = make_user("kari", world.oslo, role=Role.SITE_COORDINATOR)
    order = world.order()
    said = report(order, "completed", "expansion", attempt=9, payload={"donation_number": "G123498654321K"})
    problem = session_of(kari).send(EVENTS, said).json()
    assert set(problem["errors"]) == {"stage", "payload.donation_number", "attempt"}
    assert problem["order"] == str(order.pk)


def test_a_request_hears_of_its_wish_and_its_moment(world):
    order = world.order()
    said = report(order, "change_asked", hours=8_000, payload={"wish": "resume", "cause": "well"})
    problem = client_of(world.source).send(EVENTS, said).json()
    assert set(problem["errors"]) == {"payload.wish", "occurred_at"}


def test_a_request_hears_of_its_moment_and_its_cause_and_a_person_of_all_that_the_order_says(world):
    order = world.order()
    asked = {"wish": "postpone", "cause": "rain", "wanted_at": at(1).isoformat()}
    problem = client_of(world.source).send(EVENTS, report(order, "change_asked", payload=asked)).json()
    assert set(problem["errors"]) == {"payload.cause", "payload.wanted_at"}
    kari = make_user("kari", world.oslo, role=Role.SITE_COORDINATOR)
    said = report(
        order, "completed", "collection", attempt=9, payload={"donation_number": "G123498654321K", "suite": ""}
    )
    problem = session_of(kari).send(EVENTS, said).json()
    assert set(problem["errors"]) == {"stage", "payload.donation_number", "payload.suite", "attempt"}


def test_what_was_taken_has_no_errors(world):
    client, said = client_of(world.source), report(world.order(), "started", "collection", hours=1)
    assert "errors" not in client.send(EVENTS, said).json()
    assert "errors" not in client.send(EVENTS, [said]).json()["results"][0]
    assert StatusEvent.objects.get(kind="started").occurred_at == at(1)
