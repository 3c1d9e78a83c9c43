"""Reports of materials, as a plant's system sends them."""

from typing import Any

from supplychain.orders.actions.events import record_event
from supplychain.orders.actions.replies import ReportResult
from supplychain.orders.models import PatientOrder
from tests.supplychain.builders import World, at, report


def material(
    order: PatientOrder, number: str, kind: str = "final_bag", hours: float = 10, **more: Any
) -> dict[str, Any]:
    """That there is a material."""
    payload = {"number": number, "kind": kind} | more
    return report(order, "material", hours=hours, payload=payload) | {"source_event_id": f"{order.pk}-{number}-{hours}"}


def status(order: PatientOrder, number: str, said: str, hours: float = 20, **more: Any) -> dict[str, Any]:
    """What became of it."""
    payload = (
        {"number": number, "status": said} | ({"reason": "Because of a test."} if said != "released" else {}) | more
    )
    row = report(order, "material_is", hours=hours, payload=payload)
    return row | {"source_event_id": f"{order.pk}-{number}-{said}-{hours}"}


def lot_used(order: PatientOrder, lot: str, number: str = "", hours: float = 12, **more: Any) -> dict[str, Any]:
    """That a lot went into it."""
    into = {"number": number} if number else {"stage": "selection"}
    payload = {"kind": "vector", "product": "Lenti CD19", "lot": lot} | into | more
    row = report(order, "lot_used", hours=hours, payload=payload)
    return row | {"source_event_id": f"{order.pk}-{lot}-{number}-{hours}"}


def tell(world: World, *rows: dict[str, Any], hours: float = 100) -> list[ReportResult]:
    """Have the world's system say them, one after the other."""
    return [record_event(row, by=world.reporter, now=at(hours)) for row in rows]
