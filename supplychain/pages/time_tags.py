"""A moment as every page shows it, in the person's zone."""

from collections.abc import Callable
from datetime import datetime

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from supplychain.moments import UnreadableMoment, read_moment
from supplychain.words import moment_words


def moment_tag(value: datetime | str | None) -> SafeString | str:
    """Day and minute; a dash without one."""
    return time_tag(value, lambda local: moment_words(local, local.tzinfo))


def time_tag(value: datetime | str | None, form: Callable[[datetime], str]) -> SafeString | str:
    """A moment in the person's zone as `form` writes it, machine-readable too; a dash for what is none."""
    if isinstance(value, str):
        value = _parsed(value)
    if not value:
        return "–"
    local = timezone.localtime(value)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(timespec="seconds"),
        f"{local:%A} {local.day} {local:%B %Y %H:%M:%S %Z}",
        form(local),
    )


def _parsed(value: str) -> datetime | None:
    try:
        return read_moment(value)
    except UnreadableMoment:
        return None
