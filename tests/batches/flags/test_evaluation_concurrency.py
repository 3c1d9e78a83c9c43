"""Any number of workers judge at once: each order once, nothing raised twice, nobody waits for anybody."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from batches.flags.actions.evaluation import evaluate_due_orders
from batches.flags.models import Flag, FlagChange
from batches.flags.statuses import FlagChangeKind
from batches.forecasts.models import Forecast
from batches.judgement.queries import claim_due_orders
from batches.judgement.statuses import FlagCode
from supplychain.orders.models import PatientOrder
from tests.batches.lines.builders import PoolWorld
from tests.supplychain.builders import at

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS, ORDERS = 4, 40


def work(barrier: Barrier) -> int:
    """What a worker does: claim after claim until nothing is due."""
    try:
        barrier.wait(10)
        done = 0
        while claimed := evaluate_due_orders(now=at(44), limit=3).claimed:
            done += claimed
        return done
    finally:
        connection.close()


def test_workers_share_the_orders_out_and_raise_each_flag_once():
    world = PoolWorld()
    for _ in range(ORDERS):
        world.arrived(20)
    barrier = Barrier(WORKERS)

    with ThreadPoolExecutor(WORKERS) as pool:
        done = list(pool.map(work, [barrier] * WORKERS))

    # A worker ends at the first claim that finds nothing free; what another still held is that one's work.
    assert sum(done) == ORDERS
    assert FlagChange.objects.filter(kind=FlagChangeKind.RAISED).count() == ORDERS
    assert list(Flag.objects.values_list("code", flat=True).distinct()) == [FlagCode.HOLD_EXPIRING]
    assert Forecast.objects.count() == ORDERS


def test_an_order_in_other_hands_is_left_alone_and_taken_later():
    world = PoolWorld()
    held, free = world.arrived(20), world.arrived(21)

    def evaluate_elsewhere() -> int:
        try:
            return evaluate_due_orders(now=at(46)).claimed
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert [row.id for row in claim_due_orders(now=at(46), limit=1)] == [held.pk]
            assert pool.submit(evaluate_elsewhere).result(10) == 1
        assert pool.submit(evaluate_elsewhere).result(10) == 1

    assert set(Flag.objects.values_list("order_id", flat=True)) == {held.pk, free.pk}


def test_an_event_that_comes_during_a_claim_makes_the_order_due_again():
    world = PoolWorld()
    order = world.arrived(20)

    def report() -> None:
        try:
            world.tell(order, ("selection", "started", 45))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            evaluate_due_orders(now=at(44))
            recording = pool.submit(report)  # waits for the row
        recording.result(10)

    assert PatientOrder.objects.get(pk=order.pk).evaluate_after == at(45)
    evaluate_due_orders(now=at(45))
    assert list(Flag.objects.filter(cleared_at=None)) == []
