"""Signatures beside the record as it is now."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import NamedTuple
from uuid import UUID

from supplychain.audit.models import Signature
from supplychain.audit.statuses import SignatureState
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.orders.rules.events import content_hash
from supplychain.orders.rules.signing import BEARS_ON_SIGNED, BearingReport, SignedVersion, state_of


class ShownSignature(NamedTuple):
    """A signature, and whether what it was given for still stands, unaltered."""

    signature: Signature
    state: SignatureState

    @property
    def holds(self) -> bool:
        """Whether the signed report is unaltered, and still counts."""
        return self.state == SignatureState.HOLDS


def signatures_of(order: PatientOrder) -> dict[UUID, ShownSignature]:
    """The signatures of an order by the event under which each stands; two queries."""
    rows = Signature.objects.filter(order=order).select_related("event")
    return {row.event_id: _shown(row, row.event, order, _bearing(order)) for row in rows}


def signature_under(event: StatusEvent, order: PatientOrder) -> ShownSignature | None:
    """The signature under an event that was read with it; None: it is not signed. One query for all of an order."""
    signature = getattr(event, "signature", None)
    return _shown(signature, event, order, _bearing(order)) if signature else None


def shown_signatures(rows: Iterable[Signature]) -> list[ShownSignature]:
    """Signatures that were read with their events and orders, beside these as they are stored; one query."""
    rows = list(rows)
    others = bearing_on({row.order_id for row in rows})
    return [_shown(row, row.event, row.order, others[row.order_id]) for row in rows]


def bearing_on(order_ids: Collection[UUID]) -> dict[UUID, list[BearingReport]]:
    """By order, the reports that can make a signed one count no more."""
    found: dict[UUID, list[BearingReport]] = defaultdict(list)
    rows = StatusEvent.objects.filter(order__in=order_ids, kind__in=BEARS_ON_SIGNED)
    for order_id, *said in rows.values_list("order", "pk", "kind", "payload", "occurred_at", "position"):
        found[order_id].append(BearingReport(*said))
    return found


def _bearing(order: PatientOrder) -> list[BearingReport]:
    """The same of one order, read once for each time that it is read."""
    if order.bears_on_signed is None:
        order.bears_on_signed = bearing_on([order.pk])[order.pk]
    return order.bears_on_signed


def _shown(
    signature: Signature, event: StatusEvent, order: PatientOrder, others: Iterable[BearingReport]
) -> ShownSignature:
    own = {name: getattr(signature, name) for name in SignedVersion._fields if name not in ("content", "seal")}
    version = SignedVersion(content=_content(event), seal=event.hash, **own)
    said = BearingReport(event.pk, event.kind, event.payload, event.occurred_at, event.position)
    return ShownSignature(signature, state_of(version, signature.digest, said, others, order.withdrawn_events))


def _content(event: StatusEvent) -> str:
    return content_hash(
        event.order_id, attempt=event.attempt, kind=event.kind, stage=event.stage, occurred_at=event.occurred_at,
        resource=event.resource, payload=event.payload,
    )  # fmt: skip
