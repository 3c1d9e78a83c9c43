"""Any number of workers judge at once: each order once, nothing raised twice, nobody waits for anybody."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from batches.flags.actions import evaluation
from batches.flags.actions.evaluation import claim_due_orders, evaluate_due_orders
from batches.flags.models import Flag, FlagChange
from batches.flags.statuses import FlagChangeKind
from batches.forecasts.models import Forecast
from batches.judgement.statuses import FlagCode
from supplychain.orders.actions.due import make_due_in_turns
from tests.batches.lines.builders import PoolWorld
from tests.supplychain.builders import at
from tests.supplychain.due_orders import due_moment, due_moments, nothing_due

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
            transaction.set_rollback(True)  # it was never judged
        assert pool.submit(evaluate_elsewhere).result(10) == 1

    assert set(Flag.objects.values_list("order_id", flat=True)) == {held.pk, free.pk}


def elsewhere(deed: Callable[[], Any]) -> Any:
    """What a connection of its own makes of it, which waits for no row for longer than a moment."""

    def done() -> Any:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '100ms'")
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(done).result(30)


def test_an_event_that_comes_during_a_claim_waits_for_nothing_and_makes_the_order_due_again():
    world = PoolWorld()
    order = world.arrived(20)
    with transaction.atomic():
        assert evaluate_due_orders(now=at(44)).claimed == 1
        elsewhere(lambda: world.tell(order, ("selection", "started", 45)))
        assert elsewhere(lambda: evaluate_due_orders(now=at(45)).claimed) == 0, "one judges an order at a time"

    assert due_moment(order) == at(45)
    assert evaluate_due_orders(now=at(45)).pools, "it is judged as one of which something was heard"
    assert list(Flag.objects.filter(cleared_at=None)) == []


def test_a_neighbour_who_marks_an_order_during_its_judgement_waits_for_nothing_and_is_heard():
    world = PoolWorld()
    order = world.arrived(20)
    with transaction.atomic():
        evaluate_due_orders(now=at(20))
        assert elsewhere(lambda: make_due_in_turns([order.pk], now=at(21))) == 1
    assert due_moment(order) == at(21)
    assert evaluate_due_orders(now=at(21)).claimed == 1


def test_a_review_that_has_marked_many_orders_and_is_not_done_keeps_neither_reports_nor_claims():
    world = PoolWorld()
    orders = [world.arrived(20) for _ in range(6)]
    nothing_due()
    with transaction.atomic():
        assert make_due_in_turns([order.pk for order in orders], now=at(20)) == 6
        elsewhere(lambda: world.tell(orders[3], ("selection", "started", 21)))
        assert elsewhere(lambda: evaluate_due_orders(now=at(22)).claimed) == 1
    assert evaluate_due_orders(now=at(22)).claimed == 6, "what the review marked is due once it is done"


def test_a_claim_that_breaks_off_leaves_all_that_was_due():
    world = PoolWorld()
    orders = [world.arrived(20) for _ in range(3)]
    before = due_moments()
    with transaction.atomic():
        assert evaluate_due_orders(now=at(44)).claimed == 3
        transaction.set_rollback(True)
    assert due_moments() == before
    assert {order.pk for order in orders} == before.keys()


def test_what_is_recorded_between_two_readings_of_an_order_is_read_whole(monkeypatch):
    """Its row is read, then an event moves it, then its runs are read: a verdict on that would be of no moment."""
    world = PoolWorld()
    order = world.arrived(20)
    readings, told = evaluation.readings_for, []

    def readings_after_an_event(rows):
        if not told:
            told.append(elsewhere(lambda: world.tell(order, ("", "cancelled", 43))))
        return readings(rows)

    monkeypatch.setattr(evaluation, "readings_for", readings_after_an_event)
    evaluate_due_orders(now=at(44))
    raised = list(Flag.objects.values_list("code", flat=True))
    assert raised == [FlagCode.CELLS_UNDECIDED], "nobody was alarmed of an order that was still open"
    assert evaluate_due_orders(now=at(44)).claimed == 1, "and its news stand"
