"""Readings on their way into the table: COPY into a table of this transaction, from there what is new."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from io import StringIO
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from supplychain.conditions.actions.partitions import TABLE
from supplychain.conditions.statuses import ReadingOutcome

MOST_AT_ONCE = 20_000
COMING_SQL = """CREATE TEMP TABLE IF NOT EXISTS coming_readings
    (line int, logger text, read_at timestamptz, temperature numeric(5,2)) ON COMMIT DROP"""
# Of what comes, the first of each moment; what is known stands.
KNOWN_SQL = f"""SELECT c.line, r.temperature = c.temperature, (r.temperature * 100)::int FROM coming_readings c
    JOIN {TABLE} r ON r.shipment_id = %(shipment)s AND r.logger = c.logger AND r.read_at = c.read_at"""
TWICE_SQL = """SELECT line, temperature = first, (first * 100)::int FROM (
    SELECT line, temperature, first_value(temperature) OVER same AS first, row_number() OVER same AS place
    FROM coming_readings WINDOW same AS (PARTITION BY logger, read_at ORDER BY line)) AS numbered WHERE place > 1"""
INSERT_SQL = f"""INSERT INTO {TABLE} (shipment_id, logger, read_at, temperature, delivery_id)
    SELECT %(shipment)s, logger, read_at, temperature, %(delivery)s FROM coming_readings ORDER BY line
    ON CONFLICT DO NOTHING"""


class ComingReading(NamedTuple):
    """A reading that comes; `line`: its place in what was sent, temperature in hundredths of a degree."""

    line: int
    logger: str
    read_at: datetime
    temperature: int


class Kept(NamedTuple):
    """What became of a reading that was not new; `known`: the temperature that stands."""

    line: int
    outcome: ReadingOutcome
    known: int


def store_readings(shipment_id: UUID, delivery_id: UUID, readings: Iterable[ComingReading]) -> Iterator[list[Kept]]:
    """Store the readings in bulk, a part at a time; yields for each part those that were not new.

    The same reading again changes nothing; another temperature at the same moment does not either, and is told.
    """
    named = {"shipment": str(shipment_id), "delivery": str(delivery_id)}
    coming = iter(readings)
    while part := list(islice(coming, MOST_AT_ONCE)):
        with connection.cursor() as cursor:
            cursor.execute(COMING_SQL)
            cursor.copy_expert("COPY coming_readings FROM STDIN", _as_copied(part))
            cursor.execute(KNOWN_SQL, named)
            known = {row[0]: row for row in cursor.fetchall()}
            cursor.execute(TWICE_SQL)
            twice = {row[0]: row for row in cursor.fetchall()}
            cursor.execute(INSERT_SQL, named)
            cursor.execute("TRUNCATE coming_readings")
        yield [_kept(*row) for row in (twice | known).values()]


def _kept(line: int, is_same: bool, known: int) -> Kept:
    return Kept(line, ReadingOutcome.DUPLICATE if is_same else ReadingOutcome.CONFLICT, known)


def _as_copied(part: Sequence[ComingReading]) -> StringIO:
    """Rows in PostgreSQL's text format; a logger's name holds no backslash, tab or line break (rules.names)."""
    return StringIO("".join(f"{line}\t{logger}\t{at.isoformat()}\t{temp / 100}\n" for line, logger, at, temp in part))
