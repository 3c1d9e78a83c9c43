"""Signatures beside the record as it is now."""

from typing import NamedTuple
from uuid import UUID

from supplychain.audit.models import Signature
from supplychain.audit.statuses import SignatureState
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.orders.rules.events import content_hash
from supplychain.orders.rules.signing import SignedVersion, state_of


class ShownSignature(NamedTuple):
    """A signature, and whether what it was given for still stands, unaltered."""

    signature: Signature
    state: SignatureState

    @property
    def holds(self) -> bool:
        """Whether the record is as it was signed."""
        return self.state == SignatureState.HOLDS


def signatures_of(order: PatientOrder) -> dict[UUID, ShownSignature]:
    """The signatures of an order by the event under which each stands; one query."""
    rows = Signature.objects.filter(order=order).select_related("event")
    return {row.event_id: shown_signature(row, row.event, order) for row in rows}


def signature_under(event: StatusEvent, order: PatientOrder) -> ShownSignature | None:
    """The signature under an event that was read with it; None: it is not signed. No query."""
    signature = getattr(event, "signature", None)
    return shown_signature(signature, event, order) if signature else None


def shown_signature(signature: Signature, event: StatusEvent, order: PatientOrder) -> ShownSignature:
    """The signature beside its event and order as they are stored; no query."""
    own = {name: getattr(signature, name) for name in SignedVersion._fields if name not in ("content", "seal")}
    version = SignedVersion(content=_content(event), seal=event.hash, **own)
    return ShownSignature(signature, state_of(version, signature.digest, order.withdrawn_events))


def _content(event: StatusEvent) -> str:
    return content_hash(
        event.order_id, attempt=event.attempt, kind=event.kind, stage=event.stage, occurred_at=event.occurred_at,
        resource=event.resource, payload=event.payload,
    )  # fmt: skip
