"""Reporting events over REST: one or many, each answered, none lost, none taken twice."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from supplychain.orders.models import EventConflict, StatusEvent
from tests.supplychain.api_clients import PROBLEM, client_of
from tests.supplychain.builders import World, at, report

pytestmark = pytest.mark.django_db
EVENTS = "/api/v1/events/"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def client(world):
    return client_of(world.source)


def test_a_new_event_is_created(world, client):
    order = world.order()
    answer = client.send(EVENTS, report(order, "started", "collection", resource="Chair 2"))
    event = order.events.get(kind="started")
    assert (answer.status_code, answer["Content-Type"]) == (201, "application/json")
    assert answer.json() == {
        "outcome": "created",
        "source_event_id": event.source_event_id,
        "event": str(event.pk),
        "order": str(order.pk),
        "reason": "",
    }
    assert (event.occurred_at, event.source, event.resource) == (at(1), world.source, "Chair 2")


def test_the_same_event_again_is_known(world, client):
    order = world.order()
    first, again = (client.send(EVENTS, report(order, "started", "collection")) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json() | {"outcome": "duplicate"}
    assert order.events.count() == 2


def test_the_same_id_with_other_content_is_a_conflict_and_kept(world, client):
    order = world.order()
    said = report(order, "started", "collection")
    first = client.send(EVENTS, said)
    answer = client.send(EVENTS, said | {"resource": "Chair 9"})
    problem = answer.json()
    assert (answer.status_code, answer["Content-Type"]) == (409, PROBLEM)
    assert (problem["outcome"], problem["event"], problem["order"]) == (
        "conflict", first.json()["event"], str(order.pk),
    )  # fmt: skip
    assert (problem["detail"], problem["status"]) == (problem["reason"], 409)
    assert EventConflict.objects.get().report["resource"] == "Chair 9"


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "exploded"},
        {"occurred_at": "yesterday"},
        {"occurred_at": "2026-03-02T09:00:00"},
        {"stage": "no_such_stage"},
        {"unknown_field": 1},
        {"payload": {"text": "x" * 17_000}},
        {"resource": "nul \x00"},
        {"source_event_id": ""},
        {"order": "CO-NOBODY"},
        {"order": "00000000-0000-0000-0000-000000000000"},
    ],
)
def test_an_event_that_cannot_be_used_is_answered_with_the_reason(world, client, wrong):
    answer = client.send(EVENTS, report(world.order(), "started", "collection") | wrong)
    problem = answer.json()
    assert (answer.status_code, answer["Content-Type"], problem["outcome"]) == (422, PROBLEM, "rejected")
    assert problem["detail"] == problem["reason"] != ""
    assert StatusEvent.objects.filter(kind="started").count() == 0


@pytest.mark.parametrize("body", [{}, "text", 7, None, True])
def test_a_body_that_is_no_event_is_answered_with_422(client, body):
    answer = client.send(EVENTS, body)
    assert (answer.status_code, answer.json()["outcome"]) == (422, "rejected")


def test_a_foreign_order_is_told_like_an_unknown_one(world):
    stranger = client_of(world.stranger)
    order = world.order()
    for reference, unknown in (
        (str(order.pk), "019c8f6e-4a51-7cc3-9b42-2d1f6f0a7e11"),
        (order.coi, "C" * len(order.coi)),
    ):
        foreign, missing = (
            stranger.send(EVENTS, report(named, "started", "collection")) for named in (reference, unknown)
        )
        assert (foreign.status_code, missing.status_code) == (422, 422)
        assert _without_names(foreign.json(), reference) == _without_names(missing.json(), unknown)
    assert order.events.count() == 1


def _without_names(problem: dict, name: str) -> dict:
    return {key: str(value).replace(name, "…") for key, value in problem.items()}


def test_a_list_is_answered_row_by_row_and_good_rows_are_kept(world, client):
    order = world.order()
    started = report(order, "started", "collection")
    rows = [
        started,
        {"source_event_id": "bad"},
        started,
        started | {"resource": "other"},
        report(order.coi, "completed", "collection", hours=2),
        "no object",
    ]
    answer = client.send(EVENTS, rows)
    results = answer.json()["results"]
    assert answer.status_code == 200
    assert [row["outcome"] for row in results] == [
        "created", "rejected", "duplicate", "conflict", "created", "rejected",
    ]  # fmt: skip
    assert [row["source_event_id"] for row in results] == [
        started["source_event_id"], "bad", started["source_event_id"], started["source_event_id"],
        rows[4]["source_event_id"], "",
    ]  # fmt: skip
    assert [row["order"] for row in results] == [str(order.pk), None, str(order.pk), str(order.pk), str(order.pk), None]
    assert [bool(row["reason"]) for row in results] == [False, True, False, True, False, True]
    assert list(order.events.order_by("position").values_list("kind", flat=True)) == ["ordered", "started", "completed"]


def test_an_empty_list_has_no_results(client):
    answer = client.send(EVENTS, [])
    assert (answer.status_code, answer.json()) == (200, {"results": []})


def test_a_thousand_events_are_taken_and_one_more_is_too_much(world, client):
    order = world.order()
    rows = [report(order, "note", "collection", hours=number / 10, resource=str(number)) for number in range(1_001)]
    assert client.send(EVENTS, rows).status_code == 413
    assert order.events.count() == 1
    outcomes = [row["outcome"] for row in client.send(EVENTS, rows[:1_000]).json()["results"]]
    assert (outcomes, order.events.count()) == (["created"] * 1_000, 1_001)


def test_the_number_of_queries_does_not_depend_on_the_rows(world, client):
    order = world.order()
    client.send(EVENTS, report(order, "scheduled", "collection"))
    with CaptureQueriesContext(connection) as one:
        client.send(EVENTS, report(order, "note", "collection", hours=1.5))
    with CaptureQueriesContext(connection) as three:
        client.send(EVENTS, [report(order, "note", "collection", hours=hours) for hours in (2, 3, 4)])
    assert len(one) == len(three)
