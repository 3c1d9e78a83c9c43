"""Dates and times as loggers write them, and the instants that they mean. Pure and total.

A clock that follows summer time says one hour twice in autumn. Its readings stand in order of time, so that the second
time round is known by the reading before it.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from supplychain.moments import PLAUSIBLE_YEARS, WIDEST_OFFSET
from supplychain.time_zones import time_zones

HOUR = timedelta(hours=1)
STAMP = re.compile(
    r"(\d{1,4})([-./])(\d{1,2})\2(\d{1,4})[T, ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?"
    r"(?: ?([AaPp])\.?[Mm]\.?)?(?: ?(Z|UTC|GMT)?([+-]\d{1,2}(?::?\d{2})?)?)?"
)
OFFSET = re.compile(r"(?:UTC|GMT)? ?([+-])(\d{1,2}(?=:|\Z)|\d{2})(?::?([0-5]\d))?")
YEAR_FIRST, DAY_FIRST, MONTH_FIRST = "year", "day", "month"


def read_stamp(text: str) -> tuple[int, int, int, int, int, int, timedelta | None] | None:
    """The numbers of a date and time as they stand; None: it is none."""
    match = STAMP.fullmatch(text.strip().replace("\N{MINUS SIGN}", "-"))
    if match is None:
        return None
    one, _, two, three, hour, minute, second, half, utc, offset = match.groups()
    hours = int(hour)
    if half:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half in "Pp" else 0)
    span = offset_of(offset) if offset else (timedelta(0) if utc else None)
    if offset and span is None:
        return None
    return int(one), int(two), int(three), hours, int(minute), int(second or 0), span


def offset_of(text: str) -> timedelta | None:
    """“+02:00”, “UTC+2”, “GMT-0530”, “UTC”, “Z”; None: it is none."""
    plain = text.strip().replace("\N{MINUS SIGN}", "-")
    if plain.upper() in ("Z", "UTC", "GMT"):
        return timedelta(0)
    if (match := OFFSET.fullmatch(plain)) is None:
        return None
    sign, hours, minutes = match.groups()
    span = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return (span if sign == "+" else -span) if span <= WIDEST_OFFSET else None


def zone_of(text: str) -> tzinfo | None:
    """The zone of this name or offset; None: there is none."""
    if (offset := offset_of(text)) is not None:
        return timezone(offset)
    return ZoneInfo(text.strip()) if text.strip() in time_zones() else None


def date_orders(stamps: Iterable[Sequence[int]]) -> list[str]:
    """In which orders year, month and day may stand so that all these dates exist."""
    possible = [YEAR_FIRST, DAY_FIRST, MONTH_FIRST]
    for stamp in stamps:
        possible = [order for order in possible if dated(stamp, order) is not None]
    return possible


def dated(stamp: Sequence[int], order: str) -> datetime | None:
    """The local date and time that the numbers mean in this order, as if of UTC; None: there is no such date."""
    one, two, three = stamp[:3]
    if order == YEAR_FIRST:
        year, month, day = one, two, three
    else:
        day, month, year = (one, two, three) if order == DAY_FIRST else (two, one, three)
        year += 2000 if year < 100 else 0
    try:
        moment = datetime(year, month, day, *stamp[3:6], tzinfo=UTC)
    except ValueError:
        return None
    return moment if year in PLAUSIBLE_YEARS else None


def instant(local: datetime, zone: tzinfo, before: datetime | None, is_newest_first: bool) -> datetime | None:
    """The instant that a local clock means, after the reading `before` in the file; None: the clock skipped it.

    Of the hour that comes twice it is the first one, unless the readings would then go back in time.
    """
    if isinstance(zone, timezone):  # no hour comes twice, and each of many readings is spared the question
        return local.replace(tzinfo=zone).astimezone(UTC)
    early, late = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early == late:
        return early
    if early > late:  # in spring the clock skips an hour, and no reading is of it
        return None
    if before is None:
        return late if is_newest_first else early
    if is_newest_first:
        return late if late < before else early
    return early if early > before else late
