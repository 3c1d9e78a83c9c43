"""Placing patient orders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone
from psycopg2.errors import DeadlockDetected

from supplychain.flows.queries import flow_plan
from supplychain.identifiers.rules.characters import likeness
from supplychain.ids import new_id
from supplychain.orders.actions.due import mark_news
from supplychain.orders.actions.events import announce
from supplychain.orders.actions.facts import (
    EVENT_COLUMNS,
    EVENT_TABLE,
    Reporter,
    append_fact,
    content_of,
)
from supplychain.orders.actions.identifiers import IDENTIFIER_COLUMNS, IDENTIFIER_TABLE
from supplychain.orders.actions.naming import (
    Catalogue,
    catalogue_for,
    issuers_of_order,
    naming_problems,
    sites_of_order,
)
from supplychain.orders.actions.numbering import NewNumbers
from supplychain.orders.actions.seals import SEAL_COLUMNS, SEAL_TABLE
from supplychain.orders.actions.store import (
    ORDER_TABLE,
    RUN_COLUMNS,
    RUN_TABLE,
    STATE_COLUMNS,
    LockedOrder,
    new_run_row,
    run_values,
    state_values,
)
from supplychain.orders.actions.stored_cells import problems_of_stored, report_stored
from supplychain.orders.actions.taken import Taken
from supplychain.orders.actions.wanted import WantedDates
from supplychain.orders.rules.duties import roles_at
from supplychain.orders.rules.events import EventReport
from supplychain.orders.rules.fold import fold
from supplychain.orders.rules.placing import (
    REQUIRED,
    OrderRefused,
    OrderRequest,
    problems_of_person,
    read_order_request,
)
from supplychain.orders.rules.requested import IssuedNumbers, PlacedOrder
from supplychain.orders.rules.stored_cells import refuse_anothers, said_by
from supplychain.orders.statuses import OrderEventKind
from supplychain.reasons import is_no_reason
from supplychain.sentences import said_in
from supplychain.sql import Writes

PLACES = frozenset(("ordering_site", "collection_site", "infusion_site", "plant"))
# Of a list whose every number another transaction is storing, each try sees at least one more.
MOST_TRIES = 5
ORDER_COLUMNS = [
    *STATE_COLUMNS, "coi", "coi_issuer", "patient_reference", "product_id", "flow_id", "ordering_site_id",
    "collection_site_id", "infusion_site_id", "plant_id", "priority", "ordered_at",
]  # fmt: skip


@dataclass(slots=True)
class _NewOrder:
    request: OrderRequest
    numbers: IssuedNumbers
    product_id: UUID
    locked: LockedOrder
    event_row: tuple[Any, ...]
    reuse: Mapping[str, int]


def place_order(*, by: Reporter, now: datetime | None = None, **request: Any) -> PlacedOrder:
    """Place one order; the fields are those of rules.placing.OrderRequest. Raises OrderRefused."""
    given = {name: value for name, value in request.items() if value is not None}
    placed = place_orders([given], by=by, now=now)[0]
    if isinstance(placed, OrderRefused):
        raise placed
    return placed


def place_orders(
    rows: Sequence[Mapping[str, Any]], *, by: Reporter, now: datetime | None = None
) -> list[PlacedOrder | OrderRefused]:
    """Place orders in one transaction, one result a row in the same order; a refused row costs no other."""
    now = now or timezone.now()
    for _ in range(MOST_TRIES - 1):
        try:
            return _place(rows, by=by, now=now)
        except (IntegrityError, OperationalError) as error:
            if isinstance(error, OperationalError) and not isinstance(error.__cause__, DeadlockDetected):
                raise
            # Another transaction stored the same number or event id meanwhile, or each waited for the other: now it
            # is seen. The database's constraints decide, and the answer is the same for all who asked at once.
    return _place(rows, by=by, now=now)


@transaction.atomic
def _place(rows: Sequence[Mapping[str, Any]], *, by: Reporter, now: datetime) -> list[PlacedOrder | OrderRefused]:
    requests = [_read(row) for row in rows]
    readable = [request for request in requests if isinstance(request, OrderRequest)]
    unread = [refused.readable for refused in requests if isinstance(refused, OrderRefused) and refused.readable]
    catalogue = catalogue_for(by, [*readable, *unread])
    taken, fresh = Taken(readable, by), NewNumbers(readable, catalogue, now)
    new: list[_NewOrder] = []
    wanted = WantedDates(now)
    results = [
        _placed(request, catalogue, taken, fresh, new, wanted, by=by, now=now)
        if isinstance(request, OrderRequest)
        else _with_more(request, catalogue, wanted, by=by)
        for request in requests
    ]
    _store(new, now=now)
    placed = [(one.request, one.locked.id, one.locked.flow.id, one.locked.sites) for one in new]
    report_stored(placed, by=by, now=now)
    return results


def _read(row: Mapping[str, Any]) -> OrderRequest | OrderRefused:
    try:
        return read_order_request(row)
    except OrderRefused as refused:
        return refused


def _with_more(refused: OrderRefused, catalogue: Catalogue, wanted: WantedDates, *, by: Reporter) -> OrderRefused:
    """The refusal with what else is wrong with the fields that could be read: all errors at once."""
    if refused.readable is None:
        return refused
    more = _problems(refused.readable, catalogue, wanted, by=by)
    said = {field: text for field, text in more.items() if getattr(refused.readable, field) or field not in REQUIRED}
    return OrderRefused(said | refused.errors)


def _problems(request: OrderRequest, catalogue: Catalogue, wanted: WantedDates, *, by: Reporter) -> dict[str, str]:
    """All that is wrong with what a request names, and of a person with what they may not ask for; by field."""
    found = naming_problems(request, catalogue, wanted.now)
    if not found.keys() & PLACES and request.ordering_site and request.plant:
        found |= problems_of_stored(request, catalogue, by, wanted.now)
    return _problems_of_person(request, found, catalogue, by, wanted) | found if by.user else found


def _placed(
    request: OrderRequest, catalogue: Catalogue, taken: Taken, fresh: NewNumbers, new: list[_NewOrder],
    wanted: WantedDates, *, by: Reporter, now: datetime,
) -> PlacedOrder | OrderRefused:  # fmt: skip
    """The order of one request: known already, or put on its way."""
    try:
        if known := taken.known_request(request):
            return known
        if problems := _problems(request, catalogue, wanted, by=by):
            raise OrderRefused(problems)
        refuse_anothers(request, (one.request for one in new))
        sites = sites_of_order(request, catalogue)
        numbers = _numbers_of(request, catalogue)
        if known := taken.known_order(request, numbers):
            return known
        order = _new_order(request, sites, numbers, catalogue, by=by, now=now)
        taken.refuse_unseen(numbers)
        if not numbers.coi:
            coi, issuer = fresh.of(request)
            order.numbers = numbers._replace(coi=coi, coi_issuer=issuer)
        order.reuse = taken.reuse(numbers)
    except OrderRefused as refused:
        return refused
    placed = PlacedOrder(order.locked.id, order.numbers.coi, created=True)
    taken.add(request, order.numbers, placed, catalogue.flows[request.product, request.flow])
    new.append(order)
    return placed


def _new_order(
    request: OrderRequest,
    sites: dict[str, UUID],
    numbers: IssuedNumbers,
    catalogue: Catalogue,
    *,
    by: Reporter,
    now: datetime,
) -> _NewOrder:
    flow = catalogue.flows[request.product, request.flow]
    ordered_at = request.ordered_at or now
    locked = LockedOrder(new_id(), flow_plan(flow.pk), sites, ordered_at, 0, "", state=None)  # type: ignore[arg-type]
    event_row = _first_event(request, locked, by=by, now=now)
    return _NewOrder(request, numbers, flow.product_id, locked, event_row, {})


def _numbers_of(request: OrderRequest, catalogue: Catalogue) -> IssuedNumbers:
    """What the order is to be known by."""
    issuer = request.coi_issuer or issuers_of_order(request, catalogue)[0]
    return IssuedNumbers(request.coi, issuer, request.hospital_order_number, request.ordering_site)


def _problems_of_person(
    request: OrderRequest, named: Mapping[str, str], catalogue: Catalogue, by: Reporter, wanted: WantedDates
) -> dict[str, str]:
    """What a person may not order, by every way in: on our screens and over REST. `named`: what is wrong with names,
    without which nobody knows their right or when the dose is expected."""
    is_known = request.ordering_site and request.plant and not named.keys() & PLACES
    sites = sites_of_order(request, catalogue) if is_known else None
    problems = problems_of_person(request, roles_at(sites, by.rights) if sites else None)
    is_new = request.promised_at is not None and request.ordered_at is None
    flow, question = catalogue.flows.get((request.product, request.flow)), ""
    if is_new and sites and flow and is_no_reason(request.promise_reason):
        question = wanted.question(
            request.promised_at, flow, sites, request.priority.value, is_stored=bool(request.collected_at)
        )
    if question:
        problems["promised_at"] = f"{said_in(question, UTC).rstrip('.')} (promise_reason)."
    return problems


def _first_event(request: OrderRequest, order: LockedOrder, *, by: Reporter, now: datetime) -> tuple[Any, ...]:
    """The event that ordered it, as a row of EVENT_COLUMNS; folds it into the order's state."""
    report = EventReport(
        source_event_id=request.source_event_id or f"order-{order.id}",
        order=str(order.id),
        kind=OrderEventKind.ORDERED.value,
        occurred_at=order.ordered_at,
        payload=said_by(request),
    )
    fact, row = append_fact(order, report, content_of(order.id, report), by=by, now=now)
    order.state = fold(order.flow, order.ordered_at, [fact])
    return row


def _store(new: Sequence[_NewOrder], *, now: datetime) -> None:
    if not new:
        return
    writes = Writes()
    writes.insert(ORDER_TABLE, ORDER_COLUMNS, [_order_row(one) for one in new])
    writes.insert(RUN_TABLE, RUN_COLUMNS, [row for one in new for row in _run_rows(one.locked)])
    writes.insert(EVENT_TABLE, EVENT_COLUMNS, [one.event_row for one in new])
    writes.insert(IDENTIFIER_TABLE, IDENTIFIER_COLUMNS, [row for one in new for row in _identifier_rows(one, now)])
    writes.insert(SEAL_TABLE, SEAL_COLUMNS, [(one.locked.id, 0, "", now, "") for one in new])
    mark_news(writes, [one.locked.id for one in new], now=now)
    writes.run()
    announce([one.locked for one in new], now=now)


def _order_row(one: _NewOrder) -> tuple[Any, ...]:
    order, request = one.locked, one.request
    sites = [order.sites[name] for name in ("ordering_site", "collection_site", "infusion_site", "plant")]
    identity = (one.numbers.coi, one.numbers.coi_issuer, request.patient_reference, one.product_id, order.flow.id)
    return (order.id, *state_values(order), *identity, *sites, request.priority.value, order.ordered_at)


def _run_rows(order: LockedOrder) -> list[tuple[Any, ...]]:
    order.run_ids = {key: new_id() for key in order.state.runs}
    return [new_run_row(order, key, run_values(run)) for key, run in order.state.runs.items()]


def _identifier_rows(one: _NewOrder, now: datetime) -> list[tuple[Any, ...]]:
    return [
        (new_id(), one.locked.id, kind.value, issuer, value, likeness(value), one.reuse.get(kind, 0), now)
        for kind, issuer, value in one.numbers.named()
    ]
