"""Reports that came again with another content."""

from uuid import UUID

from supplychain.orders.models import EventConflict, PatientOrder


def conflicts_of(order: PatientOrder) -> dict[UUID, list[EventConflict]]:
    """By event, the reports that used its id and said something else."""
    conflicts: dict[UUID, list[EventConflict]] = {}
    for conflict in EventConflict.objects.filter(order=order).order_by("recorded_at"):
        conflicts.setdefault(conflict.event_id, []).append(conflict)
    return conflicts
