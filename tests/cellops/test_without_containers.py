"""The recipe of docs/operations.md for machines without containers, run as it is written, with production settings."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.db import connection

from cellops.services.folders import CHECKOUT, ServiceFolder, last_lines
from cellops.services.processes import ManagedProcess, stop_together
from cellops.services.valkey import ValkeyServer
from tests.system import database_url, free_port, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PORTS = {"web": free_port(), "stream": free_port()}


def recipe() -> str:
    return (CHECKOUT / "docs/operations.md").read_text().partition("## Without containers")[2].partition("\n## ")[0]


def commands() -> list[list[str]]:
    """The `manage.py` commands, with the interpreter of the tests."""
    lines = re.findall(r"^\.venv/bin/python (manage\.py .*)$", recipe(), re.MULTILINE)
    return [[sys.executable, *line.split()] for line in lines]


def programs() -> list[str]:
    [names] = re.findall(r"cellops@\{(.*?)\}", recipe())
    return names.split(",")


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A fresh checkout: no `var` yet."""
    place = tmp_path / "cellops"
    left_out = shutil.ignore_patterns("var", ".venv", "node_modules", ".git", "__pycache__", "tests", ".*_cache")
    shutil.copytree(CHECKOUT, place, ignore=left_out)
    # The largest package is only copied by collectstatic; nothing here looks at it.
    (place / "node_modules").mkdir()
    return place


@pytest.fixture
def environment(tmp_path) -> Iterator[dict[str, str]]:
    folder = ServiceFolder(tmp_path / "servers")
    folder.prepare()
    valkey = ValkeyServer(folder)
    valkey.start()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CELLOPS_", "DJANGO_"))}
    yield kept | {
        "SECRET_KEY": "0123456789abcdef" * 4, "ALLOWED_HOSTS": "localhost", "BEHIND_PROXY": "1",
        "DATABASE_URL": database_url(), "REDIS_URL": valkey.url, "EMAIL_URL": "smtp://127.0.0.1:1",
        # What the tests' own process has is passed on to programs unless it is said otherwise.
        "CELLOPS_DEMO": "", "DJANGO_SETTINGS_MODULE": "cellops.settings",
    }  # fmt: skip
    valkey.stop()
    connection.close()


def health(name: str) -> int:
    web = HTTPConnection("127.0.0.1", PORTS[name], timeout=5)
    try:
        web.request("GET", "/healthz/", headers={"Host": "localhost", "X-Forwarded-Proto": "https"})
        return web.getresponse().status
    except OSError:
        return 0
    finally:
        web.close()


def test_the_recipe_runs_as_it_is_written(checkout, environment, tmp_path):
    assert [command[2] for command in commands()] == ["migrate", "collectstatic"]
    for command in commands():
        subprocess.run(command, cwd=checkout, env=environment, check=True, capture_output=True, timeout=300)
    assert "python -m cellops.services program %i" in recipe()
    folder = ServiceFolder(tmp_path / "logs")
    folder.prepare()
    running = [
        ManagedProcess(
            name=name,
            command=[
                sys.executable, "-m", "cellops.services", "program", name,
                *(["--port", str(PORTS[name])] if name in PORTS else []),
            ],
            folder=folder,
            environment=environment,
            working_folder=checkout,
        )
        for name in programs()
    ]  # fmt: skip
    try:
        for program in running:
            program.start()
        for name in PORTS:
            wait_until(
                lambda name=name: health(name) == 200 or not all(one.alive for one in running),
                120,
                f"{name} answers; see {folder.log(name)}",
            )
            assert health(name) == 200, [last_lines(one.log) for one in running if not one.alive]
        signs = checkout / "var/run"
        for kind in ("celery", "simulator"):
            begun = next(iter(signs.glob(f"{kind}@*.ran")), None)
            first = begun.stat().st_mtime_ns if begun else 0
            wait_until(
                lambda kind=kind, first=first: any(
                    sign.stat().st_mtime_ns > first for sign in signs.glob(f"{kind}@*.ran")
                ),
                120,
                f"beat asks and a task of {kind} runs; see {folder.path}",
            )
        assert [program.name for program in running if not program.alive] == []
    finally:
        stop_together(running)
