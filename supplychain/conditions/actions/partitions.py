"""The partitions of the readings' table: one a month, made when the first reading of the month comes."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction

TABLE = "supplychain_loggerreading"
# Readings of clocks that are set wrong, years from now, stay in the partition for all other months.
OLDEST, NEWEST = timedelta(days=3 * 366), timedelta(days=62)


def make_partitions(moments: Iterable[datetime], *, now: datetime) -> None:
    """Have a partition for the month of each moment. Call it before the transaction that writes the readings.

    Two who need the same month wait for one another here (a lock until the end of this transaction), and for nobody
    who reads or writes readings: a table is made by itself and attached afterwards.
    """
    months = sorted({_month(one) for one in moments if now - OLDEST < one < now + NEWEST})
    for month in months:
        if not _is_there(month):
            _make(month)


def _month(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _name(month: datetime) -> str:
    return f"{TABLE}_{month:%Y_%m}"


def _is_there(month: datetime) -> bool:
    # The table itself, by a snapshot of this moment: a name that was looked up before is remembered as missing.
    return _value("SELECT EXISTS (SELECT 1 FROM pg_class WHERE relname = %s AND relispartition)", _name(month))


def _make(month: datetime) -> None:
    name, end = _name(month), _month(month + timedelta(days=32))
    try:
        with transaction.atomic():
            _value("SELECT pg_advisory_xact_lock(hashtext(%s)) IS NOT NULL", TABLE)
            if not _is_there(month):
                with connection.cursor() as cursor:
                    cursor.execute(f"CREATE TABLE {name} (LIKE {TABLE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
                    cursor.execute(
                        f"ALTER TABLE {TABLE} ATTACH PARTITION {name} FOR VALUES FROM (%s) TO (%s)", [month, end]
                    )
    except IntegrityError:
        # Readings of this month stand in the default partition already, and stay there with those to come.
        return


def _value(sql: str, *parameters: Any) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return bool(cursor.fetchone()[0])
