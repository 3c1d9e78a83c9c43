"""A plant that packs cells into shippers, and what was packed and unpacked of an order."""

from supplychain.flows.models import Stage
from supplychain.flows.queries import flow_plan
from supplychain.orders.actions.events import ReportResult, record_event
from supplychain.orders.models import PatientOrder
from supplychain.orders.statuses import ReportOutcome
from supplychain.people.statuses import Role
from supplychain.transport.models import Shipment
from tests.batches.flags.interlocked import InterlockWorld, told
from tests.supplychain.builders import at, make_user, report
from tests.supplychain.transport.test_shippers import make_shipper

PACKED, UNPACKED = "shipment_packed", "shipment_unpacked"
COLD = {"name": "Refrigerated", "from": 2, "to": 8, "limits": [{"at_least": 15}]}
BAG = {"code": "bag", "text": "Chain of identity on the bag", "kind": "yes_no", "required": True, "critical": True,
       "expected": True}  # fmt: skip
ICE = {"code": "ice_kg", "text": "Ice", "kind": "number", "unit": "kg", "at_least": 2}
BOX = {"coldest": 2, "warmest": 8, "hold_hours": 48}
WELL = {"packaging": "intact", "seal": "matches"}


def packing_world() -> InterlockWorld:
    """Its flow says how cells are kept and packed on their way to the plant; `box`: a shipper for them.

    Whoever makes it clears the cache of `flow_plan` afterwards.
    """
    world = InterlockWorld()
    Stage.objects.filter(flow=world.flow, code="inbound").update(storage=COLD, packing=[BAG, ICE], unpacking=[BAG])
    flow_plan.cache_clear()
    world.coordinator = make_user("kari", world.oslo, role=Role.SITE_COORDINATOR)
    world.box = make_shipper(world.plant, "BOX-7", **BOX)
    return world


def collected(world: InterlockWorld) -> PatientOrder:
    """An order whose cells wait to be packed."""
    order = world.order()
    told(world, order, ("started", "collection", 1), ("completed", "collection", 5))
    return order


def packed(world: InterlockWorld, order: PatientOrder, hours: float = 6, key: str = "", **payload) -> ReportResult:
    """Packed into shipper BOX-7, unless `payload` says otherwise; `key`: id of the report."""
    row = report(order, PACKED, "inbound", hours, payload={"shipper_number": "box-7"} | payload)
    row |= {"source_event_id": key or f"{order.pk}-packed-{hours}"}
    return record_event(row, by=world.reporter, now=at(400))


def unpacked(world: InterlockWorld, order: PatientOrder, hours: float = 31, **payload) -> ReportResult:
    """Unpacked as it was sent, unless `payload` says otherwise."""
    row = report(order, UNPACKED, "inbound", hours, payload=WELL | payload)
    row |= {"source_event_id": f"{order.pk}-unpacked-{hours}"}
    return record_event(row, by=world.reporter, now=at(400))


def shipment(order: PatientOrder) -> Shipment:
    """Its shipment to the plant."""
    return Shipment.objects.get(stage_run__order=order, stage_run__stage__code="inbound")


def amiss(order: PatientOrder) -> list[str]:
    """Codes of what is amiss with it."""
    return [code for code, _, _ in shipment(order).packaging_faults]


def booked(world: InterlockWorld, order: PatientOrder, hours: float, *, until: float, **payload) -> None:
    """Booked for hour 12 until another."""
    said = {"planned_start_at": at(12).isoformat(), "planned_end_at": at(until).isoformat()} | payload
    row = report(order, "scheduled", "inbound", hours, payload=said)
    assert record_event(row, by=world.reporter, now=at(400)).outcome == ReportOutcome.CREATED
