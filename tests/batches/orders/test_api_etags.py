"""Keeping a copy of an order, and changing the promise of just the order that one has read."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from batches.forecasts.rules.begins import BEGINS, ForeseenBegin
from supplychain.orders.actions.events import record_event
from supplychain.people.statuses import Role
from tests.batches.api_rows import make_flag, make_forecast
from tests.batches.calibration.builders import predict
from tests.supplychain.api_clients import PROBLEM, client_of, session_of
from tests.supplychain.builders import World, at, make_user, report

pytestmark = pytest.mark.django_db
LATER = {"promised_at": "2099-05-01T10:00:00+02:00", "reason": "Agreed by telephone."}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def client(world):
    return client_of(world.source)


@pytest.fixture
def order(world):
    return world.order(promised_at=at(500))


@pytest.fixture
def path(order) -> str:
    return f"/api/v1/orders/{order.pk}/"


def test_an_unchanged_order_is_not_sent_again(client, path):
    etag = client.get(path)["ETag"]
    again = client.get(path, headers={"if-none-match": etag})
    assert etag.startswith('W/"1-')
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
    assert client.get(path, headers={"if-none-match": f'"0", {etag.removeprefix("W/")}'}).status_code == 304
    assert client.get(path, headers={"if-none-match": 'W/"1"'}).status_code == 200


@pytest.mark.parametrize("change", ["event", "flag", "acknowledgement", "forecast"])
def test_whatever_changes_is_sent_again(world, client, order, path, change):
    flag = make_flag(order)
    etag = client.get(path)["ETag"]
    if change == "event":
        record_event(report(order, "started", "collection"), by=world.reporter)
    elif change == "flag":
        make_flag(order, stage="harvest")
    elif change == "acknowledgement":
        flag.acknowledged_at, flag.acknowledged_by = at(3), "Ada"
        flag.save()
    else:
        make_forecast(order, at(480))
    answer = client.get(path, headers={"if-none-match": etag})
    assert answer.status_code == 200
    assert answer["ETag"] != etag


def test_time_alone_is_no_change(world, client, order, path):
    make_flag(order)
    for stage in ("collection", "inbound"):
        for kind in ("started", "completed"):
            record_event(report(order, kind, stage), by=world.reporter)
    evidence = {BEGINS: {"selection": ForeseenBegin(at(20), at(30)).row}}
    predict(order, made_at=timezone.now(), superseded_at=None, evidence=evidence)
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        etag = client.get(path)["ETag"]
        first = client.get(path).json()["hold_budgets"][0]["left_hours"]
        clock.shift(timedelta(minutes=30))
        assert client.get(path).json()["hold_budgets"][0]["left_hours"] == pytest.approx(first - 0.5, abs=0.02)
        assert client.get(path, headers={"if-none-match": etag}).status_code == 304


def test_a_promise_is_changed_for_the_version_that_was_read(world, client, order, path):
    answer = client.send(path, LATER, "PATCH", if_match=client.get(path)["ETag"])
    event = order.events.get(kind="promised")
    assert (answer.status_code, answer.json()["promised_at"], answer.json()["version"]) == (
        200, "2099-05-01T08:00:00Z", 2,
    )  # fmt: skip
    assert answer["ETag"] == client.get(path)["ETag"]
    assert (event.source, event.payload["reason"]) == (world.source, "Agreed by telephone.")


def test_a_promise_without_the_version_is_asked_for_it(client, order, path):
    answer = client.send(path, LATER, "PATCH")
    assert (answer.status_code, answer["Content-Type"], order.events.count()) == (428, PROBLEM, 1)


def test_a_promise_for_an_older_version_is_refused(world, client, order, path):
    etag = client.get(path)["ETag"]
    record_event(report(order, "started", "collection"), by=world.reporter)
    answer = client.send(path, LATER, "PATCH", if_match=etag)
    assert (answer.status_code, answer["Content-Type"]) == (412, PROBLEM)
    assert answer.json()["detail"] == "The order has version 2 now. Read it again and decide anew."
    assert order.events.filter(kind="promised").count() == 0


def test_a_flag_raised_meanwhile_does_not_spoil_a_promise(client, order, path):
    etag = client.get(path)["ETag"]
    make_flag(order)
    assert client.send(path, LATER, "PATCH", if_match=etag).status_code == 200


@pytest.mark.parametrize(
    ("if_match", "status"), [("*", 200), ('W/"1"', 200), ('"1-ab"', 200), ('"x"', 412), ("1", 412)]
)
def test_how_the_version_may_be_written(client, path, if_match, status):
    assert client.send(path, LATER, "PATCH", if_match=if_match).status_code == status


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "promised_at"),
        ({"promised_at": "soon"}, "promised_at"),
        ({"promised_at": "2026-05-01T10:00:00"}, "promised_at"),
        ({"promised_at": None}, "promised_at"),
        (LATER | {"priority": "urgent"}, "priority"),
        (LATER | {"reason": 7}, "reason"),
    ],
)
def test_a_promise_that_cannot_be_read_names_the_field(client, path, body, field):
    answer = client.send(path, body, "PATCH", if_match="*")
    assert (answer.status_code, answer["Content-Type"], list(answer.json()["errors"])) == (422, PROBLEM, [field])


def test_a_promise_beyond_reason_is_refused_with_the_reason(client, path):
    answer = client.send(path, {"promised_at": "2300-01-01T00:00:00Z"}, "PATCH", if_match="*")
    assert (answer.status_code, "2100" in answer.json()["errors"]["promised_at"][0]) == (422, True)
    assert client.send(path, LATER | {"reason": "\x00"}, "PATCH", if_match="*").status_code == 422


def test_nothing_is_promised_for_an_order_that_has_ended(world, client, order, path):
    record_event(report(order, "cancelled"), by=world.reporter)
    answer = client.send(path, LATER, "PATCH", if_match="*")
    assert (answer.status_code, answer["Content-Type"]) == (409, PROBLEM)


def test_a_stranger_cannot_promise(world, path):
    assert client_of(world.stranger).send(path, LATER, "PATCH", if_match="*").status_code == 404


def test_quality_assurance_reads_orders_and_does_not_promise(world, path):
    client = session_of(make_user("quinn", world.oslo, role=Role.QA))
    assert client.get(path).status_code == 200
    assert client.send(path, LATER, "PATCH", if_match="*").status_code == 403


@pytest.mark.django_db(transaction=True)
def test_of_two_who_promise_at_once_for_the_same_version_one_is_told():
    world = World()
    path = f"/api/v1/orders/{world.order().pk}/"
    clients = [client_of(world.source) for _ in range(4)]

    def promise(place: int) -> int:
        try:
            body = {"promised_at": f"2099-05-01T10:00:0{place}Z"}
            return clients[place].send(path, body, "PATCH", if_match='W/"1"').status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(promise, range(4))) == [200, 412, 412, 412]


def test_who_may_place_orders_does_not_change_what_the_plant_promised(world, order, path):
    etag = client_of(world.source).get(path)["ETag"]
    hospital = client_of(world.source, "orders:read", "orders:write", "events:write")
    refused = hospital.send(path, LATER, "PATCH", if_match=etag)
    assert (
        refused.status_code,
        "“Confirm orders; promise dates and change them” (events:promise)" in refused.json()["detail"],
    ) == (403, True)
    said = report(order, "promised", hours=3, payload={"promised_at": at(900).isoformat()})
    assert hospital.send("/api/v1/events/", said).status_code == 201
    order.refresh_from_db()
    assert (order.promised_at, order.events.get(kind="promised").lacked_scope) == (at(500), "events:promise")
