"""What CellOps asks of a Celery worker: no dead connection lives on, and one that works at nothing ends by itself.

Every task that succeeds touches the worker's sign of life, a file. A worker whose sign grows old (nothing runs, or all
that runs fails) is ended, since whoever started it starts it again: `make run`, Docker, systemd. The containers' health
checks look at the same file.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from celery import signals
from django.conf import settings
from django.db import close_old_connections

# Beside beat's schedule, where the worker was started.
FOLDER = Path("var/run")
LOOK_SECONDS = 5.0
EXIT_CODE = 70  # EX_SOFTWARE of sysexits.h

log = logging.getLogger(__name__)

# Django does this around requests, nobody does it around tasks: a connection that died outside of a transaction would
# otherwise fail every later task of its process. It also has the connection's health checked before its first use.
signals.task_prerun.connect(close_old_connections)
signals.task_postrun.connect(close_old_connections)


def sign_of(worker: str) -> Path:
    """The sign of life of the worker of this node name, for example `celery@host`."""
    return FOLDER / f"{worker}.ran"


@signals.task_success.connect
def leave_sign(sender: Any, **kwargs: Any) -> None:
    """A task ran and succeeded; this runs in the worker's child process."""
    if sender.request.is_eager or not sender.request.hostname:
        return
    with suppress(OSError):  # a full disk must not fail the task; the worker is then started anew, and says why
        sign_of(sender.request.hostname).touch()


@signals.worker_init.connect
def watch_worker(sender: Any, **kwargs: Any) -> None:
    """Look after the sign of this worker from a thread: it runs on where the worker's own loop stands still."""
    kind = str(sender.hostname).partition("@")[0]
    most = settings.WORKER_SILENT_SECONDS.get(kind, settings.WORKER_SILENT_SECONDS["celery"])
    sign = sign_of(sender.hostname)
    prepare_folder()
    sign.touch()
    if most:
        watch = Silence(sign, most)
        threading.Thread(target=end_when_silent, args=(watch, sender.hostname), name="silence", daemon=True).start()


def prepare_folder() -> None:
    """Beat keeps its schedule there, workers their signs of life; neither makes the folder."""
    FOLDER.mkdir(parents=True, exist_ok=True)


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


def end_when_silent(watch: Silence, worker: str) -> None:
    """Wait until no task has run for too long, then end this process and its children, whatever they are at."""
    while not watch.is_too_long():
        time.sleep(min(LOOK_SECONDS, watch.most / 2))
    log.critical("No task of %s has succeeded for %.0f s: it ends, to be started again.", worker, watch.most)
    import psutil  # not before: every program imports this module, one that ends needs it

    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            child.kill()
    os._exit(EXIT_CODE)
