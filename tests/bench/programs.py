"""The programs under measurement, started as `manage.py up` starts them, and stopped."""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from cellops.services import ports
from cellops.services.folders import ServiceFolder, last_lines
from cellops.services.processes import ManagedProcess, stop_together
from cellops.services.programs import all_programs, server
from tests.bench.databases import url_of

# A crashed bench's programs are ended by the next `cellops.services run --folder bench`, which knows them by this.
FOLDER = ServiceFolder.named("bench")
START_SECONDS = 60


@contextmanager
def running(name: str, command: Sequence[str], database: str, **variables: str) -> Iterator[ManagedProcess]:
    """One program against one of the bench's databases."""
    FOLDER.prepare()
    environment = variables | {
        "DATABASE_URL": url_of(database),
        "DJANGO_SETTINGS_MODULE": "cellops.settings",
        "PYTHONPATH": os.getcwd(),
        "PGAPPNAME": name,
    }
    program = ManagedProcess(name=f"{name}-{database}", command=command, folder=FOLDER, environment=environment)
    program.start()
    try:
        yield program
    finally:
        stop_together([program])


@contextmanager
def web(
    database: str, *, workers: int = 2, target: str = "cellops.wsgi:application", **variables: str
) -> Iterator[int]:
    """The pages and the REST interface (or another WSGI application); yields the port once it answers."""
    port = ports.any_free()
    arguments = server("wsgi", target, host=ports.LOOPBACK, port=port, workers=workers, finish_seconds=2)
    with running("web", [sys.executable, *arguments], database, **variables) as program:
        await_answer(program, port)
        yield port


@contextmanager
def stream(database: str) -> Iterator[int]:
    """The live stream beside the pages; yields its port."""
    port = ports.any_free()
    program = next(one for one in all_programs(stream_port=port) if one.name == "stream")
    with running("stream", program.command, database):
        yield port


def await_answer(program: ManagedProcess, port: int, *, answers: int = 6) -> None:
    """Wait until `answers` requests in a row were answered, by whatever: every worker has then loaded the site."""
    end, good = time.monotonic() + START_SECONDS, 0
    while good < answers:
        if not program.alive or time.monotonic() > end:
            raise RuntimeError(f"{program.name} does not answer:\n{last_lines(program.log)}")
        try:
            urlopen(f"http://{ports.LOOPBACK}:{port}/healthz/", timeout=5).close()
            good += 1
        except HTTPError:
            good += 1
        except (URLError, OSError):
            time.sleep(0.2)


@contextmanager
def worker(database: str, *, processes: int) -> Iterator[None]:
    """A Celery worker with so many processes, however many CellOps runs."""
    command = command_of("worker")
    command[command.index("--concurrency") + 1] = str(processes)
    with running("worker", command, database):
        yield


@contextmanager
def workers_and_beat(database: str, *more: str, arguments: Sequence[str] = ()) -> Iterator[None]:
    """The Celery worker, the reviewer, `more` of them and beat, as `manage.py up` runs them; `arguments`: of each
    worker, too."""
    schedule = str(FOLDER.run / "celerybeat-schedule")
    beat = [schedule if part.endswith("celerybeat-schedule") else part for part in command_of("beat")]
    with ExitStack() as stack:
        for name in ("worker", "reviewer", *more):
            stack.enter_context(running(name, [*command_of(name), *arguments], database))
        stack.enter_context(running("beat", beat, database))
        yield


def command_of(name: str) -> list[str]:
    """How CellOps starts this program of its own."""
    return next(program.command for program in all_programs() if program.name == name)
