"""What stands on an order, before all else on every page of it."""

from collections.abc import Sequence
from typing import Any

from django import template

from supplychain.orders.models import PatientOrder
from supplychain.orders.queries import said_by
from supplychain.orders.queries.holds import standing_holds
from supplychain.orders.rules.interlocks import Stop

register = template.Library()


@register.inclusion_tag("supplychain/recording/_standing.html")
def standing(order: PatientOrder, stops: Sequence[Stop]) -> dict[str, Any]:
    """Its holds, what its centre asked for, and its critical flags; a query, one for each hold, and one where its
    centre asked for something."""
    return {"order": order, "stops": stops, "holds": standing_holds(order), "people": said_by([order])}
