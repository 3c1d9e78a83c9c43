"""The recipe of docs/operations.md for machines without containers, run as it is written, with production settings."""

import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.db import connection

from cellops.services.folders import ServiceFolder, last_lines
from cellops.services.processes import ManagedProcess, stop_together
from cellops.services.valkey import ValkeyServer
from tests.cellops.recipe import commands, fresh_checkout, production, program, programs, recipe
from tests.system import database_url, free_ports, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PORTS = dict(zip(("web", "stream"), free_ports(2), strict=True))


@pytest.fixture
def checkout(tmp_path) -> Path:
    return fresh_checkout(tmp_path / "cellops")


@pytest.fixture
def environment(tmp_path) -> Iterator[dict[str, str]]:
    folder = ServiceFolder(tmp_path / "servers")
    folder.prepare()
    valkey = ValkeyServer(folder)
    valkey.start()
    yield production(database=database_url(), redis=valkey.url)
    valkey.stop()
    connection.close()


@pytest.fixture
def running(checkout, environment, tmp_path) -> Iterator[list[ManagedProcess]]:
    """The recipe's programs, not started yet; stopped afterwards."""
    folder = ServiceFolder(tmp_path / "logs")
    folder.prepare()
    ports = {name: ("--port", str(port)) for name, port in PORTS.items()}
    all_of_them = [
        program(name, *ports.get(name, ()), folder=folder, checkout=checkout, environment=environment)
        for name in programs()
    ]
    yield all_of_them
    stop_together(all_of_them)


def health(name: str) -> int:
    web = HTTPConnection("127.0.0.1", PORTS[name], timeout=5)
    try:
        web.request("GET", "/healthz/", headers={"Host": "localhost", "X-Forwarded-Proto": "https"})
        return web.getresponse().status
    except OSError:
        return 0
    finally:
        web.close()


def wait_for_answer(name: str, running: list[ManagedProcess]) -> None:
    """Wait until this program answers, or one of them ends."""
    wait_until(lambda: health(name) == 200 or not all(one.alive for one in running), f"{name} answers")
    assert health(name) == 200, [last_lines(one.log) for one in running if not one.alive]


def wait_for_task(kind: str, signs: Path) -> None:
    """Wait until a worker of this kind has done a task from now on."""
    begun = next(iter(signs.glob(f"{kind}@*.ran")), None)
    first = begun.stat().st_mtime_ns if begun else 0
    wait_until(
        lambda: any(sign.stat().st_mtime_ns > first for sign in signs.glob(f"{kind}@*.ran")),
        f"beat asks and a task of {kind} runs",
    )


def test_the_recipe_runs_as_it_is_written(checkout, environment, running):
    assert [command[2] for command in commands()] == ["migrate", "collectstatic"]
    for command in commands():
        subprocess.run(command, cwd=checkout, env=environment, check=True, capture_output=True, timeout=300)
    assert "python -m cellops.services program %i" in recipe()
    for one in running:
        one.start()
    for name in PORTS:
        wait_for_answer(name, running)
    for kind in ("celery", "reviewer", "simulator"):
        wait_for_task(kind, checkout / "var/run")
    assert [one.name for one in running if not one.alive] == []
