"""Orders that people request on our screens."""

from datetime import datetime
from typing import Any

from supplychain.orders.actions.facts import Reporter
from supplychain.orders.actions.placing import PlacedOrder, place_order
from supplychain.orders.rules.placing import OrderRefused
from supplychain.people.models import User


def request_order(*, by: User, token: str, now: datetime, **request: Any) -> PlacedOrder:
    """Place the order that `by` asks for; the fields are those of rules.placing.OrderRequest. Raises OrderRefused.

    `token` was made when the form was shown: the same request under the same token is the same order (a double click).
    """
    try:
        return place_order(by=Reporter.of_user(by), now=now, source_event_id=f"request-{token}", **request)
    except OrderRefused as refused:
        if "source_event_id" not in refused.errors:
            raise
        text = "This form has placed an order already, with other content. Open a new form for another order."
        raise OrderRefused({"order": text}, is_conflict=True) from refused
