"""The zone in which a logger's clock runs, where its file says it of the readings. Pure.

It counts in three places: a cell that is named time zone or offset, the name of the column of times, a sentence on all
times. Lines with a date of their own speak of a report. Two that do not agree, or one that cannot be read: it is asked.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import pairwise

from supplychain.conditions.rules.moments import offset_of, zone_of

_ZONE = r"(?:UTC|GMT)(?: ?[+-] ?\d{1,2}(?::?\d{2})?)?|[A-Z][a-z]+(?:/[A-Z][A-Za-z_-]+){1,2}|[+-]\d{1,2}:?\d{2}"
_MINUTES = r"(?P<minutes>mins?|minutes?|minuten)"
_HOURS = r"hours?|hrs?|h|std|stunden"
_OFFSET = r"(?P<offset>(?:UTC|GMT|time ?zone)[ _-]?(?:offset|versatz))"
_NAMED = re.compile(
    rf"\W*(?:(?:logger|device|recorder|local)[ _-])?(?:{_OFFSET}|time[ _-]?zone|zeitzone|tz|UTC|GMT)"
    rf"(?: ?[(\[](?:{_MINUTES}|{_HOURS})[)\]])?\W*",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    rf"(?P<sign>[+-]?)(?:(?P<number>\d{{1,3}}(?:[.,]\d{{1,2}})?)|(?P<clock>\d{{1,2}}:\d{{2}}))"
    rf" ?(?:{_MINUTES}|{_HOURS})?",
    re.IGNORECASE | re.ASCII,
)
_SENTENCE = re.compile(
    rf"\W*[\w ]*?\b(?:times?|timestamps?|zeiten|uhrzeiten)\b[\w ]*? (?:in|are|sind) ({_ZONE})\W*", re.IGNORECASE
)
_DENIED = re.compile(r"\b(?:not|nicht|local|lokal)\b", re.IGNORECASE)
_IN_NAME = re.compile(rf"(?<![\w/+-])(?:{_ZONE}|[CEW]ES?T|MES?Z|BST|[ECMP][SD]T|JST|IST)(?![\w/:])")
_LOCAL = re.compile(r"\b(?:local|lokale?|lokalzeit|ortszeit)\b", re.IGNORECASE)
_DATED = re.compile(r"\d[-./]\d{1,2}[-./]\d|\d[ .-]+[A-Za-z]{3,9}[ .,-]+\d{4}|[A-Za-z]{3,9} \d{1,2},? \d{4}")
_SUMMER = re.compile(r"daylight|summer ?time|sommerzeit|\bDST\b", re.IGNORECASE)
_OFF = re.compile(r"\b(?:off|no|none|nein|aus|false|disabled|0)\W*", re.IGNORECASE)
_UNREAD = ""


def zone_said(above: Iterable[str], delimiter: str, read: Sequence[str], beside: Sequence[str], more: bool) -> str:
    """“UTC”, “UTC+02:00” or “Europe/Berlin”; empty: it must be asked.

    `above`: the lines before the names of the columns; `read`: the names of the columns whose times are read,
    `beside`: of all others; `more`: whether another column has times, too.
    """
    lines = [line.replace("\N{MINUS SIGN}", "-") for line in above]
    own = {zone for name in read for zone in _in_name(name)}
    if not own and (more or any(_LOCAL.search(name) or list(_in_name(name)) for name in beside)):
        return ""
    said = own.union(*(_in_line(line, delimiter) for line in lines if not _DATED.search(line)))
    zone = said.pop() if len(said) == 1 else _UNREAD
    if zone == "UTC" and any(map(_LOCAL.search, read)):
        return ""
    return "" if not own and "/" not in zone and any(map(_has_summer_time, lines)) else zone


def _in_name(name: str) -> Iterator[str]:
    """The zones that the name of a column holds."""
    for found in _IN_NAME.findall(name.replace("\N{MINUS SIGN}", "-")):
        zone = _zone(found)
        if zone or "/" not in found:  # “Date/Time” looks like a place
            yield zone


def _in_line(line: str, delimiter: str) -> Iterator[str]:
    """What a line says: a name and behind it a zone, or a sentence on all times."""
    cells = [cell.strip(" \"'") for cell in line.split(delimiter) if cell.strip(" \"'")]
    pairs = [*pairwise(cells), *(re.split("[:=]", cell, maxsplit=1) for cell in cells)]
    for name, value in (pair for pair in pairs if len(pair) > 1 and pair[1].strip()):
        if named := _NAMED.fullmatch(name):
            yield _zone(value, named)
    if not _DENIED.search(line) and (match := _SENTENCE.fullmatch(line)):
        yield _zone(match.group(1))


def _zone(text: str, named: re.Match[str] | None = None) -> str:
    """The zone by its one name, of a value behind the name `named`; empty: it cannot be read."""
    compact = text.replace(" ", "")
    plain = compact.upper() if compact[:3].upper() in ("UTC", "GMT") else compact
    number = _NUMBER.fullmatch(text.strip()) if named else None
    offset = _offset(number, named) if named and number else offset_of(plain)
    if offset is None:
        return plain if zone_of(plain) and not number else _UNREAD
    minutes = abs(offset) // timedelta(minutes=1)
    sign = "-" if offset < timedelta(0) else "+"
    return f"UTC{sign}{minutes // 60:02}:{minutes % 60:02}" if minutes else "UTC"


def _offset(number: re.Match[str], named: re.Match[str]) -> timedelta | None:
    """What a number means by its unit, hours if none is named; one without a sign only behind “offset”."""
    if not (number["sign"] or named["offset"]):
        return None
    if number["clock"]:
        return offset_of(f"{number['sign'] or '+'}{number['clock']}")
    size = float(number["number"].replace(",", "."))
    unit = "minutes" if number["minutes"] or named["minutes"] else "hours"
    span = timedelta(**{unit: size})
    is_one = span <= timedelta(hours=14) and not span % timedelta(minutes=15)
    return (-span if number["sign"] == "-" else span) if is_one else None


def _has_summer_time(line: str) -> bool:
    """Whether a line speaks of summer time and does not say that it is off."""
    match = _SUMMER.search(line)
    return match is not None and _OFF.search(line, match.end()) is None
