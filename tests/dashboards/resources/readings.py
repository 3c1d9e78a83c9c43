"""What the tests beside share: the pages of resources."""

import re

from django.urls import reverse

from supplychain.orders.models import PatientOrder
from tests.dashboards.builders import TowerWorld, browser_of
from tests.supplychain.builders import at


def ask(world: TowerWorld, kind: str, user=None, **query: str):
    return browser_of(user or world.operations).get(reverse("resource", args=[kind]), query)


def cois(uses) -> list[str]:
    return [use.order.coi for use in uses]


def shipped(world: TowerWorld, order: PatientOrder, courier: str, tracking: str) -> None:
    world.say(order, "started", "collection", 1)
    world.say(order, "completed", "collection", 4)
    world.say(order, "started", "inbound", 5, payload={"courier": courier, "tracking_number": tracking})


def ended(world: TowerWorld, tracking: str) -> PatientOrder:
    order = world.order()
    shipped(world, order, "Nordic Cryo", tracking)
    world.say(order, "cancelled", "", 6, payload={"reason": "The patient died"})
    return order


def planned(world: TowerWorld, courier: str) -> PatientOrder:
    """An order whose transport has a courier and no start."""
    order = world.order()
    plan = {"courier": courier, "planned_pickup_at": at(60).isoformat()}
    world.say(order, "scheduled", "inbound", 2, payload=plan)
    return order


def made_again(world: TowerWorld) -> PatientOrder:
    """An order whose cells a courier brought, whose first making failed in suite S-1 and whose second is in S-2."""
    order = world.order()
    shipped(world, order, "Nordic Cryo", "T-1")
    world.say(order, "completed", "inbound", 20)
    world.say(order, "started", "selection", 24, resource="S-1")
    world.say(order, "failed", "selection", 30, payload={"reason": "No growth"})
    world.say(order, "started", "selection", 40, attempt=2, resource="S-2")
    return order


def flat(page) -> str:
    return " ".join(re.sub(r"<i [^>]*></i> ", "", page.content.decode()).split())
