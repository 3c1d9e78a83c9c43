"""What CellOps asks of Celery's processes: no dead connection lives on, one that works at nothing is ended, and whoever
reports goes first.

Every task that succeeds touches the worker's sign of life, a file; beat touches its own whenever it asks for one. A
process whose sign grows old (it hangs, nothing runs, or all that runs fails) is ended by a watchdog beside it, since
whoever started it starts it again: `make run`, Docker, systemd. The containers' health checks look at the same files.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from celery import signals
from django.conf import settings
from django.db import close_old_connections

from cellops.services.watched import watch_over_me

# Beside beat's schedule, where the worker was started.
FOLDER = Path("var/run")
BEAT_SIGN = FOLDER / "beat.ran"
SESSION_NICE = Path("/proc/self/autogroup")
# By how much each gives way where the processors are too few (nice, 0–19): a fact is taken before it is judged, and a
# flag raised before a forecast is made.
GIVES_WAY = {"celery": 5, "reviewer": 10, "simulator": 10}

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
    """Have this worker watched."""
    of_usual = settings.WORKER_SILENT_SECONDS["celery"]
    _watched(sign_of(sender.hostname), settings.WORKER_SILENT_SECONDS.get(_kind_of(sender), of_usual))


@signals.worker_init.connect
def give_way(sender: Any, **kwargs: Any) -> None:
    """Let reports and pages have the processors first; the processes that this one forks do the same."""
    less = GIVES_WAY.get(_kind_of(sender), GIVES_WAY["celery"])
    os.nice(less)
    # A kernel that shares the processors out by session weighs sessions by a value of their own (sched(7)). One in
    # which a person works is left alone.
    if os.getsid(0) == os.getpid():
        with suppress(OSError):
            SESSION_NICE.write_text(str(less))


def _kind_of(worker: Any) -> str:
    return str(worker.hostname).partition("@")[0]


@signals.beat_init.connect
def watch_beat(**kwargs: Any) -> None:
    """Have beat watched: its sign is that it asks for something."""
    _watched(BEAT_SIGN, settings.WORKER_SILENT_SECONDS["beat"])
    signals.after_task_publish.connect(leave_sign_of_beat)


def leave_sign_of_beat(**kwargs: Any) -> None:
    """Beat has asked for a task, every few seconds; this runs in beat only."""
    with suppress(OSError):
        BEAT_SIGN.touch()


def _watched(sign: Path, most: float) -> None:
    prepare_folder()
    sign.touch()
    if most:
        watch_over_me(sign, most)


def prepare_folder() -> None:
    """Beat keeps its schedule there, all their signs of life; neither makes the folder."""
    FOLDER.mkdir(parents=True, exist_ok=True)
