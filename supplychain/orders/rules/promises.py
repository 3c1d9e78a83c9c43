"""How an order stands to its promised date: a promise that was kept or missed is no longer ahead or behind."""

from datetime import datetime

from supplychain.words import MINUTE, ago_words, span_words

KEPT = "kept"


def promise_words(
    promised_at: datetime | None, ready_at: datetime | None, now: datetime, *, is_cancelled: bool = False
) -> str:
    """“in 3 d”, “kept”, “missed by 26 h”, or “missed, 19 h ago” while the dose is still awaited; empty where nothing
    was promised, or nobody waits any more because the order was cancelled. `ready_at`: since when a dose is ready."""
    if promised_at is None or is_cancelled:
        return ""
    if ready_at is not None and ready_at <= now:
        over = ready_at - promised_at
        return f"missed by {span_words(over)}" if over >= MINUTE else KEPT
    passed = ago_words(promised_at, now)
    return f"missed, {passed}" if promised_at + MINUTE <= now else passed
