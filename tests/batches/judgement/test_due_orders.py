"""Orders that something else makes due come due in turns, so that news of an order is never behind thousands."""

from datetime import timedelta

import pytest

from supplychain.orders.actions import due as due_orders
from supplychain.orders.models import PatientOrder
from tests.batches.lines.builders import PoolWorld, hour
from tests.supplychain.due_orders import due_by_time, due_moments, nothing_due

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture
def world(monkeypatch) -> PoolWorld:
    monkeypatch.setattr(due_orders, "DUE_A_SECOND", 2)
    return PoolWorld()


def orders() -> list:
    return list(PatientOrder.objects.values_list("pk", flat=True))


def dues() -> list:
    return [moment for _, moment in sorted(due_moments().items())]


def test_so_many_a_second_come_due_in_the_order_of_their_ids(world):
    for _ in range(5):
        world.order()
    nothing_due()
    now = hour(5)
    assert due_orders.make_due_in_turns(orders(), now=now) == 5
    assert dues() == [now, now, now + SECOND, now + SECOND, now + 2 * SECOND]


def test_who_is_due_earlier_stays_so(world):
    for _ in range(3):
        world.order()
    now = hour(5)
    due_by_time(PatientOrder.objects.all(), now - SECOND)
    due_orders.make_due_in_turns(orders(), now=now)
    assert dues() == [now - SECOND] * 3
