"""Each law reads the sources as text or syntax, and yields what breaks it."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

APPS = ("supplychain", "batches", "dashboards", "cellops")
LONGEST_FUNCTION = 40
LONGEST_FILE = 300

WRITES = {
    "save", "create", "bulk_create", "bulk_update", "update", "update_or_create", "get_or_create", "delete",
    "copy_expert",
}  # fmt: skip
# Their owner may be anything; the others are methods of dictionaries, sets and forms, too.
ALWAYS_ROWS = {"save", "delete", "copy_expert", "bulk_create", "bulk_update", "update_or_create", "get_or_create"}
# A manager, a queryset or a related set: what ORM writes hang on.
OF_ROWS = re.compile(r"\bobjects\b|\beverything\b|\.filter\(|\.exclude\(|_set\b|select_for_update")
# What has such a method and is no row: the browser's session, a key in Valkey.
NO_ROWS = {"request.session", "client()"}
WRITING_SQL = re.compile(r"\b(INSERT INTO|DELETE FROM|UPDATE [a-z_{]+.* SET)\b")
# Where rows are written: the actions; the statements' own builder; a trigger, where the database itself writes.
WRITERS = {"actions", "migrations"}
HANDS = {
    "supplychain/sql.py",
    "supplychain/leases.py",
    "batches/flags/models/flip_trigger.py",
    "supplychain/orders/models/change_trigger.py",
    "supplychain/orders/models/turn_trigger.py",
}
# Whose save() sends a mail, whose delete() forgets a count in Valkey.
NO_ROWS_HERE = {"supplychain/sign_in/forms.py", "supplychain/people/admin.py", "supplychain/sign_in/cache.py"}

CLOCKS = re.compile(
    r"\b(datetime\.now|timezone\.now|localdate|localtime\(\)|date\.today|utcnow|time\.(time|monotonic|perf_counter))\b"
)
IMPURE = ("django", "celery", "redis")
RUNS = "supplychain_stagerun"


class Breach(NamedTuple):
    """One breach of a law."""

    path: str
    line: int
    law: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.law}"


class Source(NamedTuple):
    """One file of ours: its path below the root, its text and its syntax."""

    path: str
    text: str
    tree: ast.Module

    @property
    def parts(self) -> set[str]:
        """The names of its folders and its own."""
        return {*Path(self.path).parts[:-1], Path(self.path).stem}


def sources(root: Path) -> Iterator[Source]:
    """Every Python file of the apps besides the migrations."""
    for app in APPS:
        for path in sorted((root / app).rglob("*.py")):
            if "migrations" not in path.parts:
                text = path.read_text(encoding="utf-8")
                yield Source(str(path.relative_to(root)), text, ast.parse(text))


def breaches(root: Path) -> Iterator[Breach]:
    """Everything that breaks a law in the checkout at `root`."""
    statuses = closed_lists(root)
    for source in sources(root):
        yield from writes_outside_actions(source)
        yield from impure_rules(source)
        yield from too_long(source)
        yield from bare_statuses_in_sql(source, statuses)
        yield from withdrawn_runs_read(source)
    yield from bare_statuses_in_templates(root, statuses)
    yield from words_of_two_ideas(root)


def writes_outside_actions(source: Source) -> Iterator[Breach]:
    """Nothing but actions writes rows: by the ORM, through a queryset, or in SQL."""
    if WRITERS & source.parts or source.path in HANDS | NO_ROWS_HERE:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            owner, name = ast.unparse(node.func.value), node.func.attr
            is_row = name in ALWAYS_ROWS or OF_ROWS.search(owner)
            if is_row and owner not in NO_ROWS and not owner.startswith("super()"):
                yield Breach(source.path, node.lineno, f"writes outside actions: {owner}.{name}()")
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and WRITING_SQL.search(node.value):
            yield Breach(source.path, node.lineno, "writes outside actions: SQL")


def impure_rules(source: Source) -> Iterator[Breach]:
    """Rules are functions of facts and now: they read no clock, no database and no setting."""
    if "rules" not in source.parts:
        return
    for number, line in enumerate(source.text.splitlines(), start=1):
        if CLOCKS.search(line):
            yield Breach(source.path, number, "a rule reads a clock: take `now`; what works for so long is an action")
    for node in ast.walk(source.tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            if name.split(".")[0] in IMPURE or {"models", "queries", "actions"} & set(name.split(".")):
                yield Breach(source.path, node.lineno, f"a rule is pure and must not import {name}")


def too_long(source: Source) -> Iterator[Breach]:
    """A function does one thing; a file past its limit is two files."""
    lines = source.text.count("\n")
    if lines > LONGEST_FILE:
        yield Breach(source.path, lines, f"{lines} lines; at most {LONGEST_FILE}")
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield Breach(source.path, node.lineno, f"{node.name}: {length} lines; at most {LONGEST_FUNCTION}")


@cache
def closed_lists(root: Path) -> frozenset[str]:
    """The values of every closed list that is stored (TextChoices in a theme's statuses)."""
    values = set()
    for app in APPS:
        for path in (root / app).rglob("statuses.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple):
                    first = node.value.elts[0]
                    if isinstance(first, ast.Constant) and isinstance(first.value, str):
                        values.add(first.value)
    return frozenset(values)


COMPARED_IN_TEMPLATE = re.compile(r"""[!=]= *(?:'([a-z_]+)'|"([a-z_]+)")""")
COMPARED_IN_SQL = re.compile(r"(?:=|<>|\bIN \(|\bWHEN)\s*'([a-z_]+)'")


def bare_statuses_in_templates(root: Path, statuses: frozenset[str]) -> Iterator[Breach]:
    """A status is never compared as a bare string: ask the row (`order.is_urgent`) or let the view say."""
    for path in sorted((root / "templates").rglob("*.*")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            for found in COMPARED_IN_TEMPLATE.finditer(line):
                if (value := found.group(1) or found.group(2)) in statuses:
                    yield Breach(str(path.relative_to(root)), number, f"compares with the bare status “{value}”")


def bare_statuses_in_sql(source: Source, statuses: frozenset[str]) -> Iterator[Breach]:
    """Nor in SQL: the statement takes it as a parameter."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.search(r"\b[A-Z]{4,}\b", node.value):
            for found in COMPARED_IN_SQL.finditer(node.value):
                if found.group(1) in statuses:
                    yield Breach(source.path, node.lineno, f"SQL compares with the bare status “{found.group(1)}”")


def withdrawn_runs_read(source: Source) -> Iterator[Breach]:
    """SQL that reads stage runs says what it does with those that were withdrawn."""
    for node in ast.walk(source.tree):
        text = ast.unparse(node) if isinstance(node, ast.JoinedStr) else getattr(node, "value", "")
        text = text if isinstance(text, str) else ""
        if "FROM" in text and (RUNS in text or "{RUN_TABLE}" in text) and "withdrawn_at" not in text:
            yield Breach(source.path, node.lineno, "SQL reads stage runs without a word on withdrawn_at")


def words_of_two_ideas(root: Path) -> Iterator[Breach]:
    """One word, one idea: no class name occurs in two themes (docs/words.md)."""
    homes: dict[str, set[str]] = {}
    for source in sources(root):
        theme = "/".join(Path(source.path).parts[:2])
        for node in source.tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, set()).add(theme)
    for name, themes in sorted(homes.items()):
        if len(themes) > 1 and name not in ALLOWED_TWICE:
            yield Breach(", ".join(sorted(themes)), 1, f"the class name {name} occurs in {len(themes)} themes")


# Django looks for these by name.
ALLOWED_TWICE = {"Command", "Meta"}
