"""Times and spans in templates, in the person's zone. `now` is always given, so that one page speaks of one moment."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from supplychain import words
from supplychain.pages.time_tags import moment_tag, time_tag
from supplychain.sentences import said_in

# So far ahead a forecast can mean a time of day.
NEAR = timedelta(days=2)
register = template.Library()

register.filter("slack", words.slack_words)
register.filter("ago", words.ago_words)
register.filter("hours_words", words.hours_words)
register.filter("with_verb", words.with_verb)


@register.filter
def verb_for(name: str, verb: str) -> str:
    """The verb alone, where the name is set in letters of its own: “hold” of “QC lanes”."""
    return words.PLURAL_VERBS[verb] if words.is_plural(name) else verb


@register.filter
def waited(since: datetime | None, now: datetime) -> str:
    """How long something has lasted: “5 h”."""
    return words.waited_words(since, now) if since else ""


@register.filter
def waited_about(since: datetime, now: datetime) -> str:
    """The same for narrow places."""
    return words.about_words(max(now - since, timedelta(0)))


@register.filter
def moment(value: datetime | str | None) -> SafeString | str:
    """Day and minute in the person's zone, machine-readable too; a dash without one."""
    return moment_tag(value)


@register.filter
def clock(value: datetime) -> str:
    """The time of day to the second: when a page was last up to date."""
    return words.clock_words(timezone.localtime(value), seconds=True)


@register.filter
def exact_moment(value: datetime) -> SafeString | str:
    """Day and second, for the audit trail."""
    return time_tag(value, lambda local: f"{words.date_words(local, None, local.tzinfo)} {clock(local)}")


@register.filter
def signed_moment(value: datetime) -> SafeString | str:
    """Day, second and zone, as a signature shows them."""
    return time_tag(value, lambda local: f"{words.date_words(local, None, local.tzinfo)} {clock(local)} {local:%Z}")


@register.filter
def labelled_moment(value: datetime | None) -> str:
    """The same with the day of the week and the zone's name, where no page says the zone: in mails."""
    if value is None:
        return "–"
    local = timezone.localtime(value)
    return f"{local:%a} {words.moment_words(local, local.tzinfo, label=True)}"


@register.filter
def fact_moment(value: datetime | None, now: datetime) -> SafeString | str:
    """A moment that somebody reported as having happened; one that has yet to come is told as such."""
    return _fact(moment(value), value, now)


@register.filter
def fact_short(value: datetime | None, now: datetime) -> SafeString | str:
    """The same without the year."""
    return _fact(short_moment(value), value, now)


def _fact(said: SafeString | str, value: datetime | None, now: datetime) -> SafeString | str:
    if value is None or value <= now:
        return said
    return format_html('{} <span class="is-to-come">still to come, {}</span>', said, words.ago_words(value, now))


@register.filter
def said(text: str) -> str:
    """A stored sentence with its moments in the person's zone."""
    return said_in(text, timezone.get_current_timezone(), timezone.now())


@register.filter
def short_moment(value: datetime | None) -> SafeString | str:
    """The same for narrow places: the year only where it is not this one; it is in the tooltip."""
    return time_tag(value, lambda local: words.moment_words(local, local.tzinfo, now=timezone.now()))


@register.filter
def plain_moment(value: datetime) -> str:
    """The same as mere text, for a drawing."""
    local = timezone.localtime(value)
    return words.moment_words(local, local.tzinfo, now=timezone.now())


@register.filter
def day(value: datetime | None) -> SafeString | str:
    """The date alone, with its year: “6 Dec 2026”."""
    return time_tag(value, lambda local: words.date_words(local, None, local.tzinfo))


@register.filter
def short_day(value: datetime | None) -> SafeString | str:
    """The same for narrow places: the year only where it is not this one."""
    return time_tag(value, lambda local: words.date_words(local, timezone.now(), local.tzinfo))


@register.filter
def foreseen(value: datetime | None, now: datetime) -> SafeString | str:
    """A moment that a forecast says: the day, and the time of day only where it is near enough to be meant."""
    is_near = value is not None and abs(value - now) < NEAR
    return short_moment(value) if is_near else short_day(value)


@register.filter
def day_time(value: datetime, now: datetime) -> SafeString | str:
    """Only the minute for a moment of today, else the day too."""
    is_today = timezone.localtime(value).date() == timezone.localtime(now).date()
    if is_today:
        return time_tag(value, words.clock_words)
    return short_moment(value)


@register.filter
def slack_hours(hours: float | None) -> str:
    """Hours of slack: “3 d 4 h left”; negative: “6 h over”."""
    return "" if hours is None else f"{words.hours_words(hours)} {'left' if hours >= 0 else 'over'}"
