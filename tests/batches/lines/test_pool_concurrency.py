"""Any number of workers may record, touch and review at once: nobody waits in a circle, one root is named."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from batches.lines.actions import pools
from batches.lines.actions.pools import review_due_pools
from batches.lines.actions.touched_pools import mark_pools_touched
from batches.lines.models import BottleneckPeriod, PoolState
from supplychain.orders.actions.due import claim_due, look_again
from supplychain.orders.actions.events import record_events
from supplychain.sql import Writes
from tests.batches.lines.builders import PoolWorld, hour, impatiently
from tests.supplychain.builders import report

ROUNDS = 12


def all_at_once(*jobs: Callable[[int], None]) -> None:
    """Run each job ROUNDS times in a thread of its own, all starting together; raises what any of them raised."""
    start = Barrier(len(jobs))

    def run(job: Callable[[int], None]) -> None:
        try:
            start.wait()
            for number in range(ROUNDS):
                job(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as threads:
        for future in [threads.submit(run, job) for job in jobs]:
            future.result()


@pytest.mark.django_db(transaction=True)
def test_recording_judging_and_reviewing_at_once_neither_deadlocks_nor_names_two_roots():
    world = PoolWorld(suites=1)
    orders = [world.arrived(0) for _ in range(6)]
    world.tell(orders[0], ("selection", "started", 1))
    suite = (world.plant.pk, "suite")

    def record(number: int) -> None:
        rows = [report(order, "note", "selection", 100 + number) for order in reversed(orders)]
        record_events(rows, by=world.reporter, now=hour(100 + number))

    def judge(number: int) -> None:
        # As evaluation does it: orders first, whichever are free, then the pools.
        with transaction.atomic():
            writes = Writes()
            look_again(writes, [(order_id, None) for order_id in claim_due(now=hour(300))])
            writes.run()
            mark_pools_touched({suite, (world.plant.pk, "qc_lane")}, now=hour(100 + number))

    def review(number: int) -> None:
        # Another wait each time, so that every review also wakes orders.
        PoolState.objects.filter(pool=world.suite).update(expected_wait_hours=6 * number)
        review_due_pools(now=hour(101 + number))

    all_at_once(record, judge, judge, review, review)

    mark_pools_touched({suite}, now=hour(200))
    review_due_pools(now=hour(200))
    assert list(BottleneckPeriod.objects.values_list("pool__code", "ended_at")) == [("suite", None)]
    assert PoolState.objects.get(pool=world.suite).queue == 5


@pytest.mark.parametrize("long", ["wake_beyond_limits", "orders_missing"])
@pytest.mark.django_db(transaction=True)
def test_no_judgement_waits_for_what_takes_long_in_a_review(long, monkeypatch):
    world = PoolWorld(suites=1)
    world.tell(world.arrived(0), ("selection", "started", 1))
    suite, done = (world.plant.pk, "suite"), getattr(pools, long)
    mark_pools_touched({suite}, now=hour(2))

    def judge_meanwhile(*given, **named):
        with ThreadPoolExecutor(1) as thread:
            thread.submit(impatiently, lambda: mark_pools_touched({suite}, now=hour(2))).result()
        return done(*given, **named)

    monkeypatch.setattr(pools, long, judge_meanwhile)
    review_due_pools(now=hour(3))
    assert PoolState.objects.get(pool=world.suite).reviewed_at == hour(3)
