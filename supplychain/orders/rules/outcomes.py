"""What became of a request of a treatment centre, and which date was promised with it. Pure."""

from datetime import datetime, timedelta

from supplychain.orders.rules.states import ChangeRequest
from supplychain.orders.statuses import ChangeOutcome, ChangeWish
from supplychain.sentences import day_mark, moment_mark


def days_over(change: ChangeRequest, promised_at: datetime | None) -> int:
    """By how many days the date that is promised is later than the one to which a centre asked to postpone, where the
    plant agreed; 0: less than one, or nothing of the kind."""
    return _over(change, promised_at).days


def _over(change: ChangeRequest, promised_at: datetime | None) -> timedelta:
    is_agreed = change.wish == ChangeWish.POSTPONE and change.outcome == ChangeOutcome.AGREED
    if not is_agreed or change.wanted_at is None or promised_at is None:
        return timedelta(0)
    return max(promised_at - change.wanted_at, timedelta(0))


def outcome_words(change: ChangeRequest, promised_at: datetime | None) -> str:
    """“Agreed”, “Declined”, “Taken back”; “Agreed; promised for 28 Jan, 20 days later than asked” (sentences.py)."""
    label, over = str(ChangeOutcome(change.outcome).label), _over(change, promised_at)
    if not over or promised_at is None:
        return label
    day = day_mark(promised_at) if over.days else moment_mark(promised_at)
    much = f"{over.days} day{'s' if over.days > 1 else ''} later" if over.days else "later"
    return f"{label}; promised for {day}, {much} than asked"
