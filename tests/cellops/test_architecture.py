"""The laws that a reader could forget: imports go down, writes live in actions, functions stay short."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("supplychain", "batches", "dashboards", "cellops")
WRITES = {
    "save", "create", "bulk_create", "bulk_update", "update_or_create", "get_or_create", "delete", "copy_expert",
}  # fmt: skip
# What has such a method and is no row: the browser's session, a key in Valkey.
NO_ROWS = {"request.session", "client()"}
# Where rows are written: the actions, and the two modules that are their hands.
WRITERS = {"actions", "migrations"}
# The second holds a trigger: there the database itself writes.
HANDS = {ROOT / "supplychain" / "sql.py", ROOT / "batches" / "flags" / "models" / "flip_trigger.py"}
# Whose save() sends a mail, whose delete() forgets a count in Valkey.
NO_ROWS_HERE = {ROOT / "supplychain" / place for place in ("sign_in/forms.py", "people/admin.py", "sign_in/cache.py")}
LONGEST_FUNCTION = 50
LONGEST_FILE = 400


def sources() -> Iterator[Path]:
    for app in APPS:
        yield from sorted((ROOT / app).rglob("*.py"))


def test_imports_go_down():
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def writing_calls(tree: ast.AST) -> Iterator[str]:
    """Calls that look like a write through the ORM: `x.objects.create()`, `row.save()` …"""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            owner = ast.unparse(node.func.value)
            if owner not in NO_ROWS and (node.func.attr in ("save", "delete", "copy_expert") or "objects" in owner):
                yield f"{owner}.{node.func.attr}()"


@pytest.mark.parametrize(
    "path", [p for p in sources() if not WRITERS & {*p.parts, p.stem}], ids=lambda p: str(p.relative_to(ROOT))
)
def test_nothing_but_actions_writes_rows(path):
    if path in HANDS | NO_ROWS_HERE:
        return
    text = path.read_text()
    assert list(writing_calls(ast.parse(text))) == []
    assert not any(f"{verb} " in text for verb in ("INSERT INTO", "DELETE FROM"))


def test_files_and_functions_stay_short():
    too_long = []
    for path in sources():
        if "migrations" in path.parts:
            continue
        text = path.read_text()
        if text.count("\n") > LONGEST_FILE:
            too_long.append(f"{path.relative_to(ROOT)}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    too_long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {lines} lines")
    assert too_long == []


def test_rules_read_no_clock():
    clocks = ("datetime.now", "timezone.now", "time.time", "date.today", "utcnow")
    reading = [
        f"{path.relative_to(ROOT)}: {clock}"
        for path in sources()
        if "rules" in (*path.parts, path.stem)
        for clock in clocks
        if f"{clock}(" in path.read_text()
    ]
    assert reading == []
