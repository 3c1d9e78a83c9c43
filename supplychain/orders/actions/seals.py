"""Checking the hash chain of an order's events (21 CFR 11.10(a): discern altered records)."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.orders.rules.events import chain_hash, content_hash


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """The first event of an order that does not fit; `event_id` None: the newest event is missing."""

    order_id: UUID
    coi: str
    position: int
    event_id: UUID | None
    reason: str


def broken_links(order_ids: list[UUID] | None = None) -> Iterator[BrokenLink]:
    """The first broken link of every order (of all, or of `order_ids`) whose chain does not hold."""
    orders = PatientOrder.objects.order_by("id")
    if order_ids is not None:
        orders = orders.filter(pk__in=order_ids)
    for order in orders.only("coi", "version", "chain_head").iterator(chunk_size=500):
        if broken := _first_broken_link(order):
            yield broken


def _first_broken_link(order: PatientOrder) -> BrokenLink | None:
    previous, position = "", 0
    for position, event in enumerate(StatusEvent.objects.filter(order=order).order_by("position"), start=1):
        if reason := _problem(event, position, previous):
            return BrokenLink(order.pk, order.coi, position, event.pk, reason)
        previous = event.hash
    if (order.version, order.chain_head) != (position, previous):
        seen = order.version
        order.refresh_from_db(fields=["version", "chain_head"])
        if order.version != seen:
            return _first_broken_link(order)  # an event came in between
        reason = f"the order counts {order.version} events, the chain ends after {position}"
        return BrokenLink(order.pk, order.coi, position + 1, None, reason)
    return None


def _problem(event: StatusEvent, position: int, previous: str) -> str:
    if event.position != position:
        return f"event {position} is missing"
    content = content_hash(
        event.order_id,
        attempt=event.attempt,
        kind=event.kind,
        stage=event.stage,
        occurred_at=event.occurred_at,
        resource=event.resource,
        payload=event.payload,
    )
    if content != event.content_hash:
        return "what was said has been altered"
    link = chain_hash(
        previous,
        event_id=event.pk,
        reporter=str(event.source_id or event.user_id),
        source_event_id=event.source_event_id,
        recorded_at=event.recorded_at,
        content=content,
    )
    return "" if link == event.hash else "who said it, when we heard it or its place has been altered"
