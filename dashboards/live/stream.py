"""The live stream: one Redis subscription per process, fanned out to every open page of that process.

Messages are those of supplychain.live. A page is told at most that something changed; it reads the news itself, with
the person's rights. So a message may be lost, doubled or merged with others without harm.
"""

import asyncio
import json
import logging
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import redis.asyncio
from django.conf import settings
from redis.exceptions import RedisError

from supplychain.live import CHANNEL

HEARTBEAT_SECONDS = 15.0
# Then the browser comes back by itself and its rights are looked up again.
LIFETIME_SECONDS = 600.0
# News within this time after a message are merged into the next one.
GAP_SECONDS = 0.5
# A client that has not taken one message in this time is dropped.
SLOW_SECONDS = 30.0
# A subscription that is silent for this long is asked for a sign of life.
SILENT_SECONDS = 10.0
MOST_PAUSE_SECONDS = 5.0
BOARD_EVENT = "changed"
# Handlers of signals where no server has set any.
NO_SERVERS = (signal.SIG_DFL, signal.SIG_IGN, signal.default_int_handler, None)

log = logging.getLogger(__name__)


@dataclass(eq=False)
class Client:
    """One open page: the sites of its person, and the order it shows (none: the board)."""

    site_ids: frozenset[str]
    order: str = ""
    news: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[Any] | None = None
    writing_since: float | None = None

    @property
    def event(self) -> str:
        """Name of the event that this page listens to."""
        return f"order-{self.order}" if self.order else BOARD_EVENT

    async def hear(self, seconds: float) -> bool:
        """Wait for news; False when none came within `seconds`."""
        # Not wait_for: on Python 3.11 it drops a cancellation that comes at the moment of the news.
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.news.wait()
        heard = self.news.is_set()
        self.news.clear()
        return heard


@dataclass(frozen=True, slots=True)
class OrderNews:
    """One message: changed orders with the sites that take part in each, and all sites concerned."""

    orders: dict[str, list[str]]
    sites: frozenset[str]

    @classmethod
    def read(cls, data: bytes | str) -> "OrderNews":
        """The message in `data`. Raises ValueError for anything else than one of supplychain.live."""
        try:
            message = json.loads(data)
            orders = {str(order): list(sites) for order, sites in message["orders"].items()}
            sites = frozenset(message["sites"]).union(*orders.values())
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a message of {CHANNEL}") from error
        return cls(orders, sites)

    def concerns(self, client: Client) -> bool:
        """Whether the client's page may show something else now; never true for an order of other people's sites."""
        if client.order:
            return not client.site_ids.isdisjoint(self.orders.get(client.order, ()))
        return not client.site_ids.isdisjoint(self.sites)


class Hub:
    """The clients of one process (one event loop) and the subscription that feeds them."""

    def __init__(self) -> None:
        self.clients: set[Client] = set()
        self.is_subscribed = asyncio.Event()
        self.is_ending = self.hears_signals = False
        self._tasks: list[asyncio.Task[None]] = []

    @asynccontextmanager
    async def joined(self, client: Client) -> AsyncIterator[None]:
        """Keep `client` among those who are told; the first one in opens the subscription, the last one closes it."""
        client.task = asyncio.current_task()
        self.clients.add(client)
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._drop_slow_clients())]
        try:
            yield
        finally:
            self.clients.discard(client)
            if not self.clients:
                self._stop()

    def tell(self, change: OrderNews) -> None:
        """Wake the clients that the change concerns."""
        for client in self.clients:
            if change.concerns(client):
                client.news.set()

    def tell_all(self) -> None:
        """Wake every client: something may have been missed."""
        for client in self.clients:
            client.news.set()

    def end(self) -> None:
        """End every stream: the process is to stop. A page comes back by itself, to the next one."""
        self.is_ending = True
        self.tell_all()

    def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks = []
        self.is_subscribed.clear()

    def _is_at_work(self) -> bool:
        """Whether the running task is still one of the hub's: not even a lost cancellation leaves two listeners."""
        return asyncio.current_task() in self._tasks

    async def _listen(self) -> None:
        """Stay subscribed as long as this process has clients, whatever happens to Redis meanwhile."""
        pause = 0.2
        while self._is_at_work():
            try:
                async with redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2) as connection:
                    await self._follow(connection)
            except (RedisError, OSError) as error:
                pause = min(pause * 2, MOST_PAUSE_SECONDS) if not self.is_subscribed.is_set() else 0.2
                self.is_subscribed.clear()
                log.warning("The live stream lost Redis (%s); next try in %.1f s", error, pause)
            await asyncio.sleep(pause)

    async def _follow(self, connection: redis.asyncio.Redis) -> None:
        async with connection.pubsub(ignore_subscribe_messages=True) as subscription:
            await subscription.subscribe(CHANNEL)
            asked = False
            while self._is_at_work():
                message = await subscription.get_message(timeout=SILENT_SECONDS)
                if not self.is_subscribed.is_set():
                    self.is_subscribed.set()
                    self.tell_all()
                asked = await self._take(subscription, message, asked)

    async def _take(self, subscription: Any, message: dict[str, Any] | None, asked: bool) -> bool:
        """Pass a message on; returns whether a sign of life is awaited. Raises ConnectionError when none came."""
        if message is None:
            if asked:
                raise ConnectionError("no answer")
            await subscription.ping()
            return True
        if message["type"] == "message":
            try:
                self.tell(OrderNews.read(message["data"]))
            except ValueError as error:
                log.warning("The live stream passed over a message: %s", error)
        return False

    async def _drop_slow_clients(self) -> None:
        """End the streams whose browser takes nothing any more; a well one comes back by itself."""
        clock = asyncio.get_running_loop().time
        while self._is_at_work():
            await asyncio.sleep(SLOW_SECONDS / 3)
            for client in list(self.clients):
                if client.task and client.writing_since and clock() - client.writing_since > SLOW_SECONDS:
                    client.task.cancel()


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def the_hub() -> Hub:
    """The hub of the running event loop."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())


def end_when_told() -> None:
    """End the streams of this loop as soon as its server is told to stop: it waits for open answers, and kills a worker
    that still has some. Ours stands in place of the loop's empty handler; the server hears of the signal all the same.
    """
    loop, hub = asyncio.get_running_loop(), the_hub()
    if hub.hears_signals or threading.current_thread() is not threading.main_thread():
        return
    hub.hears_signals = True
    for sign in (signal.SIGTERM, signal.SIGINT):
        if signal.getsignal(sign) not in NO_SERVERS:
            signal.signal(sign, lambda *_: loop.call_soon_threadsafe(hub.end))


async def messages(
    client: Client, *, lifetime: float = LIFETIME_SECONDS, heartbeat: float = HEARTBEAT_SECONDS
) -> AsyncIterator[bytes]:
    """The text/event-stream of one client: its event when there is news, a heartbeat else, until `lifetime` (s)."""
    clock = asyncio.get_running_loop().time
    ends_at = clock() + lifetime
    async with (hub := the_hub()).joined(client):
        message = b"retry: 2000\n" + _event("hello")
        while True:
            client.writing_since = clock()
            yield message
            client.writing_since = None
            if message == _event(client.event):
                await asyncio.sleep(GAP_SECONDS)
            has_news = await client.hear(min(heartbeat, left)) if (left := ends_at - clock()) > 0 else False
            if left <= 0 or hub.is_ending:
                return
            message = _event(client.event if has_news else "heartbeat")


def _event(name: str) -> bytes:
    # A browser passes over an event without data.
    return f"event: {name}\ndata: 1\n\n".encode()
