"""Placing patient orders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from supplychain.flows.models import Flow
from supplychain.flows.queries import flow_plan
from supplychain.identifiers.rules.coi import OWN_ISSUER, new_coi
from supplychain.identifiers.statuses import IdentifierKind
from supplychain.ids import new_id
from supplychain.moments import written
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
from supplychain.orders.models import Identifier, PatientOrder, StatusEvent
from supplychain.orders.rules.events import EventReport
from supplychain.orders.rules.fold import fold
from supplychain.orders.rules.meaning import is_same
from supplychain.orders.rules.placing import OrderRefused, OrderRequest, read_order_request
from supplychain.orders.statuses import OrderEventKind, OrderStatus
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind
from supplychain.sql import Writes

ORDER_COLUMNS = [
    *STATE_COLUMNS, "coi", "coi_issuer", "patient_reference", "product_id", "flow_id", "ordering_site_id",
    "collection_site_id", "infusion_site_id", "plant_id", "priority", "ordered_at",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """An order and whether this call created it (else it was known by its event id)."""

    order_id: UUID
    coi: str
    created: bool


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
    coi: str
    coi_issuer: str
    product_id: UUID
    locked: LockedOrder
    event_row: tuple[Any, ...]


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
    try:
        return _place(rows, by=by, now=now)
    except IntegrityError:
        # The same CoI or event id was stored by another transaction meanwhile; now it is seen.
        return _place(rows, by=by, now=now)


@transaction.atomic
def _place(rows: Sequence[Mapping[str, Any]], *, by: Reporter, now: datetime) -> list[PlacedOrder | OrderRefused]:
    results: list[PlacedOrder | OrderRefused | None] = []
    catalogue = _catalogue(by)
    taken = _Taken(rows, by)
    new: list[_NewOrder] = []
    for row in rows:
        try:
            request = read_order_request(row)
            known = taken.known_order(request)
            if known is None:
                order = _new_order(request, catalogue, by=by, now=now)
                taken.add(order)
                new.append(order)
            results.append(known or PlacedOrder(order.locked.id, order.coi, created=True))
        except OrderRefused as refused:
            results.append(refused)
    _store(new, now=now)
    return results


class _Taken:
    """CoIs, hospital order numbers and event ids that orders have, in the tables or from earlier in the same call."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], by: Reporter) -> None:
        event_ids, cois = _texts(rows, "source_event_id"), _texts(rows, "coi")
        said = StatusEvent.objects.filter(source=by.source, user=by.user, source_event_id__in=event_ids)
        self.by_event = {
            event_id: (PlacedOrder(order_id, coi, created=False), kind, payload)
            for event_id, order_id, coi, kind, payload in said.values_list(
                "source_event_id", "order_id", "order__coi", "kind", "payload"
            )
        }
        self.cois = set(PatientOrder.objects.filter(coi__in=cois).values_list("coi_issuer", "coi"))
        numbers = Identifier.objects.filter(
            kind=IdentifierKind.HOSPITAL_ORDER, value__in=_texts(rows, "hospital_order_number")
        )
        self.numbers = set(numbers.exclude(order__status=OrderStatus.CANCELLED).values_list("issuer", "value"))

    def known_order(self, request: OrderRequest) -> PlacedOrder | None:
        """The order that this very request placed before; raises OrderRefused if its id or CoI is taken otherwise."""
        if request.source_event_id in self.by_event:
            order, kind, payload = self.by_event[request.source_event_id]
            if kind != OrderEventKind.ORDERED or not is_same([payload], [_payload(request)]):
                text = "already used with other content; send a new request under a new id."
                raise OrderRefused({"source_event_id": text}, is_conflict=True)
            return order
        if request.coi and (request.coi_issuer or OWN_ISSUER, request.coi) in self.cois:
            raise OrderRefused({"coi": "an order with this chain of identity exists already."}, is_conflict=True)
        if (request.ordering_site, request.hospital_order_number) in self.numbers:
            text = "this site has an order with this number already."
            raise OrderRefused({"hospital_order_number": text}, is_conflict=True)
        return None

    def add(self, order: _NewOrder) -> None:
        """Remember an order placed by this call."""
        self.cois.add((order.coi_issuer, order.coi))
        if order.request.hospital_order_number:
            self.numbers.add((order.request.ordering_site, order.request.hospital_order_number))
        if order.request.source_event_id:
            placed = PlacedOrder(order.locked.id, order.coi, created=False)
            entry = (placed, OrderEventKind.ORDERED, _payload(order.request))
            self.by_event[order.request.source_event_id] = entry


def _texts(rows: Sequence[Mapping[str, Any]], field: str) -> list[str]:
    """What the rows say in `field`, as far as the database can be asked for it; the rest is refused when read."""
    return [value for row in rows if isinstance(value := row.get(field), str) and "\x00" not in value]


def _catalogue(by: Reporter) -> _Catalogue:
    sites = {site.code: site for site in Site.objects.filter(is_active=True)}
    plants = frozenset(code for code, site in sites.items() if site.kind == SiteKind.PLANT)
    own = frozenset(code for code, site in sites.items() if site.pk in by.site_ids)
    flows: dict[tuple[str, str], Flow] = {}
    for flow in Flow.objects.filter(is_current=True, product__is_active=True).select_related("product"):
        flows[flow.product.code, flow.code] = flow
        if flow.is_default:
            flows[flow.product.code, ""] = flow
    return _Catalogue(sites, plants, own, flows)


def _new_order(request: OrderRequest, catalogue: _Catalogue, *, by: Reporter, now: datetime) -> _NewOrder:
    sites, flow = _sites_of(request, catalogue), _flow_of(request, catalogue)
    ordered_at = request.ordered_at or now
    locked = LockedOrder(new_id(), flow_plan(flow.pk), sites, ordered_at, 0, "", state=None)  # type: ignore[arg-type]
    event_row = _first_event(request, locked, by=by, now=now)
    coi = request.coi or new_coi(now)
    issuer = request.coi_issuer or OWN_ISSUER
    return _NewOrder(request, coi, issuer, flow.product_id, locked, event_row)


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
        if getattr(request, name) and code not in catalogue.sites
    }
    if request.plant not in catalogue.plants:
        errors["plant"] = f"“{request.plant}” is no plant; use one of {_list(catalogue.plants)}."
    elif not {request.ordering_site, request.plant} & catalogue.own:
        errors["ordering_site"] = f"“{request.ordering_site}” is none of your sites; use one of {_list(catalogue.own)}."
    if errors:
        raise OrderRefused(errors)
    return {name: catalogue.sites[code].pk for name, code in (*codes.items(), ("plant", request.plant))}


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


def _payload(request: OrderRequest) -> dict[str, Any]:
    """What the first event keeps of the request: all of it but the moment and id that the event has itself."""
    fields = ("product", "patient_reference", "ordering_site", "plant", "collection_site", "infusion_site", "flow",
              "coi", "coi_issuer", "hospital_order_number", "priority_reason", "promise_reason")  # fmt: skip
    said: dict[str, Any] = {name: getattr(request, name) for name in fields if getattr(request, name)}
    for name in ("promised_at", "ordered_at"):
        if moment := getattr(request, name):
            said[name] = written(moment)
    return said | {"priority": request.priority.value}


def _first_event(request: OrderRequest, order: LockedOrder, *, by: Reporter, now: datetime) -> tuple[Any, ...]:
    """The event that ordered it, as a row of EVENT_COLUMNS; folds it into the order's state."""
    report = EventReport(
        source_event_id=request.source_event_id or f"order-{order.id}",
        order=str(order.id),
        kind=OrderEventKind.ORDERED.value,
        occurred_at=order.ordered_at,
        payload=_payload(request),
    )
    fact, row = append_fact(order, report, content_of(order.id, report), by=by, now=now)
    order.state = fold(order.flow, order.ordered_at, [fact])
    return row


def _store(new: Sequence[_NewOrder], *, now: datetime) -> None:
    if not new:
        return
    writes = Writes()
    writes.insert(ORDER_TABLE, ORDER_COLUMNS, [_order_row(one, now) for one in new])
    writes.insert(RUN_TABLE, RUN_COLUMNS, [row for one in new for row in _run_rows(one.locked)])
    writes.insert(EVENT_TABLE, EVENT_COLUMNS, [one.event_row for one in new])
    writes.insert(IDENTIFIER_TABLE, IDENTIFIER_COLUMNS, [row for one in new for row in _identifier_rows(one, now)])
    writes.insert(SEAL_TABLE, SEAL_COLUMNS, [(one.locked.id, 0, "", now, "") for one in new])
    writes.run()
    announce([one.locked for one in new], now=now)


def _order_row(one: _NewOrder, now: datetime) -> tuple[Any, ...]:
    order, request = one.locked, one.request
    sites = [order.sites[name] for name in ("ordering_site", "collection_site", "infusion_site", "plant")]
    identity = (one.coi, one.coi_issuer, request.patient_reference, one.product_id, order.flow.id)
    return (order.id, *state_values(order, now), *identity, *sites, request.priority.value, order.ordered_at)


def _run_rows(order: LockedOrder) -> list[tuple[Any, ...]]:
    order.run_ids = {key: new_id() for key in order.state.runs}
    return [new_run_row(order, key, run_values(run)) for key, run in order.state.runs.items()]


def _identifier_rows(one: _NewOrder, now: datetime) -> list[tuple[Any, ...]]:
    named = [(IdentifierKind.COI, one.coi_issuer, one.coi)]
    if number := one.request.hospital_order_number:
        named.append((IdentifierKind.HOSPITAL_ORDER, one.request.ordering_site, number))
    return [(new_id(), one.locked.id, kind.value, issuer, value, now) for kind, issuer, value in named]
