"""A scanned code is known only if every number in it is: what is left over may be another patient's label."""

import pytest
from django.urls import reverse

from dashboards.orders.queries.search import find_exact
from supplychain.identifiers.rules.codes import read_code
from supplychain.orders.queries import orders_read
from supplychain.pages.viewers import Viewer
from tests.dashboards.builders import TowerWorld, browser_of

pytestmark = pytest.mark.django_db
BOTH = "(10)LOT-7(21)CO-1"


@pytest.fixture
def world() -> TowerWorld:
    world = TowerWorld()
    world.mine, world.other = world.order(coi="CO-1"), world.order(coi="CO-2", patient_reference="pseudonym-2")
    world.say(world.mine, "started", "selection", 2, payload={"batch_number": "LOT-7"})
    return world


def found(world: TowerWorld, code: str) -> list:
    by_scan = orders_read(read_code(code), [world.plant.pk])
    assert set(find_exact(Viewer.of(world.operations), code)) == by_scan
    return sorted(order.coi for order in (world.mine, world.other) if order.pk in by_scan)


@pytest.mark.parametrize(
    ("code", "orders"),
    [
        (BOTH, ["CO-1"]),
        ("(21)CO-1(10)LOT-7", ["CO-1"]),
        ("]C110LOT-7\x1d21CO-1", ["CO-1"]),
        ("(10)LOT-7", ["CO-1"]),
        ("(10)LOT-8(21)CO-1", []),
        ("(10)LOT-7(21)CO-9", []),
        ("(10)LOT-7(21)CO-1(400)H-404", []),
        ("]C110LOT-8\x1d21CO-1", []),
        ("(10)LOT-7(21)CO-2", ["CO-1", "CO-2"]),
        ("(17)271231(10)LOT-7", ["CO-1"]),
        ("CO-1", ["CO-1"]),
        ("LOT-7", ["CO-1"]),
    ],
)
def test_every_field_must_name_the_order(world, code, orders):
    assert found(world, code) == orders


def test_the_page_says_that_a_number_is_left_over(world):
    client = browser_of(world.operations)
    for answer in (
        client.get(reverse("find_order"), {"code": "(10)LOT-8(21)CO-1"}),
        client.post(reverse("operations"), {"code": "(10)LOT-8(21)CO-1"}),
    ):
        assert "It holds 2 numbers, and not every one is known here" in answer.content.decode()
