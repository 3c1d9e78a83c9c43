"""A clock that lets many processes run side by side, and pools with a queue: all that the demo's past needs.

A process is a generator: it yields a moment to wake at, or a pool to wait for, and gets a place of that pool back.
"""

from collections.abc import Generator
from datetime import datetime
from heapq import heappop, heappush
from itertools import count
from typing import Any

Process = Generator["datetime | Place", Any, None]


class DemoPool:
    """Like places at one site. First come, first served within a rank; a lower rank goes first."""

    def __init__(self, site: str, code: str, names: tuple[str, str], steps: list[tuple[datetime, int]]) -> None:
        self.site, self.code = site, code
        self.name, self.one = names
        self.steps = steps
        self.free: list[int] = list(range(1, steps[0][1] + 1))
        self.waiting: list[tuple[int, int, Process]] = []

    @property
    def most_places(self) -> int:
        """Places after the last step."""
        return self.steps[-1][1]

    def place_name(self, place: int) -> str:
        """A place as the shop floor calls it."""
        return self.one.format(site=self.site[:3].upper(), place=place)


class Place:
    """The wish for a place of a pool."""

    __slots__ = ("pool", "rank")

    def __init__(self, pool: DemoPool, rank: int = 0) -> None:
        self.pool, self.rank = pool, rank


class Clock:
    """Runs processes in the order of their moments; the same input gives the same run."""

    def __init__(self, start: datetime) -> None:
        self.now = start
        self._due: list[tuple[datetime, int, Process, Any]] = []
        self._ticket = count()

    def start(self, process: Process, at: datetime) -> None:
        """Let `process` begin at `at`."""
        self._wake(process, at, None)

    def run(self, until: datetime) -> None:
        """Let everything happen up to `until`."""
        while self._due and self._due[0][0] <= until:
            self.now, _, process, answer = heappop(self._due)
            self._step(process, answer)
        self.now = until

    def give_back(self, pool: DemoPool, place: int) -> None:
        """Free a place; whoever waits longest takes it at once. A place beyond the pool's own is gone."""
        if place > pool.most_places:
            return
        if pool.waiting:
            _, _, process = heappop(pool.waiting)
            self._wake(process, self.now, place)
        else:
            heappush(pool.free, place)

    def add_places(self, pool: DemoPool) -> None:
        """Let the pool grow at each of its later steps."""
        for (_, before), (moment, places) in zip(pool.steps, pool.steps[1:], strict=False):
            self.start(self._grow(pool, range(before + 1, places + 1)), moment)

    def _grow(self, pool: DemoPool, places: range) -> Process:
        for place in places:
            self.give_back(pool, place)
        yield self.now

    def _step(self, process: Process, answer: Any) -> None:
        try:
            wish = process.send(answer)
        except StopIteration:
            return
        if isinstance(wish, datetime):
            self._wake(process, max(wish, self.now), None)
        elif wish.pool.free:
            self._wake(process, self.now, heappop(wish.pool.free))
        else:
            heappush(wish.pool.waiting, (wish.rank, next(self._ticket), process))

    def _wake(self, process: Process, at: datetime, answer: Any) -> None:
        heappush(self._due, (at, next(self._ticket), process, answer))
