"""The recipe of docs/operations.md for machines without containers: its commands, its programs, its environment."""

import os
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from cellops.services.folders import CHECKOUT, ServiceFolder
from cellops.services.processes import ManagedProcess


def recipe() -> str:
    """Its chapter."""
    return (CHECKOUT / "docs/operations.md").read_text().partition("## Without containers")[2].partition("\n## ")[0]


def commands() -> list[list[str]]:
    """The `manage.py` commands, with the interpreter of the tests."""
    lines = re.findall(r"^\.venv/bin/python (manage\.py .*)$", recipe(), re.MULTILINE)
    return [[sys.executable, *line.split()] for line in lines]


def programs() -> list[str]:
    """The programs that run under a supervisor."""
    [names] = re.findall(r"cellops@\{(.*?)\}", recipe())
    return names.split(",")


def fresh_checkout(place: Path) -> Path:
    """A copy of this checkout without what was installed or written: no `var` yet."""
    left_out = shutil.ignore_patterns("var", ".venv", "node_modules", ".git", "__pycache__", "tests", ".*_cache")
    shutil.copytree(CHECKOUT, place, ignore=left_out)
    # The largest package is only copied by collectstatic; nothing here looks at it.
    (place / "node_modules").mkdir()
    return place


def production(*, database: str, redis: str) -> dict[str, str]:
    """The environment of a production, with nothing of the tests' own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CELLOPS_", "DJANGO_"))}
    return kept | {
        "SECRET_KEY": "3f9c1a7be2d84056918273645afbecd0c48b66e1f0975d2a8b3e4c61",
        "ALLOWED_HOSTS": "localhost", "BEHIND_PROXY": "1",
        "DATABASE_URL": database, "REDIS_URL": redis, "EMAIL_URL": "smtp://127.0.0.1:1",
        # What the tests' own process has is passed on to programs unless it is said otherwise.
        "CELLOPS_DEMO": "", "DJANGO_SETTINGS_MODULE": "cellops.settings",
    }  # fmt: skip


def program(
    name: str,
    *options: str,
    folder: ServiceFolder,
    checkout: Path,
    environment: Mapping[str, str],
    inside: tuple[str, ...] = (),
) -> ManagedProcess:
    """A program as the recipe's unit starts it; `inside`: what takes a command to another machine."""
    command = [*inside, sys.executable, "-m", "cellops.services", "program", name, *options]
    return ManagedProcess(name=name, command=command, folder=folder, environment=environment, working_folder=checkout)
