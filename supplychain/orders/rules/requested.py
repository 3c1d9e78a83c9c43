"""What a request for an order says that is kept, and by what its order is to be known."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from supplychain.identifiers.statuses import IdentifierKind
from supplychain.moments import written
from supplychain.orders.rules.placing import OrderRequest

KEPT = ("product", "patient_reference", "ordering_site", "plant", "collection_site", "infusion_site", "flow",
        "coi", "coi_issuer", "hospital_order_number", "priority_reason", "promise_reason", "twin_reason")  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """An order and whether this call created it (else it was known by its event id)."""

    order_id: UUID
    coi: str
    created: bool


class IssuedNumbers(NamedTuple):
    """The numbers of an order of which each is one order's: chain of identity and hospital order number, by issuer."""

    coi: str
    coi_issuer: str
    hospital_order_number: str
    ordering_site: str

    def named(self) -> Iterator[tuple[IdentifierKind, str, str]]:
        """Kind, issuer and value of those there are."""
        if self.coi:
            yield IdentifierKind.COI, self.coi_issuer, self.coi
        if self.hospital_order_number:
            yield IdentifierKind.HOSPITAL_ORDER, self.ordering_site, self.hospital_order_number


def request_payload(request: OrderRequest) -> dict[str, Any]:
    """What the first event keeps of the request: all of it but the moment and id that the event has itself."""
    said: dict[str, Any] = {name: getattr(request, name) for name in KEPT if getattr(request, name)}
    for name in ("promised_at", "ordered_at"):
        if moment := getattr(request, name):
            said[name] = written(moment)
    return said | {"priority": request.priority.value}
