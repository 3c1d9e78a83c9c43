"""The list from which a person came to an order, with its filters: where “back” leads."""

from typing import NamedTuple
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse

# Address names of lists that lead to orders, with their words.
LISTS = {
    "control_tower": "Control tower",
    "orders": "Orders",
    "site": "My centre",
    "inbox": "Inbox",
    "handover": "Hand-over",
    "line": "Line",
    "line_orders": "Orders of the line",
    "line_stage": "Stage of the line",
    "bottlenecks": "Bottlenecks",
    "kpis": "KPIs",
    "resource": "Suite, shipper or courier",
    "operations": "Record",
    "find_order": "Orders found",
    "calibration_predictions": "Predictions",
    "acknowledge_flags": "Acknowledge together",
}
KEPT = "list_before"
MOST_ADDRESS = 1_000


class Back(NamedTuple):
    """An address with its filters, and what it is called."""

    address: str
    words: str


def list_before(request: HttpRequest) -> Back:
    """The list that led here; from a dialog or another page of the order, the one before; else the control tower."""
    kept = request.session.get(KEPT, "")
    address = _came_from(request) or kept
    words = _words(address)
    if words and address != kept:
        request.session[KEPT] = address
    return Back(address, words) if words else Back(reverse("control_tower"), LISTS["control_tower"])


def _came_from(request: HttpRequest) -> str:
    """The list of this site that led here; empty if it was none."""
    try:
        came_from = urlsplit(request.headers.get("Referer", "")[:MOST_ADDRESS])
    except ValueError:
        return ""
    address = f"{came_from.path}?{came_from.query}" if came_from.query else came_from.path
    return address if came_from.netloc == request.get_host() and _words(address) else ""


def _words(address: str) -> str:
    """What a list is called; empty for what is none."""
    path = address.partition("?")[0]
    if not path.startswith("/"):
        return ""
    try:
        return LISTS.get(resolve(path).url_name or "", "")
    except Resolver404:
        return ""
