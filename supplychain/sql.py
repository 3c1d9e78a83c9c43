"""Many rows in few statements and few round trips: what the ORM does one by one or slowly."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from django.db import InterfaceError, OperationalError, connection
from psycopg2.errors import LockNotAvailable

# The database is away or has ended our connection: no row's fault, so a loop over rows lets these go on up.
LOST = (OperationalError, InterfaceError)


def is_busy(error: BaseException) -> bool:
    """Whether a statement waited too long for a row that somebody holds (`lock_timeout`)."""
    return isinstance(error.__cause__, LockNotAvailable)


def first_line(error: BaseException) -> str:
    """What an error says, without what PostgreSQL adds below."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def reason_of(error: BaseException) -> str:
    """An error as it is kept with what it spoils, for whoever mends the cause; at most 200 characters."""
    return f"{type(error).__name__}: {error}"[:200].replace("\x00", "")


_to_json = msgspec.json.Encoder(decimal_format="number").encode


@cache
def _row_of(columns: tuple[str, ...]) -> type[msgspec.Struct]:
    """A row of these columns; without those that are NULL, which a column that is not named becomes."""
    fields = [(name, Any, None) for name in columns]
    return msgspec.defstruct("Row", fields, omit_defaults=True, gc=False)


def json_rows(columns: Iterable[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows as JSON objects for PostgreSQL's json_populate_recordset and json_to_recordset."""
    names = tuple(columns)
    row_of, width = _row_of(names), len(names)
    given = list(rows)
    if any(len(row) != width for row in given):
        raise ValueError(f"A row has not the {width} columns {', '.join(names)}.")
    return _to_json([row_of(*row) for row in given]).decode()


class Writes:
    """Statements collected to go to the database in one round trip, in the order in which they were added.

    Rows travel as one JSON text, which PostgreSQL reads with the types of the table's own columns: for a thousand
    rows a tenth of the work that a thousand tuples of literals are, here and in PostgreSQL, and as quick as COPY.
    """

    def __init__(self) -> None:
        self._statements: list[str] = []
        self._parameters: list[str | list[str]] = []

    def insert(
        self, table: str, columns: Iterable[str], rows: Sequence[Sequence[Any]], *, on_conflict: str = ""
    ) -> None:
        """Insert `rows`; `on_conflict` says what a known row becomes."""
        names = ", ".join(columns)
        clause = f" ON CONFLICT {on_conflict}" if on_conflict else ""
        self._add(f"INSERT INTO {table} ({names}) SELECT {names} FROM {{}}{clause}", table, columns, rows)

    def update(self, table: str, columns: Iterable[str], rows: Sequence[Sequence[Any]]) -> None:
        """Set `columns` of the rows found by their primary key, which comes first."""
        key, *names = columns
        sets = ", ".join(f"{name} = v.{name}" for name in names)
        self._add(f"UPDATE {table} AS t SET {sets} FROM {{}} AS v WHERE t.{key} = v.{key}", table, columns, rows)

    def delete(self, table: str, column: str, ids: Iterable[Any]) -> None:
        """Remove the rows whose `column` (uuid) is one of `ids`; only of tables at whose rows nothing points."""
        if wanted := [str(one) for one in ids]:
            self._statements.append(f"DELETE FROM {table} WHERE {column} = ANY(%s::uuid[])")
            self._parameters.append(wanted)

    def withdraw(self, table: str, column: str, ids: Iterable[Any], *, at: datetime, but: Iterable[Any] = ()) -> None:
        """Mark the rows whose `column` (uuid) is one of `ids` as withdrawn, `but` (their ids) those that stand; what
        points at them stays."""
        if wanted := [str(one) for one in ids]:
            standing = [str(one) for one in but]
            self._statements.append(
                f"UPDATE {table} SET withdrawn_at = %s WHERE withdrawn_at IS NULL AND {column} = ANY(%s::uuid[])"
                + (" AND id <> ALL(%s::uuid[])" if standing else "")
            )
            self._parameters += [at.isoformat(), wanted, *([standing] if standing else [])]

    def _add(self, sql: str, table: str, columns: Iterable[str], rows: Sequence[Sequence[Any]]) -> None:
        if rows:
            self._statements.append(sql.format(f"json_populate_recordset(NULL::{table}, %s)"))
            self._parameters.append(json_rows(columns, rows))

    def run(self) -> None:
        """Send what was collected."""
        if self._statements:
            with connection.cursor() as cursor:
                cursor.execute("; ".join(self._statements), self._parameters)
            self._statements, self._parameters = [], []


def from_json(text: str) -> Any:
    """A jsonb column read as text (several times faster than through the driver)."""
    return {} if text == "{}" else [] if text == "[]" else msgspec.json.decode(text)


def read(sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """All rows of one statement."""
    with connection.cursor() as cursor:
        # Django's own function makes the same of an offset, in Python: a claim reads thousands of moments.
        cursor.cursor.tzinfo_factory = timezone
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def texts(ids: Iterable[UUID]) -> list[str]:
    """Ids as psycopg2 passes them in an array."""
    return [str(one) for one in ids]
