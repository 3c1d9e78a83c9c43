"""Moments inside stored sentences, such as those of flags: kept exact, said in the zone of whoever reads them. Pure.

A rule does not know its readers, so it writes `2026-11-26T23:30Z` for a moment and `day:2026-11-26T23:30Z` for its day.
"""

import re
from datetime import UTC, datetime, tzinfo

from supplychain.moments import read_moment
from supplychain.words import dates_words, moment_words

_TOKEN = re.compile(r"(day:)?([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}Z)(?:/([0-9-]{10}T[0-9:]{5}Z))?")


def moment_mark(moment: datetime) -> str:
    """A moment, to the minute, for a sentence."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def day_mark(first: datetime, last: datetime | None = None) -> str:
    """The day of a moment, or the days from one to another, for a sentence."""
    return f"day:{moment_mark(first)}" + (f"/{moment_mark(last)}" if last else "")


def said_in(text: str, zone: tzinfo, now: datetime | None = None) -> str:
    """The sentence with its moments in `zone`: “27 Nov 2026 00:30 CET”, “27 Nov”, “28 Nov–3 Dec”.

    Days have their year where it is not that of `now`; without `now`, for what is kept or sent on, always.
    """
    return _TOKEN.sub(lambda found: _said(found, zone, now), text) if "Z" in text else text


def _said(found: re.Match[str], zone: tzinfo, now: datetime | None) -> str:
    is_day, first, last = found.groups()
    try:
        start = read_moment(first).astimezone(zone)
        end = read_moment(last).astimezone(zone) if last else start
    except ValueError:
        return found.group()
    return dates_words(start, end, now, zone) if is_day else moment_words(start, zone, label=True)
