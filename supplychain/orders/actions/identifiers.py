"""Registering the identifiers that lead to an order."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction

from supplychain.identifiers.rules.characters import lookup_key
from supplychain.identifiers.rules.leading import issuer_of
from supplychain.identifiers.statuses import UNSHARED_IDENTIFIER_KINDS, IdentifierKind
from supplychain.ids import new_id
from supplychain.orders.actions.due import IDENTIFIER_TABLE, make_due_who_share
from supplychain.orders.actions.facts import Reporter
from supplychain.orders.actions.store import LockedOrder
from supplychain.orders.models import Identifier, StatusEvent
from supplychain.orders.rules.states import Fact
from supplychain.orders.rules.withdrawals import WITHDRAWN, event_named
from supplychain.orders.statuses import OrderEventKind
from supplychain.sql import Writes

SETTLED = OrderEventKind.SETTLED
KIND_OF_DETAIL = {
    "donation_number": IdentifierKind.DONATION,
    "batch_number": IdentifierKind.BATCH,
    "tracking_number": IdentifierKind.TRACKING,
}
# A bag is read as its order's, or another's (identity checks).
OF_MATERIAL = {"number": IdentifierKind.MATERIAL}
OF_LABEL = {"serial": IdentifierKind.LABEL}
IDENTIFIER_COLUMNS = ("id", "order_id", "kind", "issuer", "value", "likeness", "reuse", "recorded_at")


def wake_sharers_of_withdrawn(facts: Mapping[UUID, Sequence[Fact]], *, now: datetime) -> None:
    """Have judged anew who shares a number that a report, taken back by these facts, had said; and who shares one with
    an order of which quality assurance decided something, or no longer does."""
    named = [event_id for said in facts.values() for fact in said
             if fact.kind == WITHDRAWN and (event_id := event_named(fact.payload))]  # fmt: skip
    decided = {order_id for order_id, said in facts.items() if any(fact.kind == SETTLED for fact in said)}
    withdrawn = list(StatusEvent.objects.filter(pk__in=named)) if named else []
    keys = [lookup_key(one.payload[name]) for one in withdrawn for name in KIND_OF_DETAIL if name in one.payload]
    decided |= {one.order_id for one in withdrawn if one.kind == SETTLED}
    if decided:
        own = Identifier.objects.filter(order__in=decided, kind__in=UNSHARED_IDENTIFIER_KINDS)
        keys += own.values_list("key", flat=True)
    if keys:
        transaction.on_commit(partial(make_due_who_share, keys, but=facts.keys(), now=now))


def _numbers_in(fact: Fact) -> Mapping[str, IdentifierKind]:
    """The fields of what was said that name its order from then on, with their kinds."""
    if fact.kind == OrderEventKind.LABEL_PRINTED:
        return OF_LABEL
    return OF_MATERIAL if fact.kind == OrderEventKind.MATERIAL else KIND_OF_DETAIL


def register_identifiers(
    writes: Writes,
    orders: Mapping[UUID, LockedOrder],
    facts: Mapping[UUID, Sequence[Fact]],
    *,
    by: Reporter,
    now: datetime,
) -> None:
    """Have registered every identifier that the events named, so that later events may name the order by it; without
    the right to the report its numbers lead nowhere.

    It stands under the site for which `by` speaks: a number weighs most from the site that gives such numbers.
    """
    named = {
        (order_id, kind, fact.payload[detail])
        for order_id, order_facts in facts.items()
        for fact in order_facts
        for detail, kind in _numbers_in(fact).items()
        if detail in fact.payload and not fact.lacked_scope
    }
    if not named:
        return
    own = by.own_sites
    rows = [
        (new_id(), order_id, kind.value, issuer_of(kind, orders[order_id].sites, own), value, "", 0, now)
        for order_id, kind, value in sorted(named)
    ]
    writes.insert(IDENTIFIER_TABLE, IDENTIFIER_COLUMNS, rows, on_conflict="DO NOTHING")
    keys = [lookup_key(value) for _, kind, value in named if kind in UNSHARED_IDENTIFIER_KINDS]
    if keys:
        transaction.on_commit(partial(make_due_who_share, keys, but=facts.keys(), now=now))
