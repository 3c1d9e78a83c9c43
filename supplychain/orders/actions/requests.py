"""Orders that people request on our screens: checked before they are placed like every order."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from supplychain.identifiers.rules.pseudonyms import identifying_problem, pseudonym_problem
from supplychain.orders.actions.facts import Reporter
from supplychain.orders.actions.placing import PlacedOrder, place_order
from supplychain.orders.queries import order_options
from supplychain.orders.rules.placing import OrderRefused
from supplychain.people.models import User


def request_order(*, by: User, token: str, now: datetime, **request: Any) -> PlacedOrder:
    """Place the order that `by` asks for; the fields are those of rules.placing.OrderRequest. Raises OrderRefused.

    `token` was made when the form was shown: the same request under the same token is the same order (a double click).
    """
    if problems := _problems(by, request):
        raise OrderRefused(problems)
    try:
        return place_order(by=Reporter.of_user(by), now=now, source_event_id=f"request-{token}", **request)
    except OrderRefused as refused:
        if "source_event_id" not in refused.errors:
            raise
        text = "This form has placed an order already, with other content. Open a new form for another order."
        raise OrderRefused({"order": text}, is_conflict=True) from refused


def _problems(by: User, request: Mapping[str, Any]) -> dict[str, str]:
    """What the rules for people say against it (21 CFR 11.10(g), 1271.290(c)), by field."""
    problems = {}
    if problem := pseudonym_problem(request.get("patient_reference", "")):
        problems["patient_reference"] = problem
    if problem := identifying_problem(request.get("coi", "")):
        problems["coi"] = f"{problem} A chain of identity names nobody: leave it empty, and CellOps makes one."
    if not order_options(by).permits(request.get("ordering_site", ""), request.get("plant", "")):
        text = "You may order for the centres that you coordinate, or for a plant at which you are in operations."
        problems["ordering_site"] = text
    return problems
