"""Times and spans in templates. `now` is always given, so that one page speaks of one moment."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from supplychain import words

register = template.Library()

register.filter("slack", words.slack_words)
register.filter("ago", words.ago_words)
register.filter("hours_words", words.hours_words)


@register.filter
def waited(since: datetime | None, now: datetime) -> str:
    """How long something has lasted: “5 h”."""
    return words.span_words(now - since) if since else ""


@register.filter
def waited_about(since: datetime, now: datetime) -> str:
    """The same for narrow places."""
    return words.about_words(now - since)


@register.filter
def moment(value: datetime | str | None) -> SafeString | str:
    """Day and minute in the person's zone, machine-readable too; a dash without one."""
    return _time(value, "%d %b %Y %H:%M")


@register.filter
def short_moment(value: datetime | None) -> SafeString | str:
    """The same without the year, for tables whose rows lie close together; the year is in the tooltip."""
    return _time(value, "%d %b %H:%M")


@register.filter
def day_time(value: datetime, now: datetime) -> SafeString | str:
    """Only the minute for a moment of today, else the day too."""
    is_today = timezone.localtime(value).date() == timezone.localtime(now).date()
    return _time(value, "%H:%M" if is_today else "%d %b %H:%M")


def _time(value: datetime | str | None, form: str) -> SafeString | str:
    if isinstance(value, str):
        value = _parsed(value)
    if not value:
        return "–"
    local = timezone.localtime(value)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(timespec="seconds"),
        f"{local:%A %d %B %Y %H:%M:%S %Z}",
        f"{local:{form}}",
    )


def _parsed(value: str) -> datetime | None:
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    return read if read.tzinfo else None


@register.filter
def slack_hours(hours: float | None) -> str:
    """Hours of slack: “3 d 4 h left”; negative: “6 h over”."""
    return "" if hours is None else f"{words.hours_words(hours)} {'left' if hours >= 0 else 'over'}"
