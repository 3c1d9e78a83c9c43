"""CellOps' own programs: the one list that `manage.py up` starts and that docker-compose.yml must agree with."""

import sys
from dataclasses import dataclass

from cellops.services import ports

USUAL_WEB_PORT = 8000
USUAL_STREAM_PORT = 8001
# In each WSGI worker, each with a database connection of its own. Left to itself granian makes hundreds under load,
# and PostgreSQL runs out of connections (docs/adr/0001).
WEB_THREADS = 4


@dataclass(frozen=True)
class Program:
    """A long-running program; `arguments` follow the Python interpreter."""

    name: str
    arguments: tuple[str, ...]
    demo_only: bool = False

    @property
    def command(self) -> list[str]:
        """Return the whole command line."""
        return [sys.executable, *self.arguments]


REVIEWER = ("--queues", "reviews", "--hostname", "reviewer@%h", "--concurrency", "1")
SIMULATOR = ("--queues", "simulation", "--hostname", "simulator@%h", "--concurrency", "1")


def server(interface: str, target: str, *, host: str, port: int, workers: int, finish_seconds: int) -> tuple[str, ...]:
    """Return the arguments of one granian server; when it stops, open requests have `finish_seconds` to finish."""
    where = ("--host", host, "--port", str(port))
    size = ("--workers", str(workers), *(("--blocking-threads", str(WEB_THREADS)) if interface == "wsgi" else ()))
    endings = ("--respawn-failed-workers", "--workers-kill-timeout", str(finish_seconds))
    return ("-m", "granian", "--interface", interface, *where, *size, *endings, target)


def all_programs(
    *, host: str = ports.LOOPBACK, web_port: int = USUAL_WEB_PORT, stream_port: int = USUAL_STREAM_PORT
) -> list[Program]:
    """Return every program that CellOps runs beside its servers."""
    celery = ("-m", "celery", "-A", "cellops")
    web = {"host": host, "port": web_port, "workers": 2, "finish_seconds": 5}
    # A live stream never finishes: its worker would wait for the browser to go away.
    stream = {"host": host, "port": stream_port, "workers": 1, "finish_seconds": 1}
    return [
        Program("web", server("wsgi", "cellops.wsgi:application", **web)),
        Program("stream", server("asginl", "cellops.asgi:application", **stream)),
        # Two processes: a mail server that does not answer holds up no flag.
        Program("worker", (*celery, "worker", "--concurrency", "2", "--loglevel", "warning")),
        # Reviews of the pools and other long readings: a process of its own, one at a time.
        Program("reviewer", (*celery, "worker", *REVIEWER, "--loglevel", "warning")),
        # Forecasts and ramp-ups take seconds of computing: a process of their own, for which no flag waits.
        Program("simulator", (*celery, "worker", *SIMULATOR, "--loglevel", "warning")),
        Program("beat", (*celery, "beat", "--schedule", "var/run/celerybeat-schedule", "--loglevel", "warning")),
        Program("live_demo", ("manage.py", "live_demo"), demo_only=True),
    ]
