"""What the tests beside share: a plant with an operator and quality assurance, and what is told of its orders."""

from supplychain.orders.actions.events import record_event
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.people.statuses import Role
from tests.supplychain.builders import World, at, make_user, report


def the_world() -> World:
    world = World()
    world.operator = make_user("ola", world.plant)
    world.quality = make_user("quynh", world.plant, role=Role.QA)
    return world


def told(world: World, order: PatientOrder, kind: str, stage: str, hours: float, **more) -> StatusEvent:
    result = record_event(report(order, kind, stage, hours, **more), by=world.reporter, now=at(hours))
    return StatusEvent.objects.get(pk=result.event_id)
