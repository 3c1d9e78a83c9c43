"""Waiting that a signal can end."""

import signal
import time
from collections.abc import Callable
from types import FrameType

Pause = Callable[[float], None]
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(BaseException):
    """A person or the system asked this process to stop."""


class StopSignals:
    """Counts requests to stop. They are acted on only in `pause`, never in the middle of a statement."""

    def __init__(self) -> None:
        self.count = 0

    def listen(self) -> None:
        """Take over SIGINT (Ctrl-C), SIGTERM and SIGHUP (the terminal was closed)."""
        for number in STOP_SIGNALS:
            signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.count += 1

    def pause(self, seconds: float) -> None:
        """Sleep; raises StopRequested when asked to stop before or meanwhile."""
        end = time.monotonic() + seconds
        while not self.count and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))
        if self.count:
            raise StopRequested


def until(condition: Callable[[], bool], *, seconds: float, pause: Pause = time.sleep) -> bool:
    """Wait until the condition holds; False when it did not within so many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        pause(0.05)
    return True
