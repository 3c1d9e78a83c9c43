"""Which server for pages and REST? `python -m tests.bench --servers` compares those that are installed (docs/adr/0001).

gunicorn and uvicorn are no requirements of CellOps: install them into a virtual environment of your own.
"""

import sys
from contextlib import ExitStack
from importlib.util import find_spec
from statistics import median

import psutil

from cellops.services import ports
from tests.bench import programs
from tests.bench.figures import Figure, Report, percentile
from tests.bench.inside import Inside
from tests.bench.journeys import Journey
from tests.bench.load import Outcome, run_load
from tests.bench.posting import requests, whole
from tests.bench.stage import MANY

SECTION = "Servers"
ROUNDS, EVENTS = 7, 300
WSGI, ASGI = "cellops.wsgi:application", "tests.bench.asgi:application"


def candidates(port: int) -> dict[str, list[str]]:
    """Command lines with two worker processes, by name; only what is installed."""
    granian = ["granian", "--host", "127.0.0.1", "--port", str(port), "--workers", "2", "--interface"]
    gunicorn = ["gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    uvicorn = ["uvicorn", "--host", "127.0.0.1", "--port", str(port), "--workers", "2", "--log-level", "warning"]
    found = {
        **{
            f"granian, WSGI, {threads} thread{'s' if threads > 1 else ''} a worker": [
                *granian, "wsgi", "--blocking-threads", str(threads), WSGI,
            ]
            for threads in (1, 2, 4, 8)
        },
        "granian, WSGI, threads as it likes": [*granian, "wsgi", WSGI],
        "gunicorn, WSGI, one request at a time": [*gunicorn, WSGI],
        "gunicorn, WSGI, 4 threads a worker": [*gunicorn, "--worker-class", "gthread", "--threads", "4", WSGI],
        "granian, ASGI": [*granian, "asginl", ASGI],
        "uvicorn, ASGI": [*uvicorn, ASGI],
    }  # fmt: skip
    return {name: [sys.executable, "-m", *command] for name, command in found.items() if find_spec(command[0])}


def measure(report: Report, many: Inside, journeys: list[Journey]) -> None:
    """POST events/, one event a request, 8 connections, every server in every round."""
    report.head("Servers: POST events/, 8 connections, 2 worker processes")
    token = many.do("token")
    with ExitStack() as stack:
        running = {name: _start(stack, name) for name in candidates(0)}
        rounds: dict[str, list[tuple[Outcome, float]]] = {name: [] for name in running}
        for number in range(ROUNDS + 1):
            for name, (process, port) in running.items():
                before = processor_seconds(process)
                outcome = whole(run_load(port, requests(token, journeys, EVENTS)))
                if number:
                    rounds[name].append((outcome, processor_seconds(process) - before))
    for name, measured in rounds.items():
        _say(report, name, measured)


def _start(stack: ExitStack, name: str) -> tuple[psutil.Process, int]:
    port = ports.any_free()
    program = stack.enter_context(
        programs.running(name.replace(", ", "-").replace(" ", "-"), candidates(port)[name], MANY)
    )
    programs.await_answer(program, port)
    return psutil.Process(program.pid), port


def _say(report: Report, name: str, measured: list[tuple[Outcome, float]]) -> None:
    rate = median(outcome.rate for outcome, _ in measured)
    slow = median(percentile(outcome.durations, 0.95) for outcome, _ in measured) * 1000
    processor = median(seconds / outcome.answered for outcome, seconds in measured) * 1000
    report.add(Figure(SECTION, name, rate, "a second"))
    report.add(Figure(SECTION, "  95 of 100 answered within", slow, "ms"))
    report.add(Figure(SECTION, "  processor time of the server a request", processor, "ms"))


def processor_seconds(process: psutil.Process) -> float:
    """Processor seconds of a process and its children so far."""
    return sum(sum(one.cpu_times()[:2]) for one in (process, *process.children(recursive=True)))
