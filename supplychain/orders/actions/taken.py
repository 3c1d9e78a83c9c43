"""Which numbers and event ids orders have already, read while orders of their sites wait."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import F, Q

from supplychain.field_words import field_name
from supplychain.flows.models import Flow
from supplychain.identifiers.rules.characters import likeness, lookup_key
from supplychain.identifiers.statuses import ISSUED_ONCE, IdentifierKind
from supplychain.orders.actions.facts import Reporter
from supplychain.orders.models import Identifier, PatientOrder, StatusEvent
from supplychain.orders.rules.meaning import is_same
from supplychain.orders.rules.placing import OrderRefused, OrderRequest
from supplychain.orders.rules.requested import IssuedNumbers, PlacedOrder
from supplychain.orders.rules.stored_cells import said_by
from supplychain.orders.statuses import OrderEventKind, OrderStatus
from supplychain.reasons import is_no_reason
from supplychain.words import listed_words

FIELDS: dict[str, str] = {IdentifierKind.COI: "coi", IdentifierKind.HOSPITAL_ORDER: "hospital_order_number"}
TAKEN: dict[str, str] = {
    IdentifierKind.COI: "an order with this chain of identity exists already.",
    IdentifierKind.HOSPITAL_ORDER: "this site has an order with this number already.",
}


class _Standing(NamedTuple):
    """A number that stands on an order of one of the reporter's sites, or is one of its own."""

    kind: str
    issuer: str
    value: str
    key: str
    likeness: str
    reuse: int
    order_id: UUID | None
    coi: str
    status: str


class _Unseen(NamedTuple):
    """A number that stands on an order of none of the reporter's sites, given by a site for which it orders."""

    kind: str
    issuer: str
    key: str
    reuse: int
    is_open: bool


class _Kept(NamedTuple):
    """What the first event of an order says, and the flow that it took although nobody named it, or that goes without
    saying since it is the product's usual one; empty: none."""

    said: Mapping[str, Any]
    unsaid_flow: str


class Taken:
    """What orders have, in the tables or from earlier in the same call.

    Numbers are read before event ids: who sees a number taken by a repetition of the same request sees its id, too.
    """

    def __init__(self, requests: Sequence[OrderRequest], by: Reporter) -> None:
        self.by = by
        self.standing = _standing(requests, by)
        self.unseen = _unseen(requests, by)
        said = StatusEvent.objects.filter(
            Q(source_event_id__in={one.source_event_id for one in requests if one.source_event_id})
            | Q(kind=OrderEventKind.ORDERED, stage="", order__in={one.order_id for one in self.standing}),
            source=by.source,
            user=by.user,
        )
        flow = ("order__flow__code", "order__flow__is_default")
        rows = list(said.values_list("source_event_id", "order_id", "order__coi", "kind", "payload", *flow))
        self.by_event = {row[0]: (PlacedOrder(*row[1:3], created=False), row[3], _kept(*row[4:])) for row in rows}
        self.by_order = {row[1]: _kept(*row[4:]) for row in rows if row[3] == OrderEventKind.ORDERED}

    def known_request(self, request: OrderRequest) -> PlacedOrder | None:
        """The order that this very request placed before; raises OrderRefused if its id was used for another."""
        if request.source_event_id not in self.by_event:
            return None
        order, kind, kept = self.by_event[request.source_event_id]
        if kind != OrderEventKind.ORDERED:
            text = "it was used already for another report; send this order under a new id."
            raise OrderRefused({"source_event_id": text}, is_conflict=True, order_id=order.order_id)
        if not _says_the_same(kept, request):
            text = _edited_words(order, kept, request)
            raise OrderRefused({"source_event_id": text}, is_conflict=True, order_id=order.order_id)
        return order

    def known_order(self, request: OrderRequest, numbers: IssuedNumbers) -> PlacedOrder | None:
        """The order that the same reporter placed with the same words and no id; raises OrderRefused for another's
        number, and for one that is nearly another's unless the request gives the reason."""
        for kind, issuer, value in numbers.named():
            for one in self._of(kind, issuer, lookup_key(value)):
                if one.kind == IdentifierKind.COI or one.status != OrderStatus.CANCELLED:
                    return self._repeated(request, one)
        if is_no_reason(request.twin_reason):
            self._refuse_twins(numbers)
        return None

    def refuse_unseen(self, numbers: IssuedNumbers) -> None:
        """Raise OrderRefused for a number that its site gave to an order of which the reporter sees nothing.

        Asked last of all: whoever only wants to know which numbers there are must place an order for each.
        """
        for kind, issuer, value in numbers.named():
            if (kind, issuer, lookup_key(value)) in {one[:3] for one in self.unseen if one.is_open}:
                raise OrderRefused({FIELDS[kind]: TAKEN[kind]}, is_conflict=True)

    def reuse(self, numbers: IssuedNumbers) -> dict[str, int]:
        """Of each number how many orders, all ended, had it before."""
        return {kind: self._next_reuse(kind, issuer, lookup_key(value)) for kind, issuer, value in numbers.named()}

    def _next_reuse(self, kind: str, issuer: str, key: str) -> int:
        unseen = [one.reuse for one in self.unseen if one[:3] == (kind, issuer, key)]
        return 1 + max([*(one.reuse for one in self._of(kind, issuer, key)), *unseen], default=-1)

    def add(self, request: OrderRequest, numbers: IssuedNumbers, placed: PlacedOrder, flow: Flow) -> None:
        """Remember an order placed by this call, which took this flow."""
        for kind, issuer, value in numbers.named():
            own = (lookup_key(value), likeness(value), 0, None, placed.coi, OrderStatus.ORDERED)
            self.standing.append(_Standing(kind, issuer, value, *own))
        if request.source_event_id:
            known = PlacedOrder(placed.order_id, placed.coi, created=False)
            kept = _kept(said_by(request), flow.code, flow.is_default)
            self.by_event[request.source_event_id] = (known, OrderEventKind.ORDERED, kept)

    def _of(self, kind: str, issuer: str, key: str) -> list[_Standing]:
        return [one for one in self.standing if (one.kind, one.issuer, one.key) == (kind, issuer, key)]

    def _repeated(self, request: OrderRequest, one: _Standing) -> PlacedOrder:
        said = self.by_order.get(one.order_id) if one.order_id and not request.source_event_id else None
        if said is not None and _says_the_same(said, request):
            return PlacedOrder(one.order_id, one.coi, created=False)
        named = f" It is order {one.coi}." if one.order_id and one.kind != IdentifierKind.COI else ""
        text = f"{TAKEN[one.kind]}{named}"
        raise OrderRefused({FIELDS[one.kind]: text}, is_conflict=True, order_id=one.order_id)

    def _refuse_twins(self, numbers: IssuedNumbers) -> None:
        """Hospitals number their orders alike; a chain of identity is to be one of a kind, whoever issued it."""
        for kind, issuer, value in numbers.named():
            looks, key = likeness(value), lookup_key(value)
            for one in self.standing:
                is_comparable = one.kind == kind and (kind == IdentifierKind.COI or one.issuer == issuer)
                if is_comparable and one.likeness == looks and (one.key, one.issuer) != (key, issuer):
                    text = _twin_words(one, issuer)
                    raise OrderRefused({FIELDS[kind]: text}, is_conflict=True, order_id=one.order_id)


def _kept(said: Mapping[str, Any], flow: str, is_usual: bool) -> _Kept:
    return _Kept(said, flow if is_usual or not said.get("flow") else "")


def _says_the_same(kept: _Kept, request: OrderRequest) -> bool:
    """Whether the request means what is kept of an order."""
    return is_same([_meant(kept.said, kept)], [_meant(said_by(request), kept)])


def _meant(said: Mapping[str, Any], kept: _Kept) -> dict[str, Any]:
    """What a request says, with the sites and the flow that go without saying; of numbers small and capital letters are
    the same."""
    unsaid = dict.fromkeys(("collection_site", "infusion_site"), said.get("ordering_site", ""))
    unsaid["flow"] = kept.unsaid_flow
    return unsaid | said | {name: lookup_key(said[name]) for name in FIELDS.values() if name in said}


def _edited_words(order: PlacedOrder, kept: _Kept, request: OrderRequest) -> str:
    """That a known order came again with other words: which, and how to change it or place another one."""
    said, was = _meant(said_by(request), kept), _meant(kept.said, kept)
    names = [name for name in (*said, *was) if not is_same([said.get(name)], [was.get(name)])]
    other = listed_words(field_name(name) for name in dict.fromkeys(names))
    return (
        f"order {order.coi} was placed under this id with other content: another {other}. Change that order where it "
        "stands; only if this is a further order, send it under a new id."
    )


def _twin_words(one: _Standing, issuer: str) -> str:
    whose = f" issued by {one.issuer}" if one.issuer != issuer else ""
    return (
        f"Order {one.coi} has “{one.value}”{whose}, which looks the same. If this is the same order, do not place it "
        "again; if it is another one, say why in twin_reason."
    )


def _standing(requests: Sequence[OrderRequest], by: Reporter) -> list[_Standing]:
    """Numbers equal or alike to those of the requests, of the reporter's own issue or on orders of its sites: of others
    it learns nothing. One query."""
    values = {value for one in requests for value in (one.coi, one.hospital_order_number) if value}
    if not values:
        return []
    alike = Q(likeness__in=_all(likeness, values)) | Q(key__in=_all(lookup_key, values))
    visible = Q(issuer__in=list(by.own_sites.values())) | Q(order__in=PatientOrder.objects.of_sites(by.site_ids))
    rows = Identifier.objects.filter(alike, visible, kind__in=ISSUED_ONCE).annotate(coi=F("order__coi"))
    columns = ("kind", "issuer", "value", "key", "likeness", "reuse", "order_id", "coi", "order__status")
    return [_Standing(*row) for row in rows.values_list(*columns)]


def _unseen(requests: Sequence[OrderRequest], by: Reporter) -> list[_Unseen]:
    """Of other plants' orders the numbers of a site for which this plant orders; no query unless it does."""
    own = set(by.own_sites.values())
    named = {(one.ordering_site, lookup_key(one.hospital_order_number)) for one in requests
             if one.hospital_order_number and one.ordering_site not in own}  # fmt: skip
    if not named:
        return []
    issuers, keys = ({pair[place] for pair in named} for place in (0, 1))
    rows = Identifier.objects.filter(kind=IdentifierKind.HOSPITAL_ORDER, issuer__in=issuers, key__in=keys)
    rows = rows.exclude(order__in=PatientOrder.objects.of_sites(by.site_ids))
    columns = ("kind", "issuer", "key", "reuse", "order__status")
    return [_Unseen(*row[:4], row[4] != OrderStatus.CANCELLED) for row in rows.values_list(*columns)]


def _all(form: Any, values: Iterable[str]) -> list[str]:
    return list({form(value) for value in values})
