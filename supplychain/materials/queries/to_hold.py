"""Which of traced orders can be put on hold."""

from dataclasses import dataclass
from uuid import UUID

from supplychain.flows.statuses import StagePlace
from supplychain.orders.models import PatientOrderQuerySet
from supplychain.orders.queries.infusions import infusions_under_way
from supplychain.orders.rules.duties import has_right, holders_of, roles_at
from supplychain.orders.statuses import OrderEventKind
from supplychain.people.models import User

PLACES = tuple(f"{place}_id" for place in StagePlace.values)


@dataclass(frozen=True, slots=True)
class OrdersToHold:
    """Of some orders those whose patients wait, at most so many; `ids`: whom this person may put on hold."""

    waiting: int
    on_hold: int
    of_others: int
    ids: list[UUID]


def orders_to_hold(orders: PatientOrderQuerySet, user: User, *, most: int) -> OrdersToHold:
    """Which of them can be put on hold, the newest first; one query. `waiting` beyond `most`: there are more."""
    waiting = orders.open().exclude(pk__in=infusions_under_way().values("order")).order_by("-ordered_at", "-id")
    rows = list(waiting.values_list("pk", "held_at", *PLACES)[: most + 1])
    free = [row for row in rows[:most] if row[1] is None]
    holders, rights = holders_of(None, OrderEventKind.HELD), list(user.rights)
    may = {sites: has_right(holders, roles_at(dict(zip(StagePlace.values, sites, strict=True)), rights))
           for sites in {row[2:] for row in free}}  # fmt: skip
    ids = [row[0] for row in free if may[row[2:]]]
    return OrdersToHold(len(rows), len(rows[:most]) - len(free), len(free) - len(ids), ids)
