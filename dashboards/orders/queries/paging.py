"""Pages of the order list that stay fast and lose no order: the next page starts after the last order seen.

Orders stand in runs: those that have a value to sort by, then those that have none, newest first, whichever way the
values are sorted. By urgency those with flags stand first, then the others as by slack. Each run is read along an
index, or is one of few (what is open, what has flags).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import F, OuterRef, Q, Subquery, TextField
from django.db.models.functions import Cast

from batches.flags.models import Flag
from batches.flags.queries.flags import URGENT_FIRST, urgency_in_sql
from batches.forecasts.queries.ready import slack_of_orders
from supplychain.flows.models import Product
from supplychain.orders.models import PatientOrder, PatientOrderQuerySet
from supplychain.orders.statuses import OPEN_ORDER_STATUSES
from supplychain.sites.models import Site

PAGE_SIZE = 50
MARK = "~"
SITES = ("ordering_site", "collection_site", "infusion_site", "plant")
SLACK = "slack_hours"
URGENCY = "urgency"
COLUMNS = {
    "urgency": URGENCY,
    "slack": SLACK,
    "promise": "promised_at",
    "ordered": "ordered_at",
    "coi": "coi",
    "change": "last_recorded_at",
}


class Key(NamedTuple):
    """Where an order stands in its sorting: which run, the value (None: the run has none), then its id."""

    run: int
    value: float | datetime | str | None
    id: UUID

    @property
    def text(self) -> str:
        """As it stands in an address."""
        value = self.value.isoformat() if isinstance(self.value, datetime) else self.value
        return MARK.join((str(self.run), "" if value is None else str(value), str(self.id)))


@dataclass(frozen=True, slots=True)
class Sorting:
    """A column and which way; `name` as in OrderFilter.sort. `is_of_few`: only open orders are to be sorted.

    The forecast, and with it the slack, is the one that is told at `now`.
    """

    name: str
    now: datetime
    is_of_few: bool = False

    @property
    def column(self) -> str:
        """What is compared."""
        return COLUMNS[self.name.removeprefix("-")]

    @property
    def valued(self) -> int:
        """How many of its runs, from the first on, have a value to sort by."""
        return 2 if self.column == URGENCY else 1

    def runs(self, orders: PatientOrderQuerySet) -> list[PatientOrderQuerySet]:
        """Those of `orders` with a `sort_value`, then the others with their id as `tie`."""
        if self.column == SLACK:
            return self._runs_by_slack(orders)
        if self.column == URGENCY:
            flagged = Flag.objects.filter(cleared_at__isnull=True).values("order")
            without = self._runs_by_slack(orders.exclude(pk__in=flagged))
            return [orders.filter(pk__in=flagged).annotate(sort_value=most_urgent()), *without]
        valued = orders.annotate(sort_value=F(self.column))
        if not PatientOrder._meta.get_field(self.column).null:
            return [valued]
        empty = {f"{self.column}__isnull": True}
        return [valued.exclude(**empty), orders.filter(**empty).annotate(tie=F("pk"))]

    def _runs_by_slack(self, orders: PatientOrderQuerySet) -> list[PatientOrderQuerySet]:
        """Open orders with slack, those without a forecast or promise, and what has ended: it has no slack any more."""
        valued = orders.filter(status__in=OPEN_ORDER_STATUSES).annotate(sort_value=slack_of_orders(self.now))
        # Hardly one open order has no forecast. To find the newest of none PostgreSQL would walk along the primary key
        # past every order that ever was; along an expression it cannot.
        unknown = valued.filter(sort_value__isnull=True).annotate(tie=Cast("pk", TextField()))
        runs = [valued.filter(sort_value__isnull=False), unknown]
        ended = orders.exclude(status__in=OPEN_ORDER_STATUSES).annotate(tie=F("pk"))
        return runs if self.is_of_few else [*runs, ended]

    def key_of(self, order: PatientOrder) -> Key:
        """Where a listed order stands."""
        return Key(order.run, getattr(order, "sort_value", None), order.pk)

    def read_key(self, text: str) -> Key | None:
        """The key in an address; None if it is none."""
        run, _, rest = text.partition(MARK)
        value, _, order_id = rest.rpartition(MARK)
        try:
            key = Key(int(run[:1]), self._read_value(value) if value else None, UUID(order_id))
        except ValueError:
            return None
        return key if (key.run < self.valued) == (key.value is not None) else None

    def _read_value(self, text: str) -> float | datetime | str:
        if self.column in (SLACK, URGENCY):
            number = float(text)
            if not abs(number) < float("inf"):
                raise ValueError(text)
            return number
        if self.column == "coi":
            return text.replace("\0", "")
        moment = datetime.fromisoformat(text)
        # Moments at the calendar's ends cannot be brought into UTC.
        if moment.tzinfo is None or not 1900 < moment.year < 2200:
            raise ValueError(text)
        return moment


def most_urgent() -> Subquery:
    """How urgent the most urgent of an order's raised flags is."""
    raised = Flag.objects.filter(order=OuterRef("pk"), cleared_at__isnull=True)
    # Without the id: flags that differ in no more are as urgent, and the index gives the first without sorting.
    return Subquery(raised.order_by(*URGENT_FIRST[:-1]).annotate(urgency=urgency_in_sql()).values("urgency")[:1])


class OrderPage(NamedTuple):
    """One page. `before`, `after`: what its neighbours' addresses end with; empty: there is none."""

    orders: list[PatientOrder]
    before: str
    after: str


def order_page(orders: PatientOrderQuerySet, sorting: Sorting, *, after: str = "", before: str = "") -> OrderPage:
    """The page after or before a key, else the first; at most four queries, eight back at the beginning."""
    start = sorting.read_key(before) if before else None
    if start:
        found = _take(_backwards(orders, sorting, start))
        if len(found) > PAGE_SIZE:
            page = found[:PAGE_SIZE][::-1]
            return OrderPage(page, sorting.key_of(page[0]).text, sorting.key_of(page[-1]).text)
    # What comes before is less than a page: the beginning of the list shows all of it.
    start = sorting.read_key(after) if after and not start else None
    found = _take(_forwards(orders, sorting, start))
    page, has_more = found[:PAGE_SIZE], len(found) > PAGE_SIZE
    return OrderPage(
        page,
        sorting.key_of(page[0]).text if start and page else "",
        sorting.key_of(page[-1]).text if has_more else "",
    )


def all_ids(orders: PatientOrderQuerySet, sorting: Sorting) -> Iterator[UUID]:
    """Ids of all orders in their order, read from the server bit by bit."""
    for _, run in _forwards(orders, sorting, None):
        yield from run.values_list("pk", flat=True).iterator(chunk_size=5_000)


def with_places(orders: list[PatientOrder]) -> list[PatientOrder]:
    """These orders with their product and sites, two queries; joined, all orders would bring them to be sorted."""
    products = Product.objects.in_bulk({order.product_id for order in orders})
    sites = Site.objects.in_bulk({getattr(order, f"{name}_id") for order in orders for name in SITES})
    for order in orders:
        order.product = products[order.product_id]
        for name in SITES:
            setattr(order, name, sites[getattr(order, f"{name}_id")])
    return orders


def _take(runs: Iterable[tuple[int, PatientOrderQuerySet]]) -> list[PatientOrder]:
    """One order more than a page from these runs, one after the other; each remembers its run."""
    found: list[PatientOrder] = []
    for number, run in runs:
        if len(found) <= PAGE_SIZE:
            more = list(run[: PAGE_SIZE + 1 - len(found)])
            for order in more:
                order.run = number
            found += more
    return found


def _forwards(
    orders: PatientOrderQuerySet, sorting: Sorting, start: Key | None
) -> Iterator[tuple[int, PatientOrderQuerySet]]:
    descending = sorting.name.startswith("-")
    first = start.run if start else 0
    for number, run in list(enumerate(sorting.runs(orders)))[first:]:
        is_valued = number < sorting.valued
        is_down = descending if is_valued else True
        yield number, _beyond(run, start if number == first else None, is_valued=is_valued, descending=is_down)


def _backwards(
    orders: PatientOrderQuerySet, sorting: Sorting, start: Key
) -> Iterator[tuple[int, PatientOrderQuerySet]]:
    descending = not sorting.name.startswith("-")
    for number, run in reversed(list(enumerate(sorting.runs(orders)))[: start.run + 1]):
        is_valued = number < sorting.valued
        is_down = descending if is_valued else False
        yield number, _beyond(run, start if number == start.run else None, is_valued=is_valued, descending=is_down)


def _beyond(run: PatientOrderQuerySet, start: Key | None, *, is_valued: bool, descending: bool) -> PatientOrderQuerySet:
    """Orders of a run beyond `start`, sorted: by value, ties by id. The bound on the value alone is what an index can
    start from, which it cannot from an OR."""
    sign, beyond = ("-", "lt") if descending else ("", "gt")
    rest = Q(**{f"pk__{beyond}": start.id}) if start else Q()
    if not is_valued:
        return run.filter(rest).order_by(f"{sign}tie")
    if start:
        tie = Q(sort_value=start.value) & rest
        run = run.filter(Q(**{f"sort_value__{beyond}": start.value}) | tie, **{f"sort_value__{beyond}e": start.value})
    return run.order_by(f"{sign}sort_value", f"{sign}pk")


def at_most(rows: Any, limit: int) -> int:
    """How many rows there are, counting no further than one beyond `limit`."""
    return rows.order_by()[: limit + 1].count()
