"""Where “back” leads from an order: to the list that one came from, with its filters."""

import pytest
from django.urls import reverse

from tests.dashboards.builders import TowerWorld, browser_of

pytestmark = pytest.mark.django_db
HERE = "http://testserver"


def back(client, address: str, came_from: str) -> tuple[str, str]:
    return tuple(client.get(address, headers={"Referer": came_from} if came_from else {}).context["back"])


@pytest.mark.parametrize(
    ("came_from", "expected"),
    [
        ("", ("/", "Control tower")),
        (f"{HERE}/?plant=plant&page=2", ("/?plant=plant&page=2", "Control tower")),
        (f"{HERE}/orders/?flags=critical&sort=urgency", ("/orders/?flags=critical&sort=urgency", "Orders")),
        (f"{HERE}/inbox/?view=all", ("/inbox/?view=all", "Inbox")),
        (f"{HERE}/lines/plant/?weeks=4", ("/lines/plant/?weeks=4", "Line")),
        (f"{HERE}/operations/?order=1", ("/operations/?order=1", "Record")),
        (f"{HERE}/resources/courier/?name=X", ("/resources/courier/?name=X", "Suite, shipper or courier")),
        (f"{HERE}/profile/", ("/", "Control tower")),
        (f"{HERE}/nowhere/", ("/", "Control tower")),
        ("http://evil.example/orders/?q=x", ("/", "Control tower")),
        ("http://[broken", ("/", "Control tower")),
    ],
)
def test_back_leads_to_the_list_with_its_filters(came_from, expected):
    world = TowerWorld()
    address = reverse("order", args=[world.order().pk])
    assert back(browser_of(world.operations), address, came_from) == expected


def test_it_still_does_after_a_dialog_and_for_the_next_order():
    world = TowerWorld()
    client, addresses = browser_of(world.operations), [reverse("order", args=[world.order().pk]) for _ in range(2)]
    back(client, addresses[0], f"{HERE}/orders/?status=any")
    for came_from in (f"{HERE}{addresses[0]}", f"{HERE}/flags/x/acknowledge/", ""):
        assert back(client, addresses[1], came_from) == ("/orders/?status=any", "Orders")
