"""The laws that a reader could forget hold, and each is noticed when it is broken: sins are planted to see."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.guards.laws import APPS, breaches

ROOT = Path(__file__).resolve().parents[2]
LINT_IMPORTS = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """A copy of the sources to sin in."""
    root = tmp_path_factory.mktemp("checkout")
    for folder in (*APPS, "templates"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__", "static", "*.nb?"))
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


@pytest.fixture
def plant(checkout):
    """Writes a line at the end of a file of the copy (a new file if there is none), and takes it back."""
    planted: list[tuple[Path, str | None]] = []

    def sin(place: str, text: str) -> None:
        path = checkout / place
        planted.append((path, path.read_text() if path.exists() else None))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((planted[-1][1] or "") + "\n" + text + "\n")

    yield sin
    for path, before in reversed(planted):
        path.unlink() if before is None else path.write_text(before)


def lint_imports(root: Path) -> subprocess.CompletedProcess:
    return subprocess.run(LINT_IMPORTS, cwd=root, capture_output=True, text=True, check=False)


def test_imports_go_down():
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout


def test_no_law_is_broken():
    assert list(map(str, breaches(ROOT))) == []


# sin: file, line planted there, what the linter must say of it
IMPORTS = {
    "a lower floor names a higher one": (
        "supplychain/orders/rules/waits.py", "import batches.flags.statuses", "batches.flags.statuses",
    ),
    "a theme names one above it": (
        "batches/capacity/actions.py", "import batches.lines.actions.pools", "batches.lines.actions.pools",
    ),
    "a theme of the chain names one above it": (
        "supplychain/flows/rules/plans.py", "import supplychain.orders.models", "supplychain.orders.models",
    ),
    "a page names the page above it": (
        "dashboards/kpis/queries.py", "import dashboards.tower.queries.tower", "dashboards.tower.queries.tower",
    ),
    "the services name the demo": ("cellops/services/ports.py", "import cellops.demo.sites", "cellops.demo.sites"),
    "inside a room, a rule names an action": (
        "batches/flags/rules/waiting.py", "import batches.flags.actions.people", "batches.flags.actions.people",
    ),
    "inside a page's room, a query names a view": (
        "dashboards/kpis/queries.py", "import dashboards.kpis.views", "dashboards.kpis.views",
    ),
    "a theme without a place": ("batches/drawer/__init__.py", "X = 1", "drawer"),
    "a file outside the anatomy": ("batches/flags/helpers.py", "X = 1", "helpers"),
}  # fmt: skip


def test_every_import_that_goes_up_is_noticed(checkout, plant):
    for place, text, _ in IMPORTS.values():
        plant(place, text)
    said = lint_imports(checkout)
    assert said.returncode == 1
    assert [sin for sin, (_, _, told) in IMPORTS.items() if told not in said.stdout] == []


SINS = {
    "a row saved by a view": ("batches/flags/views.py", "def a(flag):\n    flag.save()", "flag.save()"),
    "rows changed through a queryset": (
        "dashboards/kpis/queries.py", "def a(rows):\n    rows.filter(pk=1).update(x=1)", ".update()",
    ),
    "rows made through a related set": (
        "batches/flags/views.py", "def a(order):\n    order.flags.get_or_create(code='x')", ".get_or_create()",
    ),
    "an UPDATE in SQL": ("batches/flags/queries/flags.py", "SQL = 'UPDATE batches_flag SET why = 1'", "SQL"),
    "a rule that asks the time": ("batches/flags/rules/waiting.py", "NOW = datetime.now()", "clock"),
    "a rule that watches the seconds": (
        "batches/simulation/rules/futures.py", "import time\n\nT = time.monotonic()", "clock",
    ),
    "a page's rule that knows Django": ("dashboards/kpis/rules/tables.py", "from django.db import models", "pure"),
    "a rule that reads": (
        "batches/flags/rules/waiting.py", "from batches.flags.queries.flags import known_flags", "pure",
    ),
    "a function past the limit": (
        "batches/flags/rules/promise.py", "def a():\n" + "    x = 1\n" * 40, "41 lines; at most 40",
    ),
    "a file past the limit": ("batches/flags/rules/silence.py", "# x\n" * 300, "at most 300"),
    "a status in a template": ("templates/x.html", "{% if run.status == 'failed' %}", "bare status “failed”"),
    "a status in SQL": (
        "batches/flags/queries/flags.py", "SQL = \"SELECT 1 FROM x WHERE s = 'failed'\"", "bare status",
    ),
    "SQL that forgets what was withdrawn": (
        "batches/flags/queries/flags.py", "SQL = 'SELECT 1 FROM supplychain_stagerun'", "withdrawn_at",
    ),
    "a word for two ideas": ("batches/flags/rules/waiting.py", "class StageRun:\n    pass", "class name StageRun"),
}  # fmt: skip


def test_every_law_that_is_broken_is_noticed(checkout, plant):
    for place, text, _ in SINS.values():
        plant(place, text)
    found = list(breaches(checkout))
    assert [sin for sin, (place, _, told) in SINS.items() if not told_of(found, place, told)] == []


def told_of(found: list, place: str, told: str) -> bool:
    return any(told in breach.law and (breach.path == place or "themes" in breach.law) for breach in found)


def test_the_check_runs_the_laws():
    makefile = (ROOT / "Makefile").read_text()
    assert "-m tests.guards" in makefile
    assert "lint-imports" in makefile
