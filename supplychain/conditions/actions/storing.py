"""Readings on their way into the table: COPY into a table of this transaction, from there what is new."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from io import StringIO
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from supplychain.conditions.actions.partitions import TABLE
from supplychain.conditions.models import LoggerRecord
from supplychain.conditions.statuses import ReadingOutcome

MOST_AT_ONCE = 20_000
COMING_SQL = """CREATE TEMP TABLE IF NOT EXISTS coming_readings
    (line int, logger text, read_at timestamptz, temperature numeric(5,2)) ON COMMIT DROP"""
# Of what was not new: the reading that stands, found by the key one by one, which no statistics are needed for.
STANDING_SQL = f"""SELECT line, temperature = known, (known * 100)::int FROM (
    SELECT c.line, c.temperature, k.temperature AS known, k.delivery_id = %(delivery)s AS is_of_this,
        row_number() OVER (PARTITION BY c.logger, c.read_at ORDER BY c.line) AS place
    FROM coming_readings c CROSS JOIN LATERAL (SELECT r.temperature, r.delivery_id FROM {TABLE} r
        WHERE r.shipment_id = %(shipment)s AND r.logger = c.logger AND r.read_at = c.read_at LIMIT 1) k) AS beside
    WHERE place > 1 OR NOT is_of_this OR temperature <> known"""
INSERT_SQL = f"""INSERT INTO {TABLE} (shipment_id, logger, read_at, temperature, delivery_id)
    SELECT %(shipment)s, logger, read_at, temperature, %(delivery)s FROM coming_readings ORDER BY line
    ON CONFLICT DO NOTHING"""
DIFFERING_SQL = f"""INSERT INTO supplychain_differingreading (shipment_id, logger, read_at, temperature, delivery_id)
    SELECT DISTINCT ON (c.logger, c.read_at, c.temperature) %(shipment)s::uuid, c.logger, c.read_at, c.temperature,
        %(delivery)s::uuid
    FROM coming_readings c CROSS JOIN LATERAL (SELECT r.temperature FROM {TABLE} r
        WHERE r.shipment_id = %(shipment)s AND r.logger = c.logger AND r.read_at = c.read_at LIMIT 1) k
    WHERE k.temperature <> c.temperature ON CONFLICT DO NOTHING"""

# More loggers than ever travel with one shipment: one sender cannot fill an order's page, and everybody's board, with
# what it makes up.
MOST_LOGGERS = 20
TOO_MANY = f"This shipment has readings of {MOST_LOGGERS} loggers already: look at the serial number."


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

    @property
    def words(self) -> str:
        """Of another temperature than was known: that it is one, and which was; of the same: nothing."""
        if self.outcome != ReadingOutcome.CONFLICT:
            return ""
        return f"{self.outcome.label}. Known before: {self.known / 100:g} °C."


class StoredPart(NamedTuple):
    """A part of what came: how many were new, and what became of others; `doubled`: second temperatures of a moment
    that were not known."""

    fresh: int
    others: list[Kept]
    doubled: int = 0

    @property
    def is_news(self) -> bool:
        """Whether anything is to be judged anew."""
        return bool(self.fresh or self.doubled)


def loggers_of(shipment_id: UUID) -> set[str]:
    """The loggers of which the shipment has readings; one query."""
    return set(LoggerRecord.objects.filter(shipment=shipment_id).values_list("logger", flat=True))


def begin_record(shipment_id: UUID, logger: str, *, now: datetime) -> None:
    """Have the logger among those of the shipment before its readings are judged; the caller holds the shipment."""
    LoggerRecord.objects.get_or_create(shipment_id=shipment_id, logger=logger, defaults={"judged_at": now})


def within_limit(
    readings: Iterable[ComingReading], known: Collection[str]
) -> tuple[list[ComingReading], list[ComingReading]]:
    """Those that may be stored, and those of more loggers than a shipment has. `known`: its loggers so far."""
    names, taken, refused = set(known), [], []
    for one in readings:
        if one.logger not in names and len(names) >= MOST_LOGGERS:
            refused.append(one)
        else:
            names.add(one.logger)
            taken.append(one)
    return taken, refused


def store_readings(shipment_id: UUID, delivery_id: UUID, readings: Iterable[ComingReading]) -> Iterator[StoredPart]:
    """Store the readings in bulk, a part at a time. The same reading again changes nothing; another temperature at the
    same moment is kept beside the first, and told."""
    named = {"shipment": str(shipment_id), "delivery": str(delivery_id)}
    coming = iter(readings)
    while part := list(islice(coming, MOST_AT_ONCE)):
        with connection.cursor() as cursor:
            cursor.execute(COMING_SQL)
            cursor.copy_expert("COPY coming_readings FROM STDIN", _as_copied(part))
            cursor.execute(INSERT_SQL, named)
            fresh = cursor.rowcount
            if fresh < len(part):
                cursor.execute(STANDING_SQL, named)
            others = [_kept(*row) for row in cursor.fetchall()] if fresh < len(part) else []
            doubled = 0
            if any(one.outcome == ReadingOutcome.CONFLICT for one in others):
                cursor.execute(DIFFERING_SQL, named)
                doubled = cursor.rowcount
            cursor.execute("TRUNCATE coming_readings")
        yield StoredPart(fresh, others, doubled)


def _kept(line: int, is_same: bool, known: int) -> Kept:
    return Kept(line, ReadingOutcome.DUPLICATE if is_same else ReadingOutcome.CONFLICT, known)


def _as_copied(part: Sequence[ComingReading]) -> StringIO:
    """Rows in PostgreSQL's text format; a logger's name holds no backslash, tab or line break (rules.names)."""
    return StringIO("".join(f"{line}\t{logger}\t{at.isoformat()}\t{temp / 100}\n" for line, logger, at, temp in part))
