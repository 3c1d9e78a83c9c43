"""What a page may show as it was within the last minute, because reading it anew for every look costs too much."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeVar

from django.core.cache import cache

LASTS_SECONDS = 60
T = TypeVar("T")


def once_a_minute(what: str, asked: Any, now: datetime, read: Callable[[], T]) -> T:
    """What `read` says; what it said before, within the minute of `now`. `asked`: all that it depends on beside the
    facts, above all whose they are; by its repr it is told from what else is asked for."""
    minute = now.replace(second=0, microsecond=0)
    key = f"{what}:{sha256(repr((asked, minute)).encode()).hexdigest()}"
    return cache.get_or_set(key, read, LASTS_SECONDS)
