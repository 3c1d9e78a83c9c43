"""Views of the order list that everybody has, and the heads of its columns."""

from typing import NamedTuple

from dashboards.orders.queries.filter import ANY, THIS_MONTH, OrderChoice
from supplychain.orders.statuses import OrderStatus
from supplychain.pages.periods import Due

USUAL_VIEWS = (
    ("Open or flagged", OrderChoice()),
    ("At risk", OrderChoice(flags="raised")),
    ("On hold", OrderChoice(status=OrderStatus.ON_HOLD)),
    ("Due this week", OrderChoice(due=Due.WEEK, sort="promise")),
    ("Infused this month", OrderChoice(infused=THIS_MONTH, sort="-change")),
    ("All", OrderChoice(status=ANY, sort="-ordered")),
)
# Columns of the list, each with what it can be sorted by, as it is sorted at the first click.
COLUMNS = (
    ("order", "Order", (("Order", "coi"),)),
    ("sites", "Sites", ()),
    ("stage", "Stands at", ()),
    ("promise", "Ready by", (("Ready by", "promise"), ("slack", "slack"))),
    ("flag", "Flag", (("Flag", "urgency"),)),
    ("last", "Last heard", (("Last heard", "-change"),)),
)


class SortLink(NamedTuple):
    """What sorts the list anew; `icon` shows how it is sorted now."""

    name: str
    query: str
    icon: str


class Head(NamedTuple):
    """A column's head; `direction` as in aria-sort, empty where the list is not sorted by it."""

    key: str
    name: str
    links: list[SortLink]
    direction: str


def usual_views() -> list[tuple[str, str]]:
    """Name and query string of each."""
    return [(name, chosen.query) for name, chosen in USUAL_VIEWS]


def heads(chosen: OrderChoice) -> list[Head]:
    """The columns' heads; a click on what the list is sorted by turns it round."""
    return [_head(chosen, key, name, sorts) for key, name, sorts in COLUMNS]


def _head(chosen: OrderChoice, key: str, name: str, sorts: tuple[tuple[str, str], ...]) -> Head:
    links, direction = [], ""
    down = chosen.sort.startswith("-")
    for word, sort in sorts:
        is_current = chosen.sort.lstrip("-") == sort.lstrip("-")
        turned = chosen.sort.lstrip("-") if down else f"-{chosen.sort}"
        icon = ("ti-sort-descending" if down else "ti-sort-ascending") if is_current else ""
        links.append(SortLink(word, chosen.sorted_by(turned if is_current else sort).query, icon))
        direction = ("descending" if down else "ascending") if is_current else direction
    return Head(key, name, links, direction)
