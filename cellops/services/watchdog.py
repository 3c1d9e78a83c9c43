"""Ends a program that hangs: `python -m cellops.services.watchdog SIGN SECONDS PID`, started by that program itself
(watched.py). Nothing that a program loads imports this module, so that it is run once.

A program that is stopped, swapped out or caught in a loop cannot notice that it is, and whoever started it sees it
alive. So a process of its own looks at the file that the program touches whenever it has done something.
"""

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

LOOK_SECONDS = 5.0


class Silence:
    """For how long a file has not changed, by a clock that nobody sets."""

    def __init__(self, sign: Path, most: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.sign, self.most, self.clock = sign, most, clock
        self.seen, self.since = self._changed_at(), clock()

    def is_too_long(self) -> bool:
        """Whether it has not changed for more than `most` seconds."""
        if (changed_at := self._changed_at()) != self.seen:
            self.seen, self.since = changed_at, self.clock()
        return self.clock() - self.since > self.most

    def _changed_at(self) -> int | None:
        try:
            return self.sign.stat().st_mtime_ns
        except OSError:
            return None


def watch(sign: Path, most: float, pid: int) -> int:
    """Look until the program ends or has been silent for too long; then end it and its children, whatever they do."""
    silence = Silence(sign, most)
    while os.getppid() == pid:  # until it ends: then we are handed to another
        if silence.is_too_long():
            said = f"{sign} has not been touched for {most:.0f} s: process {pid} is ended, to be started again."
            print(said, file=sys.stderr, flush=True)
            end(psutil.Process(pid))
            return 1
        time.sleep(min(LOOK_SECONDS, most / 4))
    return 0


def end(program: psutil.Process) -> None:
    """End it and its children, ourselves excepted.

    It is stopped first, lest it starts new ones, and killed last: with it we end ourselves (`watched.watch_over_me`).
    """
    others: list[psutil.Process] = []
    with suppress(psutil.Error):
        program.suspend()
        others = [one for one in program.children(recursive=True) if one.pid != os.getpid()]
    for one in (*others, program):
        with suppress(psutil.Error):
            one.kill()


if __name__ == "__main__":
    sys.exit(watch(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])))
