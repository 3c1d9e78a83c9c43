"""Many rows in one statement: what the ORM does one by one or slowly."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from io import StringIO
from typing import Any

import msgspec
from django.db import connection
from psycopg2.extras import execute_values

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


def update_rows(table: str, types: dict[str, str], rows: Sequence[Sequence[Any]]) -> None:
    """Set columns of the rows found by `id`. `types`: SQL type of each column, `id` first; `rows` in that order."""
    if not rows:
        return
    columns = list(types)
    sets = ", ".join(f"{column} = v.{column}" for column in columns[1:])
    sql = f"UPDATE {table} AS t SET {sets} FROM (VALUES %s) AS v ({', '.join(columns)}) WHERE t.id = v.id"
    template = "(" + ", ".join(f"%s::{kind}" for kind in types.values()) + ")"
    values = [[as_parameter(value) for value in row] for row in rows]
    with connection.cursor() as cursor:
        execute_values(cursor, sql, values, template=template, page_size=len(values))


def insert_rows(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, on_conflict: str) -> None:
    """Insert `rows`; `on_conflict` is the clause that says what a known row becomes."""
    if not rows:
        return
    sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES %s ON CONFLICT {on_conflict}"
    values = [[as_parameter(value) for value in row] for row in rows]
    with connection.cursor() as cursor:
        execute_values(cursor, sql, values, page_size=len(values))


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
