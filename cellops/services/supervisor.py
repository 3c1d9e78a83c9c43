"""Keeps servers and programs running: one that ends is started again, later and later while it keeps ending."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from cellops.services.folders import ServiceError

LONGEST_DELAY = 30.0  # seconds between two tries
STEADY = 60.0  # seconds after which earlier failures are forgotten


class Child(Protocol):
    """What can be supervised: a managed process or an embedded server."""

    name: str

    @property
    def alive(self) -> bool:
        """Tell whether it runs."""

    def start(self) -> None:
        """Start it; may raise ServiceError."""


@dataclass
class Watch:
    """One child with its recent failures; moments are monotonic seconds."""

    child: Child
    failures: int = 0
    started_at: float = 0.0
    next_try_at: float | None = None


class Supervisor:
    """Looks after children in their order: what others depend on comes first."""

    def __init__(
        self, children: Sequence[Child], *, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.say, self.clock = say, clock
        self.watches = [Watch(child, started_at=clock()) for child in children]

    def check(self) -> None:
        """Look at every child once: plan a new start for one that ended, start those whose time has come."""
        for watch in self.watches:
            if watch.next_try_at is not None:
                self._try_when_due(watch)
            elif not watch.child.alive:
                self._plan(watch, "ended")

    def _plan(self, watch: Watch, what: str) -> None:
        now = self.clock()
        watch.failures = 1 if now - watch.started_at > STEADY else watch.failures + 1
        delay = min(2.0 ** (watch.failures - 1), LONGEST_DELAY)
        watch.next_try_at = now + delay
        self.say(f"{watch.child.name} {what}; starting it again in {delay:.0f} s. See log/{watch.child.name}.log.")

    def _try_when_due(self, watch: Watch) -> None:
        if self.clock() < watch.next_try_at:
            return
        watch.next_try_at, watch.started_at = None, self.clock()
        try:
            watch.child.start()
        except ServiceError as error:
            self._plan(watch, f"could not start ({error})")
        else:
            self.say(f"{watch.child.name} was started again.")
