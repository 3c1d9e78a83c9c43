"""Times and spans in templates. `now` is always given, so that one page speaks of one moment."""

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from batches.statuses import PoolCondition
from dashboards.rules import words

register = template.Library()

register.filter("slack", words.slack_words)
register.filter("ago", words.ago_words)
register.filter("hours_words", words.hours_words)


@register.filter
def waited(since: datetime | None, now: datetime) -> str:
    """How long something has lasted: “5 h”."""
    return words.span_words(now - since) if since else ""


@register.filter
def moment(value: datetime | str | None) -> SafeString | str:
    """Day and minute in the person's zone, machine-readable too; a dash without one."""
    if isinstance(value, str):
        value = _parsed(value)
    if not value:
        return "–"
    local = timezone.localtime(value)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(timespec="seconds"),
        f"{local:%A %d %B %Y %H:%M:%S %Z}",
        f"{local:%d %b %Y %H:%M}",
    )


def _parsed(value: str) -> datetime | None:
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    return read if read.tzinfo else None


@register.filter
def stage_name(code: str, names: dict[str, str]) -> str:
    """A stage's name; for a stage of a flow that is gone, its code made readable."""
    return names.get(code) or code.replace("_", " ").capitalize()


@register.filter
def readable(code: Any) -> str:
    """A field's name for people: `expected_wait_hours` → “Expected wait (h)”."""
    text = str(code)
    text = f"{text.removesuffix('_hours')} (h)" if text.endswith("_hours") else text.removesuffix("_at")
    return text.replace("_", " ")[:1].upper() + text.replace("_", " ")[1:]


@register.filter
def percent(share: float | None) -> str:
    """A share of 0–1 as whole per cent."""
    return "–" if share is None else f"{share * 100:.0f} %"


@register.filter
def condition_label(condition: str) -> str:
    """A stored pool condition for people."""
    return PoolCondition(condition).label if condition in PoolCondition.values else condition
