"""How much one system may ask: counted over all processes, told in headers, a large body counted before it is read."""

import time
from uuid import UUID

import pytest
import redis
import time_machine
from django.core.cache import cache, caches

from supplychain.live import client as valkey
from supplychain.rest.counting import has_more_rows
from supplychain.rest.limits import BYTES_OF_A_REQUEST, WINDOW_SECONDS
from tests.supplychain.api_clients import PROBLEM, client_of, session_of
from tests.supplychain.builders import World, at, make_user

pytestmark = pytest.mark.django_db
ORDERS, EVENTS = "/api/v1/orders/", "/api/v1/events/"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture(autouse=True)
def _stands_still():
    with time_machine.travel(at(10), tick=False):
        yield


def limited(world: World, limit: int):
    world.source.request_limit = limit
    world.source.save()
    return client_of(world.source)


def told(answer) -> tuple[int, str, str, str]:
    names = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
    return (answer.status_code, *(answer[name] for name in names))


def test_each_answer_says_what_is_left(world):
    client = limited(world, 3)
    answers = [told(client.get(ORDERS)) for _ in range(2)]
    assert answers == [(200, "3", "2", str(WINDOW_SECONDS)), (200, "3", "1", str(WINDOW_SECONDS))]
    assert told(client.get(f"{ORDERS}{UUID(int=0)}/"))[:3] == (404, "3", "0")
    assert client.get(ORDERS)["RateLimit-Policy"] == f"3;w={WINDOW_SECONDS}"


def test_whoever_comes_too_often_is_told_when_to_come_again(world):
    client = limited(world, 2)
    answers = [client.get(ORDERS) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert (answers[2]["Content-Type"], answers[2]["Retry-After"]) == (PROBLEM, str(WINDOW_SECONDS))
    assert answers[2].json()["title"] == "Too Many Requests"
    with time_machine.travel(at(10).timestamp() + WINDOW_SECONDS, tick=False):
        assert client.get(ORDERS).status_code == 200


def test_all_web_processes_count_together(world):
    client = limited(world, 5)
    client.get(ORDERS)
    window = int(time.time() // WINDOW_SECONDS)
    cache.incr(f"requests:{world.source.pk}:{window}", 4)  # what another process has counted meanwhile
    assert client.get(ORDERS).status_code == 429


def test_a_request_asks_valkey_once(world, monkeypatch):
    client, sent, send = limited(world, 5), [], redis.Connection.send_packed_command
    client.get(ORDERS)  # makes the connection

    def counted(self, *said, **how):
        sent.append(said)
        send(self, *said, **how)

    monkeypatch.setattr(redis.Connection, "send_packed_command", counted)
    assert client.get(ORDERS)["RateLimit-Remaining"] == "3"
    assert len(sent) == 1


def test_what_was_counted_is_forgotten_by_itself(world):
    limited(world, 5).get(ORDERS)
    key = f"requests:{world.source.pk}:{int(time.time() // WINDOW_SECONDS)}"
    assert 0 < valkey().ttl(caches["default"]._valkey.make_key(key)) <= 2 * WINDOW_SECONDS


def test_one_system_takes_nothing_from_another_nor_from_people(world):
    client = limited(world, 1)
    assert [client.get(ORDERS).status_code for _ in range(2)] == [200, 429]
    assert client_of(world.stranger).get(ORDERS).status_code == 200
    answer = session_of(make_user("ola", world.oslo)).get(ORDERS)
    assert (answer.status_code, answer["RateLimit-Limit"]) == (200, "3000")


def test_a_large_body_counts_for_more(world):
    client = limited(world, 5)
    assert told(client.send(EVENTS, b"[" + b" " * 2 * BYTES_OF_A_REQUEST + b"]"))[:3] == (200, "5", "2")


def test_without_valkey_each_process_counts_for_itself(world, monkeypatch):
    def away(*args, **kwargs):
        raise redis.ConnectionError("gone")

    client = limited(world, 2)
    monkeypatch.setattr(caches["default"]._valkey, "count", away)
    monkeypatch.setattr(caches["default"], "_away_until", 0.0)  # the next test counts in Valkey again, not 5 s later
    assert [client.get(ORDERS).status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize(
    ("body", "more"),
    [
        (b"[]", False),
        (b" [1]", False),
        (b"[1, 2, 3]", False),
        (b"[1, 2, 3, 4]", True),
        (b"[[],[],[],[]]", True),
        (b'[{"a": [1, 2, 3, 4, 5]}, "a,b,c,d,[", "\\",\\\\"]', False),
        (b'{"a": [1, 2, 3, 4, 5]}', False),
        (b"[1,,,,,", True),
        (b'["unfinished', False),
        (b"]]]", False),
        (b"", False),
    ],
)
def test_rows_are_counted_as_text(body, more):
    assert has_more_rows(body, 3) is more


@pytest.mark.parametrize(
    "body",
    [
        b"[" + b"[]," * 5_000_000 + b"[]]",
        b"[" + b"{}," * 1_000 + b"{}]",
        b'[{"payload": {"a": [' + b"[]," * 600_000 + b"[]]}}]",
        b'{"payload": {"a": [' + b"1," * 600_000 + b"1]}}",
    ],
    ids=["many lists", "one too many", "many lists in one", "many numbers"],
)
def test_a_body_is_counted_before_it_is_decoded(world, monkeypatch, body):
    monkeypatch.setattr("supplychain.rest.rendering._decoder", None)  # whoever decodes fails
    answer = client_of(world.source).send(EVENTS, body)
    assert (answer.status_code, answer["Content-Type"]) == (413, PROBLEM)


def test_as_many_rows_as_are_taken_are_taken(world):
    answer = client_of(world.source).send(EVENTS, [{"source_event_id": str(number)} for number in range(1_000)])
    assert (answer.status_code, len(answer.json()["results"])) == (200, 1_000)
