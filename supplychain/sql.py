"""Many rows in few statements and few round trips: what the ORM does one by one or slowly."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from io import StringIO
from typing import Any

import msgspec
from django.db import connection

# From this many rows on COPY is faster than one INSERT.
ROWS_WORTH_A_COPY = 30
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Append `rows` to `table` with COPY. Dicts and lists go as JSON, None as NULL."""
    lines = "".join("\t".join(map(_as_copy_text, row)) + "\n" for row in rows)
    if lines:
        with connection.cursor() as cursor:
            cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", StringIO(lines))


def _as_copy_text(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.translate(_ESCAPED)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (dict, list)):
        return msgspec.json.encode(value).decode().translate(_ESCAPED)
    return str(value)


class Writes:
    """Statements collected to go to the database in one round trip, in the order in which they were added."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def insert(
        self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, on_conflict: str = ""
    ) -> None:
        """Insert `rows`; `on_conflict` says what a known row becomes. Many new rows go by COPY, at once."""
        if not on_conflict and len(rows) >= ROWS_WORTH_A_COPY:
            self.run()
            copy_rows(table, columns, rows)
        elif rows:
            template = ", ".join(["%s"] * len(columns))
            clause = f" ON CONFLICT {on_conflict}" if on_conflict else ""
            self._add(f"INSERT INTO {table} ({', '.join(columns)}) VALUES %s{clause}", template, rows)

    def update(self, table: str, types: dict[str, str], rows: Sequence[Sequence[Any]]) -> None:
        """Set columns of the rows found by `id`. `types`: SQL type of each column, `id` first; `rows` in that order."""
        if rows:
            names = list(types)
            sets = ", ".join(f"{name} = v.{name}" for name in names[1:])
            template = ", ".join(f"%s::{kind}" for kind in types.values())
            sql = f"UPDATE {table} AS t SET {sets} FROM (VALUES %s) AS v ({', '.join(names)}) WHERE t.id = v.id"
            self._add(sql, template, rows)

    def _add(self, sql: str, template: str, rows: Sequence[Sequence[Any]]) -> None:
        with connection.cursor() as cursor:
            values = b", ".join(cursor.mogrify(f"({template})", [as_parameter(part) for part in row]) for row in rows)
        before, after = sql.split("%s")
        self.statements.append(f"{before}{values.decode()}{after}")

    def run(self) -> None:
        """Send what was collected."""
        if self.statements:
            statements, self.statements = self.statements, []
            with connection.cursor() as cursor:
                cursor.execute("; ".join(statements))


def as_parameter(value: Any) -> Any:
    """`value` as psycopg2 takes it: ids as text, dicts and lists as JSON."""
    if isinstance(value, (dict, list)):
        return msgspec.json.encode(value).decode()
    if value is None or isinstance(value, (str, int, float, datetime)):
        return value
    return str(value)


def from_json(text: str) -> Any:
    """A jsonb column read as text (several times faster than through the driver)."""
    return {} if text == "{}" else [] if text == "[]" else msgspec.json.decode(text)
