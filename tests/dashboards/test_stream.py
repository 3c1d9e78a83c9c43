"""The live stream: who hears what, how often, and what happens when Valkey goes away."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
import redis
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.db import OperationalError, connection
from django.urls import reverse

from cellops.asgi import application
from cellops.services.servers import Servers
from dashboards import stream, stream_server
from dashboards.stream import Change, Client, messages, the_hub
from supplychain import live
from supplychain.live import CHANNEL, publish_change
from tests.dashboards.builders import TowerWorld, browser_of, raise_flag
from tests.supplychain.builders import make_user

OSLO, BERGEN, PLANT = (str(uuid4()) for _ in range(3))
ORDER, OTHER = uuid4(), uuid4()
PATIENCE = 30.0  # seconds; only ever used up by a failure


@pytest.fixture(autouse=True)
def _no_client_of_another_test() -> None:
    live.client.cache_clear()


class Page:
    """An open page that keeps what it hears."""

    def __init__(self, *sites: str, order: str = "", **given: float) -> None:
        self.client = Client(frozenset(sites), order)
        self.heard: list[str] = []
        self._given = given

    async def listen(self) -> None:
        """Read events until the stream ends."""
        async for message in messages(self.client, **self._given):
            self.heard += [line.removeprefix("event: ") for line in message.decode().splitlines() if "event: " in line]

    async def hears(self, *events: str) -> None:
        """Wait until exactly this has been heard since the beginning."""
        await until(lambda: self.heard == list(events), lambda: f"{self.heard} instead of {list(events)}")


async def until(condition: Callable[[], bool], say: Callable[[], str] = str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, say()
        await asyncio.sleep(0.02)


@asynccontextmanager
async def listening(*pages: Page) -> AsyncIterator[None]:
    """All pages open and the subscription in place, which every page has been told of."""
    tasks = [asyncio.create_task(page.listen()) for page in pages]
    try:
        for page in pages:
            await page.hears("hello", page.client.event)
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    """Play the scenario in a thread of its own: whatever else has run here, no event loop runs there.

    A scenario that does not even end when it is cancelled fails the test rather than stop the whole run.
    """
    played: Future[None] = Future()

    def play() -> None:
        try:
            asyncio.run(asyncio.wait_for(scenario(), 60))
            played.set_result(None)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test is to show it
            played.set_exception(error)

    Thread(target=play, daemon=True).start()
    played.result(timeout=90)


async def publish(orders: dict[Any, list[str]], sites: tuple[str, ...] = ()) -> None:
    await asyncio.to_thread(publish_change, orders, sites=sites)


def test_a_board_hears_of_orders_of_its_persons_sites_only():
    async def scenario() -> None:
        oslo, bergen = Page(OSLO), Page(BERGEN)
        async with listening(oslo, bergen):
            await publish({ORDER: [OSLO, PLANT]})
            await oslo.hears("hello", "changed", "changed")
            assert bergen.heard == ["hello", "changed"]

    run(scenario)


def test_an_order_page_hears_of_its_order_only_and_a_stranger_never_does():
    async def scenario() -> None:
        own, stranger = Page(OSLO, order=str(ORDER)), Page(BERGEN, order=str(ORDER))
        async with listening(own, stranger):
            await publish({OTHER: [OSLO, BERGEN]})
            await publish({ORDER: [OSLO, PLANT]})
            await own.hears("hello", f"order-{ORDER}", f"order-{ORDER}")
            assert stranger.heard == ["hello", f"order-{ORDER}"]

    run(scenario)


def test_one_message_of_many_orders_shows_nobody_the_orders_of_others():
    change = Change.read(f'{{"orders": {{"{ORDER}": ["{OSLO}"], "{OTHER}": ["{BERGEN}"]}}, "sites": []}}')
    watchers = [Client(frozenset([site]), str(order)) for site in (OSLO, BERGEN) for order in (ORDER, OTHER)]
    assert [change.concerns(client) for client in watchers] == [True, False, False, True]


def test_a_bottleneck_wakes_the_boards_of_its_plant_but_no_order_page():
    async def scenario() -> None:
        board, order_page = Page(PLANT), Page(PLANT, order=str(ORDER))
        async with listening(board, order_page):
            await publish({}, sites=(PLANT,))
            await board.hears("hello", "changed", "changed")
            assert order_page.heard == ["hello", f"order-{ORDER}"]

    run(scenario)


def test_many_changes_at_once_are_few_messages(monkeypatch):
    monkeypatch.setattr(stream, "GAP_SECONDS", 0.3)

    async def scenario() -> None:
        page = Page(OSLO)
        async with listening(page):
            for _ in range(50):
                await publish({uuid4(): [OSLO]})
            await asyncio.sleep(0.7)
            assert 1 <= page.heard.count("changed") - 1 <= 4

    run(scenario)


def test_silence_is_filled_with_heartbeats():
    async def scenario() -> None:
        page = Page(OSLO, heartbeat=0.05)
        async with listening(page):
            await until(lambda: page.heard.count("heartbeat") >= 3)

    run(scenario)


def test_a_stream_ends_by_itself_so_that_rights_are_looked_up_again():
    async def scenario() -> None:
        page = Page(OSLO, lifetime=0.2, heartbeat=0.05)
        await asyncio.wait_for(page.listen(), PATIENCE)
        assert the_hub().clients == set()

    run(scenario)


def test_a_client_that_takes_nothing_is_dropped(monkeypatch):
    monkeypatch.setattr(stream, "SLOW_SECONDS", 0.1)

    async def scenario() -> None:
        well, stuck = Page(OSLO), messages(Client(frozenset([OSLO])))

        async def take_one_and_stop() -> None:
            async for _ in stuck:
                await asyncio.sleep(3600)

        async with listening(well):
            task = asyncio.create_task(take_one_and_stop())
            await asyncio.wait([task], timeout=PATIENCE)
            assert task.cancelled()
            await stuck.aclose()
            assert the_hub().clients == {well.client}

    run(scenario)


def test_all_pages_of_a_process_share_one_subscription():
    async def scenario() -> None:
        async with listening(*(Page(OSLO) for _ in range(5))):
            with redis.Redis.from_url(settings.REDIS_URL) as connection_:
                assert connection_.pubsub_numsub(CHANNEL) == [(CHANNEL.encode(), 1)]

    run(scenario)


def test_what_is_no_message_of_ours_is_passed_over():
    async def scenario() -> None:
        page = Page(OSLO)
        async with listening(page):
            with redis.Redis.from_url(settings.REDIS_URL) as connection_:
                for nonsense in ("", "[]", '{"orders": 7}', '{"orders": {}, "sites": 3}', "\xff"):
                    connection_.publish(CHANNEL, nonsense)
            await publish({ORDER: [OSLO]})
            await page.hears("hello", "changed", "changed")

    run(scenario)


def test_without_valkey_a_change_is_still_safe_and_a_page_stays_open(settings, caplog):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    publish_change({ORDER: [OSLO]})
    assert "Open pages were not told of a change" in caplog.text

    async def scenario() -> None:
        page = Page(OSLO, heartbeat=0.05, lifetime=0.4)
        await page.listen()
        assert set(page.heard) == {"hello", "heartbeat"}

    run(scenario)


@pytest.mark.bad_luck
def test_after_a_restart_of_valkey_every_page_hears_again(embedded_services: Servers):
    async def scenario() -> None:
        page = Page(OSLO)
        async with listening(page):
            await asyncio.to_thread(embedded_services.valkey.stop)
            await until(lambda: not the_hub().is_subscribed.is_set())
            await asyncio.to_thread(embedded_services.valkey.start)
            await until(the_hub().is_subscribed.is_set)
            await page.hears("hello", "changed", "changed")
            await publish({ORDER: [OSLO]})
            await page.hears("hello", "changed", "changed", "changed")

    run(scenario)


# The application, called as the ASGI server calls it.


class Visit:
    """A request to the stream, as far as its answer has come."""

    def __init__(
        self, query: str = "", cookie: str = "", *, method: str = "GET", path: str = "/stream/", **headers: str
    ) -> None:
        sent = {"host": "board.example:8000", "cookie": cookie} | headers
        self.communicator = ApplicationCommunicator(
            application,
            {
                "type": "http",
                "http_version": "1.1",
                "method": method,
                "path": path,
                "query_string": query.encode(),
                "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
            },
        )
        self.status, self.headers = 0, {}

    async def begin(self) -> bytes:
        """Send the request; returns the first piece of the body."""
        await self.communicator.send_input({"type": "http.request", "body": b""})
        start = await self.communicator.receive_output(PATIENCE)
        self.status = start["status"]
        self.headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        return (await self.communicator.receive_output(PATIENCE))["body"]

    async def leave(self) -> None:
        """Close the browser's tab."""
        await self.communicator.send_input({"type": "http.disconnect"})
        await self.communicator.wait(PATIENCE)


@pytest.fixture
def _any_host(settings) -> None:
    settings.ALLOWED_HOSTS = ["board.example"]


def session_of(person) -> str:
    return f"{settings.SESSION_COOKIE_NAME}={browser_of(person).cookies[settings.SESSION_COOKIE_NAME].value}"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_any_host")
class TestTheServer:
    def test_a_person_hears_of_their_sites(self):
        world = TowerWorld()
        flag, cookie = raise_flag(world.order()), session_of(world.coordinator)

        async def scenario() -> None:
            visit = Visit(cookie=cookie)
            assert await visit.begin() == b"retry: 2000\nevent: hello\ndata: 1\n\n"
            assert (visit.status, visit.headers["content-type"]) == (200, "text/event-stream")
            await until(the_hub().is_subscribed.is_set)
            await publish({flag.order_id: [str(world.oslo.pk)]})
            first = await visit.communicator.receive_output(PATIENCE)
            assert first["body"] == b"event: changed\ndata: 1\n\n"
            await visit.leave()
            assert the_hub().clients == set()

        run(scenario)

    def test_the_database_connection_is_given_back_while_the_stream_is_open(self):
        cookie = session_of(make_user("reader"))
        connection.close()
        sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"

        def others() -> int:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchone()[0]

        before = others()

        async def scenario() -> None:
            visit = Visit(cookie=cookie)
            await visit.begin()
            assert await asyncio.to_thread(self._count_and_close, others) == before + 1
            await visit.leave()

        run(scenario)

    @staticmethod
    def _count_and_close(count: Callable[[], int]) -> int:
        """Counted in a thread of its own, whose connection is not the test's: that one is the one more."""
        try:
            return count()
        finally:
            connection.close()

    @pytest.mark.parametrize(
        ("query", "signed_in", "expected"),
        [
            ("", False, 401),
            ("order=nonsense", True, 400),
            (f"order={ORDER}", False, 401),
            (f"order={ORDER}", True, 200),
        ],
    )
    def test_who_may_listen(self, query, signed_in, expected):
        cookie = session_of(make_user("reader")) if signed_in else ""

        async def scenario() -> None:
            visit = Visit(query, cookie)
            await visit.begin()
            assert visit.status == expected
            await visit.leave()

        run(scenario)

    @pytest.mark.parametrize(
        ("origin", "expected"),
        [
            ("http://board.example:8001", "http://board.example:8001"),
            ("https://board.example", "https://board.example"),
            ("http://evil.example:8000", None),
            ("http://board.example.evil.example", None),
            ("null", None),
        ],
    )
    def test_only_pages_of_the_same_host_may_read_it(self, origin, expected):
        async def scenario() -> None:
            visit = Visit(origin=origin)
            await visit.begin()
            assert visit.headers.get("access-control-allow-origin") == expected
            await visit.leave()

        run(scenario)

    @pytest.mark.parametrize(
        ("given", "expected"),
        [({"method": "POST"}, 405), ({"host": "evil.example"}, 400), ({"cookie": "sessionid=x"}, 401)],
    )
    def test_what_else_is_refused(self, given, expected):
        async def scenario() -> None:
            visit = Visit(**given)
            await visit.begin()
            assert visit.status == expected

        run(scenario)

    def test_a_database_that_does_not_answer_is_said(self, monkeypatch):
        def fails(request: object) -> None:
            raise OperationalError

        monkeypatch.setattr(stream_server, "sites_of_session", fails)

        async def scenario() -> None:
            visit = Visit()
            assert await visit.begin() == b"The database does not answer; try again."
            assert visit.status == 503

        run(scenario)

    def test_an_open_page_costs_no_thread(self):
        cookie = session_of(make_user("reader"))

        async def scenario() -> None:
            before = threading.active_count()
            visits = [Visit(cookie=cookie) for _ in range(20)]
            await asyncio.gather(*(visit.begin() for visit in visits))
            assert len(the_hub().clients) == 20
            assert threading.active_count() - before <= stream_server.LOOKUPS
            for visit in visits:
                await visit.leave()
            assert the_hub().clients == set()

        run(scenario)

    def test_the_health_check_is_answered_beside_the_stream(self):
        async def scenario() -> None:
            visit = Visit(path="/healthz/")
            assert json.loads(await visit.begin()) == {"database": "ok", "redis": "ok"}
            await visit.communicator.wait(PATIENCE)

        run(scenario)

    def test_a_synchronous_server_does_not_give_up_a_thread(self):
        assert (
            browser_of(make_user("reader")).get(reverse("stream"), headers={"host": "board.example"}).status_code == 503
        )
