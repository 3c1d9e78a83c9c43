"""What was heard of is judged first, whatever else is due; the rest goes on beside it."""

import pytest
from django.db import connection

from supplychain.orders.actions import due as due_orders
from supplychain.orders.actions.due import claim_due, make_due
from supplychain.orders.models import DueMark, PatientOrder
from tests.batches.judging import evaluate
from tests.batches.lines.builders import PoolWorld
from tests.supplychain.builders import at
from tests.supplychain.due_orders import due_by_time, due_moments, nothing_due

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(monkeypatch) -> PoolWorld:
    monkeypatch.setattr(due_orders, "MOST_HEARD", 3)
    monkeypatch.setattr(due_orders, "MOST_OTHERS", 4)
    monkeypatch.setattr(due_orders, "MOST_BESIDE_NEWS", 1)
    return PoolWorld()


def backlog(world: PoolWorld, number: int) -> list[PatientOrder]:
    """Orders that are all late by the clock, one after the other."""
    orders = [world.order() for _ in range(number)]
    for later, order in enumerate(orders):
        due_by_time([order], at(1 + later / 100))
    return orders


def woken_one_by_one(world: PoolWorld, number: int) -> list[PatientOrder]:
    """Orders that a neighbour made due, one after the other."""
    orders = [world.order() for _ in range(number)]
    nothing_due(orders)
    for later, order in enumerate(orders):
        make_due([order.pk], now=at(2 + later / 100))
    return orders


def test_news_goes_before_everything_that_has_waited_longer(world):
    late = backlog(world, 8)
    woken = woken_one_by_one(world, 3)
    world.tell(late[5], ("collection", "started", 5))
    claimed = claim_due(now=at(6))
    # One of each kind beside it, so that a flood of news silences no clock.
    assert claimed == {late[5].pk: True, late[0].pk: False, woken[0].pk: False}


def test_so_many_of_each_kind_at_most(world):
    late, woken = backlog(world, 6), woken_one_by_one(world, 6)
    assert set(claim_due(now=at(3))) == {order.pk for order in (*late[:4], *woken[:4])}
    heard = [world.order() for _ in range(5)]
    assert list(claim_due(now=at(3)).values()).count(True) == 3
    assert {order.pk for order in heard[3:]} <= set(claim_due(now=at(3)))


def test_all_marks_of_a_claimed_order_are_done_with_and_those_of_others_stand(world, monkeypatch):
    order, other = world.order(), world.order()
    nothing_due()
    for hours in (5, 9, 90):
        make_due([order.pk, other.pk], now=at(hours))
    world.tell(order, ("collection", "started", 10))
    world.tell(order, ("collection", "completed", 11))
    monkeypatch.setattr(due_orders, "MOST_BESIDE_NEWS", 0)
    assert claim_due(now=at(1)) == {order.pk: True}
    assert set(DueMark.objects.values_list("order", flat=True)) == {other.pk}


def test_whoever_is_due_later_is_left(world):
    (order,) = backlog(world, 1)
    due_by_time([order], at(3))
    assert claim_due(now=at(2)) == {}
    make_due([order.pk], now=at(2.5))
    assert (claim_due(now=at(2)), claim_due(now=at(2.5))) == ({}, {order.pk: False})


def test_the_judgement_goes_on_until_nothing_is_due(world):
    backlog(world, 9)
    [world.order() for _ in range(7)]
    claimed = 0
    while done := evaluate(3).claimed:
        claimed += done
    assert claimed == 16
    assert all(moment > at(3) for moment in due_moments().values())


def test_the_judgement_writes_no_order(world):
    """Its row is left alone: no report waits for it, and no index of it moves."""
    order = world.arrived(20)
    before = written(order)
    assert evaluate(44).orders
    make_due([order.pk], now=at(45))
    assert written(order) == before


def written(order: PatientOrder) -> tuple:
    with connection.cursor() as cursor:
        cursor.execute("SELECT xmin::text, ctid::text FROM supplychain_patientorder WHERE id = %s", [order.pk])
        return cursor.fetchone()


def test_every_order_has_its_row_in_the_queue_however_it_was_made(world):
    same = {name: getattr(world.order(), name) for name in ("product", "flow", "ordering_site", "collection_site",
            "infusion_site", "plant", "ordered_at")}  # fmt: skip
    made = PatientOrder.objects.create(coi="BY-HAND", patient_reference="pseudonym-9", **same)
    nothing_due()
    make_due([made.pk], now=at(1))
    assert claim_due(now=at(1)) == {made.pk: False}
