"""The long questions of a claim are asked only of orders that they may concern."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from batches.flags.queries.flags import readings_for
from batches.judgement.queries import Readings, orders_named
from supplychain.orders.models import PatientOrder
from tests.batches.lines.builders import PoolWorld

pytestmark = pytest.mark.django_db
SOUND, OTHER, ODD = "G123426654321", "G123426654322", "BAG-7"


def read(*orders: PatientOrder) -> tuple[Readings, int]:
    """What a claim reads of these orders, and in how many questions."""
    rows = orders_named([order.pk for order in orders])
    with CaptureQueriesContext(connection) as asked:
        return readings_for(rows), len(asked)


def donated(world: PoolWorld, number: str) -> PatientOrder:
    order = world.order()
    world.tell(order, ("collection", "completed", 9), payload={"donation_number": number})
    return order


def test_orders_as_they_should_be_are_read_in_as_many_questions_however_many():
    world = PoolWorld()
    one, other = donated(world, SOUND), donated(world, OTHER)
    _, few = read(one)
    readings, many = read(one, other)
    assert many == few
    assert [*readings.shared, *readings.donations, *readings.unentitled, *readings.doubts] == []


def test_of_a_number_in_doubt_and_of_one_that_is_shared_more_is_asked():
    world = PoolWorld()
    sound, odd = donated(world, SOUND), donated(world, ODD)
    _, usual = read(sound)
    readings, asked = read(sound, odd)
    assert (list(readings.donations), asked) == ([odd.pk], usual + 1)
    twin = donated(world, SOUND)
    readings, asked = read(sound, twin)  # one more: what was decided of the others
    assert ({*readings.shared}, asked) == ({sound.pk, twin.pk}, usual + 2)
