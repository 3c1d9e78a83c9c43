"""When the patient is too ill, or a date no longer fits: what the centre may do itself, and whom to call."""

from typing import NamedTuple

from dashboards.centre.rules.facts import CardFacts
from supplychain.orders.rules.duties import has_right, holders_of
from supplychain.orders.statuses import OrderEventKind, OrderStatus

# Until work has begun the ordering centre may cancel by itself (supplychain/orders/rules/duties.py).
BEFORE_WORK = (OrderStatus.ORDERED, OrderStatus.CONFIRMED)


class Setback(NamedTuple):
    """What to do in words, and what kind of report cancels the order; empty: only the plant may."""

    call: str
    ask: str
    cancels: str


def setback(facts: CardFacts) -> Setback | None:
    """None for an order that has ended."""
    if not facts.is_open:
        return None
    number = f": {facts.telephone}" if facts.telephone else " (no number is kept here: ask your administrator for it)"
    may_cancel = facts.status in BEFORE_WORK and has_right(holders_of(None, OrderEventKind.CANCELLED), facts.roles)
    wishes = ["to hold the order (nothing more begins)", "to postpone it (a new promised date)"]
    wishes += [] if may_cancel else ["to cancel it"]
    ask = f"Ask {', '.join(wishes[:-1])} or {wishes[-1]}: only the plant can."
    if facts.status == OrderStatus.ON_HOLD:
        ask = "The order is on hold already. Ask to go on, to postpone it (a new promised date) or to cancel it."
    return Setback(
        f"Call operations of {facts.plant or 'the plant'}{number}.", ask,
        OrderEventKind.CANCELLED.value if may_cancel else "",
    )  # fmt: skip
