"""The live stream as an ASGI application of its own, without Django's handler and middleware.

Django gives every request under ASGI a thread with a database connection of its own, and the thread stays as long as
the answer: 500 open pages took 500 threads, and when all of them came back at once after a restart PostgreSQL ran out
of connections. Here a page costs one task; a few threads look up who is there, one connection each, given back at once.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from importlib import import_module
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.core.exceptions import SuspiciousOperation
from django.core.handlers.asgi import ASGIRequest
from django.db import DatabaseError, connection
from django.urls import reverse

from dashboards.live.addresses import host_name
from dashboards.live.health import parts_of_health, status_of
from dashboards.live.stream import Client, end_when_told, messages
from supplychain.characters import is_storable
from supplychain.sign_in.second_factor import lacks_second_factor
from supplychain.sign_in.sessions import why_ended

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
PLAIN, EVENTS = "text/plain; charset=utf-8", "text/event-stream"
# Look-ups at the same time, and so database connections of this process.
LOOKUPS = 4

_lookups = ThreadPoolExecutor(LOOKUPS, thread_name_prefix="listener")


class StreamRefused(Exception):
    """Somebody who may not listen; `status` is that of HTTP, the message says what to do."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class AnswerHead(NamedTuple):
    """How an answer begins: status, type of content, the page's origin if it may read it."""

    status: int
    content_type: str
    origin: str = ""


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """The two addresses of the stream's process; everything else is served elsewhere."""
    if scope["type"] != "http":
        raise NotImplementedError(f"This process speaks HTTP, no {scope['type']}.")
    end_when_told()
    answers = {reverse("stream"): stream, reverse("health"): health}
    await answers.get(scope["path"], _nothing)(scope, receive, send)


async def health(scope: Message, receive: Receive, send: Send) -> None:
    """Whether database and Redis answer this process; see dashboards.live.health."""
    parts = await asyncio.get_running_loop().run_in_executor(_lookups, _parts_of_health)
    await _answer(send, AnswerHead(status_of(parts), "application/json"), json.dumps(parts))


def _parts_of_health() -> dict[str, str]:
    try:
        return parts_of_health()
    finally:
        connection.close()


async def _nothing(scope: Message, receive: Receive, send: Send) -> None:
    await _answer(send, AnswerHead(404, PLAIN), "Only the live stream is served here.")


async def stream(scope: Message, receive: Receive, send: Send) -> None:
    """Answer one GET for the stream: events for the board, or for one order (`?order=`).

    401 without a session, 400 for nonsense, 405 for another method, 503 when the database does not answer.
    """
    origin = ""
    try:
        request = ASGIRequest(scope, BytesIO())
        origin = _own_origin(request)
        client = await _client(request)
    except StreamRefused as refusal:
        await _answer(send, AnswerHead(refusal.status, PLAIN, origin), str(refusal))
    except SuspiciousOperation:
        await _answer(send, AnswerHead(400, PLAIN), "This host is not served here.")
    except (LookupError, ValueError):
        await _answer(send, AnswerHead(400, PLAIN), "The address cannot be read.")
    else:
        await _begin(send, AnswerHead(200, EVENTS, origin))
        await _until_one_leaves(_send_messages(send, client), _left(receive))


async def _client(request: ASGIRequest) -> Client:
    if request.method != "GET":
        raise StreamRefused(405, "Read the stream with GET.")
    try:
        order = str(UUID(request.GET["order"])) if request.GET.get("order") else ""
    except ValueError:
        raise StreamRefused(400, "This is no id of an order.") from None
    loop = asyncio.get_running_loop()
    try:
        site_ids = await loop.run_in_executor(_lookups, sites_of_session, request)
    except DatabaseError:
        raise StreamRefused(503, "The database does not answer; try again.") from None
    if site_ids is None:
        raise StreamRefused(401, "Log in first.")
    return Client(site_ids, order)


def sites_of_session(request: ASGIRequest) -> frozenset[str] | None:
    """Ids of the sites of the person whose session the request bears; None for nobody. No connection stays open."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if not key or not is_storable(key):
        return None
    try:
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
        user = get_user(request)
        if not user.is_authenticated or why_ended(request.session, time.time()):
            return None
        if lacks_second_factor(user, request.session):
            return None
        return frozenset(str(site_id) for site_id in user.site_ids())
    finally:
        connection.close()


def _own_origin(request: ASGIRequest) -> str:
    """The origin of the asking page if it is one of this host, whatever its port. Raises DisallowedHost."""
    host = urlsplit(f"//{host_name(request)}").hostname
    origin = request.headers.get("Origin", "")
    try:
        return origin if origin and urlsplit(origin).hostname == host else ""
    except ValueError:
        return ""


async def _answer(send: Send, answer: AnswerHead, text: str) -> None:
    await _begin(send, answer)
    await send({"type": "http.response.body", "body": text.encode()})


async def _begin(send: Send, answer: AnswerHead) -> None:
    headers = [
        (b"content-type", answer.content_type.encode()),
        (b"cache-control", b"no-store"),
        (b"vary", b"Origin, Cookie"),
        (b"x-content-type-options", b"nosniff"),
        (b"x-accel-buffering", b"no"),
    ]
    if answer.origin:
        headers.append((b"access-control-allow-origin", answer.origin.encode("latin-1", "replace")))
        headers.append((b"access-control-allow-credentials", b"true"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})


async def _send_messages(send: Send, client: Client) -> None:
    async with aclosing(messages(client)) as stream_of_client:
        async for message in stream_of_client:
            await send({"type": "http.response.body", "body": message, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _until_one_leaves(*parties: Awaitable[None]) -> None:
    """Run both until the first has ended; the browser going away is no error."""
    tasks = [asyncio.ensure_future(party) for party in parties]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
