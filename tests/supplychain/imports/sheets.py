"""Sheets that are brought in, and what was left of them."""

import csv
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

EVENT_HEADER = "source_event_id,order,kind,stage,occurred_at"


def bring_in(what: str, path: Path, capsys: pytest.CaptureFixture[str], **options: Any) -> tuple[str, str]:
    """What an import says on standard output, and its error."""
    problem = ""
    try:
        call_command(f"import_{what}", str(path), source="hospital-oslo", **options)
    except CommandError as error:
        problem = str(error)
    return capsys.readouterr().out.strip(), problem


def rejected(path: Path) -> list[list[str]]:
    """The rows of the file of rejected ones beside this one."""
    with path.with_suffix(".rejected.csv").open(newline="") as file:
        return list(csv.reader(file))
