"""What the tests beside share: an inbox."""

from django.urls import reverse

from batches.notifications.actions.notifications import tell_due_flips
from tests.dashboards.builders import (
    TowerWorld,
    browser_of,
    raise_flag,
)
from tests.supplychain.builders import at


def told(world: TowerWorld, number: int = 1, **given) -> None:
    """An order with a flag that people were told of."""
    raise_flag(world.order(coi=f"CO-{number}"), **given)
    tell_due_flips(now=at(10))


def page(person, name: str = "inbox", query: str = "") -> str:
    return browser_of(person).get(reverse(name) + query).content.decode()
