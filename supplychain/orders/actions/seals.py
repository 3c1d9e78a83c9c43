"""Checking the seal of an order's events: each carries a hash of the one before (21 CFR 11.10(a): altered records)."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.orders.rules.events import content_hash, seal_of


@dataclass(frozen=True, slots=True)
class BrokenSeal:
    """The first event of an order that does not fit; `event_id` None: the newest event is missing."""

    order_id: UUID
    coi: str
    position: int
    event_id: UUID | None
    reason: str


def broken_seals(order_ids: list[UUID] | None = None) -> Iterator[BrokenSeal]:
    """The first event that does not fit, of every order (of all, or of `order_ids`) whose seal is broken."""
    orders = PatientOrder.objects.order_by("id")
    if order_ids is not None:
        orders = orders.filter(pk__in=order_ids)
    for order in orders.only("coi", "version", "seal").iterator(chunk_size=500):
        if broken := _first_broken_seal(order):
            yield broken


def _first_broken_seal(order: PatientOrder) -> BrokenSeal | None:
    previous, position = "", 0
    for position, event in enumerate(StatusEvent.objects.filter(order=order).order_by("position"), start=1):
        if reason := _problem(event, position, previous):
            return BrokenSeal(order.pk, order.coi, position, event.pk, reason)
        previous = event.hash
    if (order.version, order.seal) != (position, previous):
        seen = order.version
        order.refresh_from_db(fields=["version", "seal"])
        if order.version != seen:
            return _first_broken_seal(order)  # an event came in between
        reason = f"the order counts {order.version} events, the seal ends after {position}"
        return BrokenSeal(order.pk, order.coi, position + 1, None, reason)
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
    link = seal_of(
        previous,
        event_id=event.pk,
        reporter=str(event.source_id or event.user_id),
        source_event_id=event.source_event_id,
        recorded_at=event.recorded_at,
        content=content,
        lacked_scope=event.lacked_scope,
    )
    return "" if link == event.hash else "who said it, when we heard it or its place has been altered"
