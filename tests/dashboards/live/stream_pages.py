"""Open pages that listen to the stream, for its tests."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from threading import Thread
from typing import Any

from dashboards.live.stream import Client, messages
from supplychain.live import publish_change
from tests.system import PATIENCE


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
            asyncio.run(asyncio.wait_for(scenario(), 2 * PATIENCE))
            played.set_result(None)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test is to show it
            played.set_exception(error)

    Thread(target=play, daemon=True).start()
    played.result(timeout=3 * PATIENCE)


async def publish(orders: dict[Any, list[str]], sites: tuple[str, ...] = ()) -> None:
    await asyncio.to_thread(publish_change, orders, sites=sites)
