"""Placing patient orders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone
from psycopg2.errors import DeadlockDetected

from supplychain.flows.models import Flow
from supplychain.flows.queries import flow_plan
from supplychain.identifiers.rules.characters import likeness
from supplychain.identifiers.rules.coi import OWN_ISSUER, new_coi
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
from supplychain.orders.actions.taken import Taken
from supplychain.orders.rules.duties import roles_at
from supplychain.orders.rules.events import EventReport
from supplychain.orders.rules.fold import fold
from supplychain.orders.rules.placing import OrderRefused, OrderRequest, problems_of_person, read_order_request
from supplychain.orders.rules.requested import IssuedNumbers, PlacedOrder, request_payload
from supplychain.orders.statuses import OrderEventKind
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind
from supplychain.sql import Writes

# Of a list whose every number another transaction is storing, each try sees at least one more.
MOST_TRIES = 5
ORDER_COLUMNS = [
    *STATE_COLUMNS, "coi", "coi_issuer", "patient_reference", "product_id", "flow_id", "ordering_site_id",
    "collection_site_id", "infusion_site_id", "plant_id", "priority", "ordered_at",
]  # fmt: skip


@dataclass(slots=True)
class _Catalogue:
    """What orders may name, by code; the ordering site or the plant must be the reporter's own."""

    sites: dict[str, Site]
    plants: frozenset[str]
    own: frozenset[str]
    flows: dict[tuple[str, str], Flow]


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
    catalogue = _catalogue(by, readable)
    taken = Taken(readable, by)
    new: list[_NewOrder] = []
    results = [
        _placed(request, catalogue, taken, new, by=by, now=now) if isinstance(request, OrderRequest) else request
        for request in requests
    ]
    _store(new, now=now)
    return results


def _read(row: Mapping[str, Any]) -> OrderRequest | OrderRefused:
    try:
        return read_order_request(row)
    except OrderRefused as refused:
        return refused


def _placed(
    request: OrderRequest, catalogue: _Catalogue, taken: Taken, new: list[_NewOrder], *, by: Reporter, now: datetime
) -> PlacedOrder | OrderRefused:
    """The order of one request: known already, or put on its way."""
    try:
        if known := taken.known_request(request):
            return known
        sites = _sites_of(request, catalogue)
        _check_person(request, sites, by)
        numbers = _numbers_of(request, catalogue)
        if known := taken.known_order(request, numbers):
            return known
        order = _new_order(request, sites, numbers, catalogue, by=by, now=now)
        taken.refuse_unseen(numbers)
        order.reuse = taken.reuse(numbers)
    except OrderRefused as refused:
        return refused
    placed = PlacedOrder(order.locked.id, order.numbers.coi, created=True)
    taken.add(request, order.numbers, placed)
    new.append(order)
    return placed


def _catalogue(by: Reporter, requests: Sequence[OrderRequest]) -> _Catalogue:
    """What may be named. Orders of one site are placed one after another: its row is locked, always in one order."""
    sites = {site.code: site for site in Site.objects.filter(is_active=True)}
    ordering = {sites[request.ordering_site].pk for request in requests if request.ordering_site in sites}
    list(Site.objects.filter(pk__in=ordering).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    plants = frozenset(code for code, site in sites.items() if site.kind == SiteKind.PLANT)
    own = frozenset(code for code, site in sites.items() if site.pk in by.site_ids)
    flows: dict[tuple[str, str], Flow] = {}
    for flow in Flow.objects.filter(is_current=True, product__is_active=True).select_related("product"):
        flows[flow.product.code, flow.code] = flow
        if flow.is_default:
            flows[flow.product.code, ""] = flow
    return _Catalogue(sites, plants, own, flows)


def _new_order(
    request: OrderRequest,
    sites: dict[str, UUID],
    numbers: IssuedNumbers,
    catalogue: _Catalogue,
    *,
    by: Reporter,
    now: datetime,
) -> _NewOrder:
    flow = _flow_of(request, catalogue)
    ordered_at = request.ordered_at or now
    locked = LockedOrder(new_id(), flow_plan(flow.pk), sites, ordered_at, 0, "", state=None)  # type: ignore[arg-type]
    event_row = _first_event(request, locked, by=by, now=now)
    if not numbers.coi:
        numbers = numbers._replace(coi=new_coi(now), coi_issuer=OWN_ISSUER)
    return _NewOrder(request, numbers, flow.product_id, locked, event_row, {})


def _numbers_of(request: OrderRequest, catalogue: _Catalogue) -> IssuedNumbers:
    """What the order is to be known by. A chain of identity is issued by a site of the reporter: nobody issues for
    another, or one hospital could take the numbers of the next."""
    own = [code for code in (request.ordering_site, request.plant) if code in catalogue.own]
    issuer = request.coi_issuer or own[0]
    if request.coi_issuer and not request.coi:
        raise OrderRefused({"coi": "give the chain of identity that was issued, or leave coi_issuer out."})
    if issuer not in own:
        text = f"“{issuer}” issues none here: a site issues for itself. Use {_list(own)}, or leave it out."
        raise OrderRefused({"coi_issuer": text})
    return IssuedNumbers(request.coi, issuer, request.hospital_order_number, request.ordering_site)


def _sites_of(request: OrderRequest, catalogue: _Catalogue) -> dict[str, UUID]:
    """Ids of the order's four sites; a place not named is the ordering site."""
    codes = {
        "ordering_site": request.ordering_site,
        "collection_site": request.collection_site or request.ordering_site,
        "infusion_site": request.infusion_site or request.ordering_site,
    }
    errors = {
        name: f"“{code}” is no site; use one of {_list(catalogue.own)}."
        for name, code in codes.items()
        if (getattr(request, name) or name == "ordering_site") and code not in catalogue.sites
    }
    if request.plant not in catalogue.plants:
        errors["plant"] = f"“{request.plant}” is no plant; use one of {_list(catalogue.plants)}."
    elif not {request.ordering_site, request.plant} & catalogue.own:
        errors["ordering_site"] = f"“{request.ordering_site}” is none of your sites; use one of {_list(catalogue.own)}."
    if errors:
        raise OrderRefused(errors)
    return {name: catalogue.sites[code].pk for name, code in (*codes.items(), ("plant", request.plant))}


def _check_person(request: OrderRequest, sites: dict[str, UUID], by: Reporter) -> None:
    """Raises OrderRefused for what a person may not order, by every way in: on our screens and over REST."""
    if by.user and (problems := problems_of_person(request, roles_at(sites, by.rights))):
        raise OrderRefused(problems)


def _flow_of(request: OrderRequest, catalogue: _Catalogue) -> Flow:
    flow = catalogue.flows.get((request.product, request.flow))
    if flow:
        return flow
    products = {product for product, _ in catalogue.flows}
    if request.product not in products:
        raise OrderRefused({"product": f"“{request.product}” cannot be ordered; use one of {_list(products)}."})
    codes = {code for product, code in catalogue.flows if product == request.product and code}
    raise OrderRefused({"flow": f"“{request.flow}” is no flow of {request.product}; use one of {_list(codes)}."})


def _list(codes: Any) -> str:
    return ", ".join(sorted(codes)[:20]) or "(none is set up)"


def _first_event(request: OrderRequest, order: LockedOrder, *, by: Reporter, now: datetime) -> tuple[Any, ...]:
    """The event that ordered it, as a row of EVENT_COLUMNS; folds it into the order's state."""
    report = EventReport(
        source_event_id=request.source_event_id or f"order-{order.id}",
        order=str(order.id),
        kind=OrderEventKind.ORDERED.value,
        occurred_at=order.ordered_at,
        payload=request_payload(request),
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
