"""Moments and spans of time as people say them: on every page, in every flag, mail and print the same. Pure."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from supplychain.moments import offset_words

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# Up to here hours alone are easiest to act on; then days; then days without hours.
MOST_HOURS = timedelta(hours=48)
MOST_DAYS_WITH_HOURS = timedelta(days=10)
# The verbs that sentences about stages and pools use, of several things.
PLURAL_VERBS = {
    "begins": "begin", "has": "have", "holds": "hold", "is": "are", "limits": "limit", "takes": "take",
    "waits": "wait", "was": "were",
}  # fmt: skip
_BEFORE_DETAILS = re.compile(r"[(,:]| (?:at|by|for|from|in|of|on|to|with) ")


def span_words(span: timedelta) -> str:
    """A length of time without its sign, rounded down: “less than 1 min”, “25 min”, “31 h”, “4 d 7 h”, “12 d”."""
    span = abs(span)
    if span < MINUTE:
        return "less than 1 min"
    if span < HOUR:
        return f"{span // MINUTE} min"
    if span <= MOST_HOURS:
        return f"{span // HOUR} h"
    days, rest = divmod(span, DAY)
    hours = rest // HOUR
    return f"{days} d {hours} h" if hours and span < MOST_DAYS_WITH_HOURS else f"{days} d"


def waited_words(since: datetime, now: datetime) -> str:
    """How long something has lasted; of one that has yet to begin no time has gone."""
    return span_words(max(now - since, timedelta(0)))


def with_verb(name: str, predicate: str) -> str:
    """What is said of a stage or pool, the verb in its number: “Release tests are on hold”, “Expansion is on hold”."""
    verb, gap, rest = predicate.partition(" ")
    verb = PLURAL_VERBS.get(verb, verb) if is_plural(name) else verb
    return f"{name} {verb}{gap}{rest}"


def listed_words(names: Iterable[str]) -> str:
    """Names one after the other, as people say them: “A, B and C”."""
    *first, last = [*names] or [""]
    return f"{', '.join(first)} and {last}" if first else last


def is_plural(name: str) -> bool:
    """Whether an English name stands for several things: “QC lanes”, “Tests of the product”; not “Apheresis”."""
    words = _BEFORE_DETAILS.split(name.strip().lower())[0].split()
    return bool(words) and words[-1].endswith("s") and not words[-1].endswith(("ss", "us", "is"))


def clock_words(local: datetime, *, seconds: bool = False) -> str:
    """The time of day to the minute (or second); in the hour that clocks show twice with its offset: “02:30 +01:00”."""
    occurs_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    clock = f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"
    return f"{clock} {offset_words(local)}" if occurs_twice else clock


def day_and_month(local: datetime) -> str:
    """A date without its year: “3 Dec”."""
    return f"{local.day} {local:%b}"


def date_words(moment: datetime, now: datetime | None, zone: tzinfo) -> str:
    """A date without its time, for what nobody knows to the minute: “24 Dec”; the year where it is another one than
    that of `now`, and always without `now`: in what is kept."""
    local = moment.astimezone(zone)
    is_this_year = now is not None and local.year == now.astimezone(zone).year
    return day_and_month(local) if is_this_year else f"{day_and_month(local)} {local.year}"


def dates_words(first: datetime, last: datetime, now: datetime | None, zone: tzinfo) -> str:
    """From one date to another: “20–24 Dec”, “28 Nov–3 Dec”, “30 Dec–4 Jan 2027”."""
    one, other = first.astimezone(zone), last.astimezone(zone)
    if one.date() == other.date():
        return date_words(first, now, zone)
    if (one.year, one.month) == (other.year, other.month):
        return f"{one.day}–{date_words(last, now, zone)}"
    begins = day_and_month(one) if one.year == other.year else date_words(first, now, zone)
    return f"{begins}–{date_words(last, now, zone)}"


def moment_words(moment: datetime, zone: tzinfo, *, now: datetime | None = None, label: bool = False) -> str:
    """Day and minute in `zone`: “6 Dec 2026 00:30”; the year as in `date_words`; `label`: with the zone's name, where
    no page says it."""
    local = moment.astimezone(zone)
    return f"{date_words(moment, now, zone)} {clock_words(local)}" + (f" {local:%Z}" if label else "")


def in_zone(moment: datetime | None, zone: str) -> str:
    """A moment in a site's own zone (IANA name), as the site's people write it: “6 Dec 2026 00:30 Europe/Oslo”."""
    return f"{moment_words(moment, ZoneInfo(zone))} {zone}" if moment else "–"


def about_words(span: timedelta) -> str:
    """The same for narrow places: from two days on whole days, rounded down as all spans are."""
    return span_words(span) if abs(span) < MOST_HOURS else f"{abs(span) // DAY} d"


def slack_words(due: datetime | None, now: datetime) -> str:
    """What is left until `due`: “31 h left”, “4 h over”; empty without a due moment."""
    if due is None:
        return ""
    if abs(due - now) < MINUTE:
        return "due now"
    return f"{span_words(due - now)} {'left' if due > now else 'over'}"


def ago_words(moment: datetime | None, now: datetime) -> str:
    """How long since `moment`: “5 h ago”; for one to come “in 2 d”; empty without one."""
    if moment is None:
        return ""
    if abs(moment - now) < MINUTE:
        return "just now"
    return f"{span_words(now - moment)} ago" if moment < now else f"in {span_words(moment - now)}"


def hours_words(hours: float | None) -> str:
    """A number of hours as a span, to the second (sums of hours are a hair off whole ones); empty without one."""
    return "" if hours is None else span_words(timedelta(seconds=round(hours * 3600)))
