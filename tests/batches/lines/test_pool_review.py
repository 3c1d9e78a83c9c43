"""Due pools are reviewed together, lines judged, orders and screens told; at a cost that does not grow."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from batches.capacity.actions import set_capacity
from batches.capacity.models import Pool
from batches.flags.actions.evaluation import evaluate_due_orders
from batches.lines.actions import pools
from batches.lines.actions.pools import LEASE, review_due_pools
from batches.lines.actions.touched_pools import mark_pools_touched
from batches.lines.models import BottleneckPeriod, PoolState
from batches.lines.statuses import PoolCondition
from supplychain.orders.actions import due as due_orders
from supplychain.orders.models import StageRun
from tests.batches.lines.builders import PoolWorld, hour, jam, state, touched
from tests.supplychain.builders import make_site
from tests.supplychain.due_orders import due_moments, nothing_due

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> PoolWorld:
    return PoolWorld()


# What a review finds


def test_a_review_stores_how_the_pool_keeps_up(world):
    orders = [world.arrived(0), world.arrived(10), world.arrived(20)]
    world.tell(orders[0], ("selection", "started", 2), ("selection", "completed", 40))
    assert review_due_pools(now=hour(50)) == {world.plant.pk}

    found = state(world.suite)
    assert (found.condition, found.capacity, found.busy, found.queue) == (PoolCondition.FALLING_BEHIND, 1, 1, 2)
    assert (found.arrivals, found.completions, found.oldest_ready_at) == (3, 0, hour(10))
    assert (found.median_wait_hours, found.service_hours, found.expected_wait_hours) == (2, 24, 72)
    assert (found.pressed_share, found.window_hours) == (round(40 / 168, 2), 168)  # hours 10–50
    assert (found.reviewed_at, found.review_after) == (hour(50), hour(50) + timedelta(minutes=10))


def test_a_suite_stays_busy_from_selection_to_harvest(world):
    order = world.arrived(0)
    world.tell(order, ("selection", "started", 1), ("selection", "completed", 20))
    review_due_pools(now=hour(400))
    assert (state(world.suite).busy, state(world.suite).queue) == (1, 0)  # harvest could start for 380 hours

    world.tell(order, ("harvest", "started", 401), ("harvest", "completed", 410))
    touched(world, hours=411)
    review_due_pools(now=hour(411))
    assert (state(world.suite).busy, state(world.suite).completions) == (0, 1)
    assert state(world.lane).queue == 1


def test_cancelled_and_infused_orders_neither_hold_nor_wait(world):
    holding, waiting, infused = jam(world, 3)
    for order in (holding, waiting):
        world.tell(order, ("", "cancelled", 30))
    world.tell(infused, ("infusion", "completed", 31))
    review_due_pools(now=hour(40))
    found = state(world.suite)
    assert (found.busy, found.queue, found.completions, found.condition) == (0, 0, 1, PoolCondition.CLEAR)


def test_an_end_that_nobody_reported_frees_the_place_when_the_next_stage_starts(world):
    order = world.arrived(0)
    world.tell(order, ("selection", "started", 1), ("harvest", "started", 20), ("release", "started", 30))
    review_due_pools(now=hour(40))
    assert (state(world.suite).busy, state(world.suite).completions) == (0, 1)


def test_a_failed_attempt_frees_its_suite_and_the_next_one_queues_again(world):
    order = world.arrived(0)
    world.tell(order, ("selection", "started", 1), ("selection", "failed", 30))
    world.tell(order, ("selection", "scheduled", 31), attempt=2)
    review_due_pools(now=hour(40))
    found = state(world.suite)
    assert (found.busy, found.queue, found.completions, found.oldest_ready_at) == (0, 1, 1, hour(30))


def test_the_past_beyond_the_window_costs_and_counts_nothing(world):
    old = world.arrived(0)
    world.tell(old, ("selection", "started", 1), ("selection", "completed", 20), ("harvest", "completed", 30))
    review_due_pools(now=hour(1000))
    found = state(world.suite)
    assert (found.arrivals, found.completions, found.busy, found.median_wait_hours) == (0, 0, 0, None)
    assert found.review_after == hour(1000) + timedelta(hours=6)


# What follows from a review


def judged(hours: float) -> None:
    while evaluate_due_orders(now=hour(hours)).claimed:
        pass
    nothing_due()


def test_orders_at_risk_that_still_need_a_pool_are_judged_again_when_its_wait_changes(world):
    soon = {"promised_at": hour(60)}
    inside, *queueing = jam(world, **soon)
    ahead = world.order(**soon)
    elsewhere = world.order(plant=make_site("other", world.plant.kind).code, **soon)
    safe = world.arrived(0, promised_at=hour(9000))
    cancelled = world.arrived(0, **soon)
    world.tell(cancelled, ("", "cancelled", 5))
    judged(9)

    review_due_pools(now=hour(10))
    woken = due_moments()
    assert [woken[order.pk] for order in (*queueing, ahead)] == [hour(10)] * 4
    assert not woken.keys() & {order.pk for order in (inside, elsewhere, safe, cancelled)}

    judged(10)
    touched(world, hours=11)
    review_due_pools(now=hour(11))
    assert due_moments() == {}


def test_turns_are_counted_from_the_moment_of_writing(world, monkeypatch):
    """A review that takes eleven seconds would otherwise write thousands of orders that are late at once."""
    monkeypatch.setattr(due_orders, "DUE_A_SECOND", 1)
    orders = jam(world, promised_at=hour(60))
    judged(9)
    written_at = hour(10) + timedelta(seconds=11)
    review_due_pools(now=hour(10), clock=lambda: written_at)
    assert sorted(due_moments().values()) == [written_at + timedelta(seconds=turn) for turn in range(len(orders) - 1)]


def test_one_review_is_at_work_at_a_time_and_renews_its_lease(world, monkeypatch):
    """Nineteen seconds after it began it is still reading; another site's pool is due, and waits."""
    other = world.pool("other", "Others", 1, site=make_site("other", world.plant.kind))
    touched(world, "suite", hours=10)
    PoolState.objects.filter(pool=other).update(review_after=hour(30))
    late = hour(10) + timedelta(seconds=19)
    store, leases = pools._store, []

    def stored_late(*given) -> set:
        leases.append(state(world.suite).leased_until)
        PoolState.objects.filter(pool=other).update(review_after=hour(10))
        assert review_due_pools(now=late + timedelta(seconds=10)) == set()
        return store(*given)

    with monkeypatch.context() as patch:
        patch.setattr(pools, "_store", stored_late)
        review_due_pools(now=hour(10), clock=lambda: late)
    assert leases == [late + LEASE]
    assert state(other).reviewed_at is None
    review_due_pools(now=late)
    assert state(other).reviewed_at == late


def test_a_bottleneck_is_named_kept_up_and_ended_with_its_reasons(world):
    orders = jam(world)
    review_due_pools(now=hour(40))
    assert BottleneckPeriod.objects.count() == 0

    touched(world, hours=100)
    assert review_due_pools(now=hour(100)) == {world.plant.pk}
    period = BottleneckPeriod.objects.get()
    assert (period.line, period.pool, period.started_at, period.ended_at) == (world.plant, world.suite, hour(100), None)
    assert period.why == (
        "Suites: 1 of 1 busy, 3 waiting (oldest 4 d 4 h), nothing moves, full with a queue for 59 % of the last 7 days"
    )
    assert [pool["pool"] for pool in period.evidence["pools"]] == ["suite", "qc_lane"]

    touched(world, hours=130)
    review_due_pools(now=hour(130))
    period.refresh_from_db()
    assert (period.started_at, period.evidence["reviewed_at"]) == (hour(100), hour(130).isoformat())

    for order in orders:
        world.tell(order, ("", "cancelled", 131))
    touched(world, hours=270)
    assert review_due_pools(now=hour(270)) == {world.plant.pk}
    period.refresh_from_db()
    assert (period.ended_at, period.ended_why) == (
        hour(270), "Suites: full with a queue for 17 % of the last 7 days, less than 30 %",
    )  # fmt: skip


def test_the_bottleneck_moves_in_one_review_with_never_two_open(world):
    suites = jam(world, 3)
    review_due_pools(now=hour(100))
    assert BottleneckPeriod.objects.get().pool == world.suite

    set_capacity(world.lane, places=0, starts_at=hour(100), by=None, now=hour(100))
    set_capacity(world.suite, places=9, starts_at=hour(100), by=None, now=hour(100))
    for order in suites[1:]:
        world.tell(order, ("selection", "started", 101))
    for order in suites:
        world.tell(order, ("selection", "completed", 102), ("harvest", "completed", 103))
    touched(world, hours=240)
    review_due_pools(now=hour(240))

    first, second = BottleneckPeriod.objects.order_by("started_at")
    assert (first.pool, first.ended_at) == (world.suite, hour(240))
    why = "QC lanes hold up more: 17.1 days waited by all orders in the last 10 days, 8.5 for Suites"
    assert first.ended_why == why
    assert (second.pool, second.started_at, second.ended_at) == (world.lane, hour(240), None)


def test_a_treatment_centres_pool_is_reviewed_but_never_the_bottleneck_of_a_line(world):
    review_due_pools(now=hour(0))
    chair = world.pool("chair", "Chairs", 0, site=world.oslo)
    world.order()
    assert review_due_pools(now=hour(160)) == {world.oslo.pk}
    assert (state(chair).condition, state(chair).queue) == (PoolCondition.STUCK, 1)
    assert not BottleneckPeriod.objects.exists()


# Cost


def pools_at_work(world: PoolWorld, number: int) -> None:
    """As many pools with orders queueing in each, whose expected waits and bottleneck are about to be found."""
    for index in range(number):
        site = world.plant if index < 3 else make_site(f"plant-{index}", world.plant.kind)
        world.pool(f"pool-{index}", f"Pool {index}", 1, site=site)
        orders = [world.arrived(0) for _ in range(3)]
        runs = StageRun.objects.filter(order__in=orders, stage__code="selection")
        runs.update(site=site, pool=f"pool-{index}")
    nothing_due()


@pytest.mark.parametrize("pools", [1, 6])
def test_a_review_asks_as_often_for_six_pools_as_for_one(world, pools):
    PoolState.objects.all().delete()
    Pool.objects.all().delete()
    pools_at_work(world, pools)
    with (
        CaptureQueriesContext(
            connection,
        ) as asked,
        transaction.atomic(),
    ):
        review_due_pools(now=hour(100))
    statements = [query["sql"].split()[0] for query in asked if "SAVEPOINT" not in query["sql"]]
    # Alone, claim: 3. Visits, all made anew (8): the place in the feed, where it ends (2), none kept, the orders, their
    # runs, none gone, all written; the place moved. Capacities, stages, durations, visits, stays: 5. Lease renewed: 1.
    # States locked and written: 2. Who misses the promise, before anything is locked: 1. Periods: 2. Where the week
    # tells too little of which pool limits the line, the visits of four weeks: 1, however many pools. What was shown of
    # the lines is read and, being news, kept: 2. What verdicts on them are worth: 1. Whom the waits concern: 1.
    assert len(statements) == 27 + (pools > 1)
    assert PoolState.objects.filter(condition=PoolCondition.STUCK, queue=3).count() == pools
    touched_again = {(state.pool.site_id, state.pool.code) for state in PoolState.objects.select_related("pool")}
    mark_pools_touched(touched_again, now=hour(101))
    with CaptureQueriesContext(connection) as asked:
        review_due_pools(now=hour(101))
    # Visits go on (8); periods are read and renewed; the same is shown.
    assert len([query for query in asked if "SAVEPOINT" not in query["sql"]]) == 25 + (pools > 1)
