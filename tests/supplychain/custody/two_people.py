"""An order whose product asks for two people at some steps, and what is told and confirmed of it."""

import pytest

from supplychain.audit.refusals import Refused
from supplychain.flows.models import Stage
from supplychain.flows.queries import flow_plan
from supplychain.orders.actions.confirming import confirm_report
from supplychain.orders.actions.events import Reporter, record_events
from supplychain.people.statuses import Role
from tests.supplychain.builders import World, at, make_user, report


def two_people_world() -> World:
    """Its order (`case`) asks for two people at some steps; ana and ben are of its centre, pia of the plant."""
    world = World()
    ask(world, collection=["completed"], inbound=["started", "completed", "handed_over"], infusion=["started"])
    world.case = world.order()
    world.ana = make_user("ana", world.oslo, role=Role.SITE_COORDINATOR)
    world.ben = make_user("ben", world.oslo, role=Role.SITE_COORDINATOR)
    world.pia = make_user("pia", world.plant)
    return world


def ask(world: World, **two_people: list[str]) -> None:
    """At which reports of which stage the product asks for two people."""
    for code, kinds in two_people.items():
        Stage.objects.filter(flow=world.flow, code=code).update(two_people=kinds)
    flow_plan.cache_clear()


def tell(world: World, *rows: dict, by: Reporter | None = None, hours: float = 24) -> list:
    """Ids of these reports, which are all taken."""
    results = record_events(rows, by=by or world.reporter, now=at(hours))
    assert {one.outcome for one in results} == {"created"}, [one.refusal for one in results]
    return [one.event_id for one in results]


def collected(world: World, by=None, **more) -> str:
    """The end of the collection, by a person or the hospital's system; the id of the report."""
    row = report(world.case, "completed", "collection", 6, **more)
    return tell(world, row, by=Reporter.of_user(by) if by else None, hours=6)[0]


def gaps(world: World) -> list[str]:
    """The gap of each entry of custody."""
    return list(world.case.custody.values_list("gap", flat=True))


def confirm(world: World, event, by, hours: float = 6.1) -> None:
    """Confirmed as the second person."""
    confirm_report(world.case.pk, event, by=by, now=at(hours))


def refusal(world: World, event, by, hours: float = 6.1) -> str:
    """Why it may not be."""
    with pytest.raises(Refused) as refused:
        confirm(world, event, by, hours)
    return refused.value.errors["event"]
