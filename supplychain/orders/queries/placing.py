"""What whoever placed an order is told of it."""

from uuid import UUID

from supplychain.identifiers.rules.characters import lookup_key
from supplychain.identifiers.statuses import IdentifierKind
from supplychain.orders.models import Identifier, PatientOrder

COI_TWICE = (
    "Another open order of this plant bears the chain of identity {coi}, which another site issued. Both orders are "
    "flagged as critical (identity_shared), which stops work on their cells until quality assurance decides: cancel "
    "this one and place it with another number, before cells are collected."
)


def placing_warnings(order_id: UUID) -> list[str]:
    """What whoever placed an order is told of it beside that it is taken; two queries."""
    order = PatientOrder.objects.get(pk=order_id)
    named = Identifier.objects.filter(kind=IdentifierKind.COI, key=lookup_key(order.coi)).exclude(order=order_id)
    others = PatientOrder.objects.open().filter(plant=order.plant_id, pk__in=named.values("order"))
    return [COI_TWICE.format(coi=order.coi)] if others.exists() else []
