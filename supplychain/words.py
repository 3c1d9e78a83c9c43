"""Spans of time as people say them: on every page, in every flag and mail the same."""

from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# Up to here hours alone are easiest to act on; then days; then days without hours.
MOST_HOURS = timedelta(hours=48)
MOST_DAYS_WITH_HOURS = timedelta(days=10)


def span_words(span: timedelta) -> str:
    """A length of time without its sign, rounded down: “25 min”, “31 h”, “4 d 7 h”, “12 d”."""
    span = abs(span)
    if span < HOUR:
        return f"{span // MINUTE} min"
    if span <= MOST_HOURS:
        return f"{span // HOUR} h"
    days, rest = divmod(span, DAY)
    hours = rest // HOUR
    return f"{days} d {hours} h" if hours and span < MOST_DAYS_WITH_HOURS else f"{days} d"


def about_words(span: timedelta) -> str:
    """The same for narrow places: whole days from two days on."""
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
