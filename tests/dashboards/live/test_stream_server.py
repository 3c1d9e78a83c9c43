"""The stream's ASGI application, called as the server calls it: who may listen, and what an open page costs."""

import asyncio
import json
import threading
from collections.abc import Callable
from uuid import UUID

import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.db import OperationalError, connection
from django.urls import reverse

from cellops.asgi import application
from dashboards.live import server as stream_server
from dashboards.live.stream import the_hub
from tests.dashboards.builders import TowerWorld, browser_of, raise_flag
from tests.dashboards.live.stream_pages import publish, run, until
from tests.supplychain.builders import make_user
from tests.system import PATIENCE

ORDER = UUID("01920000-0000-7000-8000-000000000001")


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
        [
            ({"method": "POST"}, 405),
            ({"host": "evil.example"}, 400),
            ({"cookie": "sessionid=x"}, 401),
            ({"cookie": "sessionid=aaaaaaaa\0"}, 401),
        ],
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
