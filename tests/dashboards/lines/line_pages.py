"""What the tests beside share: pages of lines."""

from typing import Any

from django.urls import reverse

from supplychain.orders.models import PatientOrder
from tests.dashboards.builders import TowerWorld, browser_of
from tests.supplychain.builders import at

NOW = at(100)  # Friday 6 March 2026, 12:00 UTC


def waiting_order(world: TowerWorld, number: int = 1, hours: float = 40) -> PatientOrder:
    """An order that has waited for its selection since `hours`, four hours after it was sent."""
    order = world.order(coi=f"CO-{number}", patient_reference=f"pseudonym-{number}")
    world.say(order, "started", "collection", 1)
    world.say(order, "completed", "collection", 7)
    world.say(order, "started", "inbound", hours - 4)
    world.say(order, "completed", "inbound", hours)
    return order


def page_of(person: Any, name: str, *args: Any, **query: Any) -> Any:
    return browser_of(person).get(reverse(name, args=args), query)
