"""Moments as they are written to us: one grammar and one reader for every way in. Pure.

The grammar is RFC 3339, date, time of day and offset, and besides it: seconds may be left out, and the offset may be
written `+0100` or `+01`. Blanks around it do not count, fractions are rounded to microseconds, a leap second is the
second after it (POSIX). Where the zone of a local time is known, and only there, the offset may be missing. Whatever
else could be read is refused, saying what it looks like: a guess would store a wrong instant.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from supplychain.hidden_characters import shown

PLAUSIBLE_YEARS = range(2000, 2101)
# The widest offsets in use are -12:00 and +14:00; PostgreSQL reads up to 15:59.
WIDEST_OFFSET = timedelta(hours=15, minutes=59)
# A sender's clock may be this far ahead of ours before its fact counts as one from the future.
CLOCK_TOLERANCE = timedelta(minutes=10)
NOT_COME_YET = "This moment has not come yet: report what has happened."
EXAMPLE = "2026-03-01T14:05:00+01:00"
SHOWN_CHARACTERS = 60

_MOMENT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?"
    r"([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
# As nearly all systems write it. Python's own reader understands just that as we do, in a quarter of the time.
_USUAL = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-5][0-9](?:\.[0-9]{3}|\.[0-9]{6})?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_SPREADSHEET_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_SERIAL_DAYS = range(36_526, 73_415)  # the plausible years, as a spreadsheet counts days
_WHOLE_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+|[0-9]{1,3}(?: [0-9]{3})+(?:[.,][0-9]+)?")
_UNPARTED_DAY = re.compile(r"20[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
_DAY = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
_CLOCK = r"[Tt ]+[0-9]{1,2}:[0-9:.]*[Zz]?"
_LOOKS = tuple(
    (re.compile(shape), words)
    for shape, words in (
        (r"#+", "is what a spreadsheet shows when a column is too narrow; make it wider and save again"),
        (r"#[A-Z0-9/]+[!?]?", "is what a spreadsheet shows in place of a value"),
        (r"-[0-9]+(?:[.,][0-9]+)?", "is a number"),
        (r"/Date\(.*", "is a moment as old programs of Microsoft write it"),
        (r"[0-9]{4}-?[Ww][0-9]{2}.*", "is a date by its week; write year, month and day"),
        (r"[0-9]{4}-[0-9]{3}(?:[Tt ].*)?", "is a date by its day of the year; write month and day"),
        (r"[0-9]{4}\.[0-9]{1,2}\.[0-9]{1,2}\b.*", "has dots in its date; write dashes"),
        (r"[0-9]{1,2}/[^\W\d_]{3,}/[0-9]{2,4}\b.*", "has the date in words"),
        (rf"(?i){_DAY}[t ]+(?:kl\b.*|[0-9:.]+ ?(?:uhr|h)\b.*)", "has words beside its time of day; leave them out"),
        (r"[0-9.]+[Ee][+-]?[0-9]+", "is a number as a spreadsheet rounds it"),
        (r"(?i).*[0-9] ?[ap]\.?m\.?\b.*", "has a clock of twelve hours (AM, PM); write the hours from 00 to 23"),
        (r"[0-9]{1,4}/[0-9]{1,2}/[0-9]{1,4}\b.*", "has slashes, and nobody can tell which number is the month"),
        (r"[0-9]{1,2}[.-][0-9]{1,2}[.-][0-9]{2,4}\b.*", "does not begin with the year; write year, month and day"),
        (r"[0-9]{1,2}[ -.]*[^\W\d_]{3,}.*|[^\W\d_]{3,}.*[0-9].*", "has the date in words"),
        (_DAY, "has no time of day"),
        (
            _DAY + r"[Tt ]+[0-9]{1,2}[.,][0-9]{2}(?![0-9]).*",
            "has a dot or comma between hours and minutes; write a colon",
        ),
        (_DAY + r"[Tt ][0-9:]+,[0-9]+.*", "has a comma before the parts of a second; write a dot"),
        (_DAY + r"[Tt ][0-9:.]+ [0-9]{2}:?[0-9]{2}", "has a blank before its offset; in an address write + as %2B"),
        (r"[0-9]{8}[Tt ]?[0-9]{4,6}.*", "has no dashes and colons"),
        (_DAY + _CLOCK + r" +[Zz+-].*", "has a blank before its offset; leave it out"),
        (_DAY + _CLOCK + r" *[+-]?[0-9:]*\[.*\]", "has its zone in brackets; leave them out and write the offset"),
        (_DAY + _CLOCK + r" *[^\W\d_]{2,}.*", "has its zone in words; write the offset, Z for UTC"),
        (_DAY + _CLOCK + r" *[\u2010-\u2015\u2212\uff0d].*", "has a dash before its offset that is no minus; write -"),
        (
            r"[0-9]{4}-(?![0-9]{2}-[0-9]{2}[Tt ]+[0-9]{2}:)[0-9]{1,2}-[0-9]{1,2}[Tt ]+[0-9]{1,2}:.*",
            "has a month, day or hour of one digit; write two",
        ),
    )
)


class UnreadableMoment(ValueError):
    """A text that is no moment; the message says what it looks like and what to write."""


class NoOffset(UnreadableMoment):
    """A local time, and nothing says of which zone."""


class ClocksChange(UnreadableMoment):
    """A local time that occurs twice in its zone or never; `choices`: the moments it can mean, first the earlier."""

    def __init__(self, text: str, zone: tzinfo, choices: tuple[datetime, ...]) -> None:
        what = "occurs twice" if choices else "does not occur"
        offsets = " or ".join(f"{text}{offset_words(moment)}" for moment in choices)
        do = f"write its offset: {offsets}" if choices else "the clocks go forward then; check the time"
        super().__init__(f"“{text}” {what} in {zone}; {do}.")
        self.choices = choices


def read_moment(text: object, zone: tzinfo | None = None) -> datetime:
    """The moment in `text`; in `zone` if it has no offset. Raises UnreadableMoment.

    A local time that the clocks skip or show twice when summer time begins or ends is refused, not guessed.
    """
    if not isinstance(text, str):
        raise UnreadableMoment(f"A moment is a text such as {EXAMPLE}.")
    text = text.strip()
    moment = _read_usual(text) or _read_other(text, zone)
    if problem := moment_problem(moment):
        raise UnreadableMoment(f"“{text}”: {problem}")
    return moment


def _read_usual(text: str) -> datetime | None:
    """The moment in a text of the usual form; None for any other, and where there is no such date, time or offset."""
    try:
        return datetime.fromisoformat(text) if _USUAL.fullmatch(text) else None
    except ValueError:
        return None


def _read_other(text: str, zone: tzinfo | None) -> datetime:
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise UnreadableMoment(f"“{shown(text[:SHOWN_CHARACTERS])}” {looks_of(text)}. Write it such as {EXAMPLE}.")
    *parts, fraction, offset = match.groups()
    moment = _local(text, [int(part or 0) for part in parts], fraction)
    moment = moment.replace(tzinfo=_zone_of(text, offset)) if offset else _in_zone(text, moment, zone)
    if parts[-1] == "60" and f"{moment.astimezone(UTC):%H%M%S}" != "000000":
        raise UnreadableMoment(f"“{text}”: seconds go from 00 to 59 there.")
    return moment


def _local(text: str, parts: list[int], fraction: str | None) -> datetime:
    """The date and time as written (year, month, day, hour, minute, second), for now as if in UTC."""
    year, month, day, hour, minute, second = parts
    if hour == 24:
        raise UnreadableMoment(f"“{text}”: there is no such date or time; 24:00 is 00:00 of the next day.")
    leap, digits = second == 60, (fraction or "0")[:12]
    try:
        moment = datetime(year, month, day, hour, minute, second - leap, tzinfo=UTC)
        return moment + timedelta(seconds=leap, microseconds=round(int(digits) * 10 ** (6 - len(digits))))
    except (ValueError, OverflowError) as error:
        raise UnreadableMoment(f"“{text}”: there is no such date or time ({error}).") from error


def _zone_of(text: str, offset: str) -> tzinfo:
    if offset in "Zz":
        return UTC
    hours, minutes = int(offset[1:3]), int(offset[3:].lstrip(":") or 0)
    if hours > 23 or minutes > 59:
        raise UnreadableMoment(f"“{text}”: there is no offset {offset}; write it such as +01:00.")
    ahead = timedelta(hours=hours, minutes=minutes) * (-1 if offset[0] == "-" else 1)
    return timezone(ahead) if ahead else UTC


def _in_zone(text: str, local: datetime, zone: tzinfo | None) -> datetime:
    if zone is None:
        raise NoOffset(f"“{text}” has no offset from UTC; write {text}+01:00, or {text}Z for UTC.")
    early, late = local.replace(tzinfo=zone), local.replace(tzinfo=zone, fold=1)
    if early.utcoffset() == late.utcoffset():
        return early
    # In a gap the earlier reading lies after the later one.
    occurs = early.astimezone(UTC) < late.astimezone(UTC)
    raise ClocksChange(text, zone, (early, late) if occurs else ())


def read_day(text: object) -> date | None:
    """The date in a text such as 2026-03-01; None: it is none, or of no plausible year.

    The one reader of dates: `3/4/2026` is another day in Boston than in London, and a week date is no date here.
    """
    if not isinstance(text, str) or not _WHOLE_DAY.fullmatch(text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in PLAUSIBLE_YEARS else None


def moment_problem(moment: datetime) -> str:
    """Why `moment` cannot be kept, and what to do; empty if it can."""
    offset = moment.utcoffset()
    if offset is None or abs(offset) > WIDEST_OFFSET:
        return "needs an offset from UTC such as Z or +02:00."
    if moment.year not in PLAUSIBLE_YEARS:
        return "the year must lie between 2000 and 2100; check the sender's clock."
    return ""


def looks_of(text: str) -> str:
    """What a text that is no moment looks like: a spreadsheet's count of days, a date with slashes."""
    if not text:
        return "is empty"
    if shown(text) != text:
        return "has hidden characters; remove them"
    if any(sign.isdecimal() and not sign.isascii() for sign in text):
        return "has digits of another script; write 0 to 9"
    if _UNPARTED_DAY.fullmatch(text):
        return "has no dashes and no time of day"
    if (number := _number_in(text)) is not None:
        return _number_looks(number)
    shapes = (words for shape, words in _LOOKS if shape.fullmatch(text[:SHOWN_CHARACTERS]))
    return next(shapes, "is no moment in RFC 3339")


def _number_in(text: str) -> float | None:
    """The number that a text is, as spreadsheets write it: 46082.604, 46,082.604, 46 082,604; None: it is none."""
    if len(text) > SHOWN_CHARACTERS:
        return None
    if _NUMBER.fullmatch(text):
        return float(text.replace(",", "."))
    if not _THOUSANDS.fullmatch(text):
        return None
    return float(text.replace(" ", "").replace(",", ".") if " " in text else text.replace(",", ""))


def _number_looks(number: float) -> str:
    if int(number) in _SERIAL_DAYS:
        meant = _SPREADSHEET_EPOCH + timedelta(minutes=round(number * 1_440))
        return f"is a number as a spreadsheet counts days (perhaps {meant:%Y-%m-%d %H:%M}, of no known zone)"
    for unit, scale in (("seconds", 1), ("milliseconds", 1_000), ("microseconds", 1_000_000)):
        if 946_684_800 <= number / scale < 4_133_980_800:
            return f"is a number as programs count {unit} since 1970"
    return "is a number"


def written(moment: datetime) -> str:
    """The moment in the grammar's plainest form, with the offset that it has; UTC as Z."""
    text = moment.isoformat()
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text


def offset_words(moment: datetime) -> str:
    """The offset of a moment as it is written: “+01:00”."""
    return moment.isoformat()[-6:]
