"""When the patient is too ill, or a date no longer fits: what the centre does itself, what it asks, whom it calls."""

from typing import NamedTuple

from dashboards.centre.rules.facts import CardFacts
from supplychain.orders.rules.duties import has_right, holders_of
from supplychain.orders.statuses import OrderEventKind, OrderStatus
from supplychain.sites.rules import call_words

# Until work has begun the ordering centre may cancel by itself (supplychain/orders/rules/duties.py).
BEFORE_WORK = (OrderStatus.ORDERED, OrderStatus.CONFIRMED)


class Setback(NamedTuple):
    """What to do in words, and the kinds of report that ask the plant, take that back or cancel the order; empty: the
    person may not, or it is not the time."""

    call: str
    ask: str
    asks: str
    takes_back: str
    cancels: str


def setback(facts: CardFacts) -> Setback | None:
    """None for an order that has ended."""
    if not facts.is_open:
        return None
    is_asked = facts.change is not None and facts.change.is_open
    return Setback(
        f"If it cannot wait, call operations of {facts.plant or 'the plant'} as well{call_words(facts.telephone)}.",
        _ask(facts, is_asked=is_asked),
        _kind(facts, OrderEventKind.CHANGE_ASKED),
        _kind(facts, OrderEventKind.TAKEN_BACK) if is_asked else "",
        _kind(facts, OrderEventKind.CANCELLED) if facts.status in BEFORE_WORK else "",
    )


def _kind(facts: CardFacts, kind: OrderEventKind) -> str:
    return kind.value if has_right(holders_of(None, kind), facts.roles) else ""


def _ask(facts: CardFacts, *, is_asked: bool) -> str:
    if is_asked:
        return "The plant is told and must answer. Ask for something else, and that takes the place of your request."
    if facts.status == OrderStatus.ON_HOLD:
        return "The order is on hold already. Ask the plant to go on, to postpone it or to cancel it: it must answer."
    return "Ask the plant to hold the order, to postpone it or to cancel it: it is told at once and must answer."
