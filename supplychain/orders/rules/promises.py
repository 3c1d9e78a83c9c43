"""The date by which a dose is wanted, or promised once the plant said so, and how an order stands to it."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from supplychain.sentences import moment_mark
from supplychain.words import MINUTE, ago_words, span_words

KEPT = "kept"


class DoseDate(NamedTuple):
    """The words of such a date: before it (`by`: “promised 4 Dec”, “wanted by 4 Dec”), its `noun`, and `as_said`."""

    by: str
    noun: str
    date: str
    as_said: str


PROMISED = DoseDate("promised", "promise", "promised date", "as promised")
WANTED = DoseDate("wanted by", "wanted date", "wanted date", "as wanted")


def dose_date(confirmed_at: datetime | None) -> DoseDate:
    """Whether the date of an order is a promise: of the plant, once it confirmed the order or promised a date."""
    return PROMISED if confirmed_at else WANTED


class ExpectedDose(NamedTuple):
    """When the dose of an open order is expected, as those who promise a date must see it. `ready_from`: hardly ever
    sooner; `said`: in words, with marks (sentences.py); `order_id` None: of an order to come."""

    order_id: UUID | None
    ready_from: datetime
    said: str


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


def too_soon_question(
    promised_at: datetime | None,
    outlook: ExpectedDose | None,
    *,
    meant: str = "tick that this one is meant and say why",
) -> str:
    """What is asked of who promises a date that can hardly be kept; empty for one that can, or may. `meant`: how they
    say that they mean it."""
    if promised_at is None or outlook is None or promised_at >= outlook.ready_from:
        return ""
    short = span_words(outlook.ready_from - promised_at)
    return (
        f"This is {short} too early: the dose is hardly ready before {moment_mark(outlook.ready_from)}. Promise a "
        f"later date, or {meant}."
    )
