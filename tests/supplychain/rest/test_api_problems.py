"""Every error is a problem document that says what to do and nothing about our insides."""

import pytest
from django.db import OperationalError, connection

from supplychain.orders.api import events
from tests.supplychain.api_clients import PROBLEM, ApiClient, client_of
from tests.supplychain.builders import World, report

pytestmark = pytest.mark.django_db
EVENTS = "/api/v1/events/"


@pytest.fixture
def client():
    return client_of(World().source)


def problem(answer) -> tuple[int, str, str]:
    body = answer.json()
    assert body["status"] == answer.status_code
    return answer.status_code, answer["Content-Type"], body["title"]


def test_an_unknown_address(client):
    assert problem(client.get("/api/v1/nonsense/")) == (404, PROBLEM, "Not Found")


def test_an_address_without_its_slash_says_so(client):
    answer = client.send("/api/v1/events", {})
    assert problem(answer) == (404, PROBLEM, "Not Found")
    assert answer.json()["detail"] == "There is no such address. Addresses end with a slash; /api/docs/ lists them."


def test_a_stranger_does_not_learn_which_addresses_there_are():
    assert problem(ApiClient().get("/api/v1/nonsense/")) == (401, PROBLEM, "Unauthorized")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
def test_a_method_that_is_not_offered(client, method):
    answer = client.generic(method, EVENTS)
    assert problem(answer) == (405, PROBLEM, "Method Not Allowed")
    assert answer["Allow"] == "POST"


def test_a_body_of_another_type(client):
    answer = client.post(EVENTS, {"source_event_id": "1"})
    assert problem(answer) == (415, PROBLEM, "Unsupported Media Type")


def test_a_charset_behind_the_type_is_no_other_type(client):
    answer = client.generic("POST", EVENTS, b"[]", content_type="Application/JSON; charset=utf-8")
    assert answer.status_code == 200


def test_an_answer_of_another_type(client):
    answer = client.get("/api/v1/flags/", headers={"accept": "text/html"})
    assert problem(answer) == (406, PROBLEM, "Not Acceptable")


@pytest.mark.parametrize("accept", ["application/json", "*/*", "text/html, application/*;q=0.5", ""])
def test_whoever_takes_json_gets_it(client, accept):
    assert client.get("/api/v1/flags/", headers={"accept": accept}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [b"{", b"{'a': 1}", b"\xff", b'{"a": NaN}', b"[1] 2", b"[" * 100_000, b'"\\ud800"', b"[1e999]", b"\xef\xbb\xbf{}"],
    ids=["cut", "quotes", "latin-1", "nan", "trailing", "deep", "surrogate", "too large a number", "byte order mark"],
)
def test_a_body_that_is_no_json(client, body):
    assert problem(client.send(EVENTS, body)) == (400, PROBLEM, "Bad Request")


def test_a_body_that_is_too_large(client):
    row = b'{"payload": "' + b"x" * 17_500_000 + b'"}'
    assert problem(client.send(EVENTS, row))[0:2] == (413, PROBLEM)
    assert problem(client.send("/api/v1/orders/", row[:300_000]))[0:2] == (413, PROBLEM)


def test_a_body_in_chunks_is_not_taken_for_an_empty_one(client):
    answer = client.generic("POST", EVENTS, b"", content_type="application/json", HTTP_TRANSFER_ENCODING="chunked")
    assert problem(answer) == (411, PROBLEM, "Length Required")


def test_an_unforeseen_error_says_nothing_of_our_insides(client, monkeypatch, caplog):
    def fail(*args, **kwargs):
        raise RuntimeError("the password is secret")

    monkeypatch.setattr(events, "record_events", fail)
    client.raise_request_exception = False
    answer = client.send(EVENTS, {})
    assert problem(answer) == (500, PROBLEM, "Internal Server Error")
    assert b"secret" not in answer.content
    assert "the password is secret" in caplog.text


def test_a_database_that_does_not_answer_asks_to_try_again(client, monkeypatch):
    def fail(*args, **kwargs):
        raise OperationalError("server closed the connection at 10.0.0.7")

    monkeypatch.setattr(events, "record_events", fail)
    answer = client.send(EVENTS, {})
    assert (*problem(answer), answer["Retry-After"]) == (503, PROBLEM, "Service Unavailable", "1")
    assert b"10.0.0.7" not in answer.content


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_closed_meanwhile_costs_no_event():
    world = World()
    order, client = world.order(), client_of(world.source)
    client.send(EVENTS, report(order, "started", "collection"))
    connection.connection.close()
    answer = client.send(EVENTS, report(order, "completed", "collection", hours=2))
    assert (answer.status_code, answer.json()["outcome"]) == (201, "created")


def test_nothing_is_kept_by_caches(client):
    assert client.get("/api/v1/flags/")["Cache-Control"] == "private, no-cache"
