"""Touched pools come due at once but not too often; no crash, race or missing pool loses a review."""

import logging
from datetime import timedelta

import pghistory.models
import pytest

from batches.capacity.actions import create_suite, set_capacity
from batches.capacity.models import Pool, PoolCapacity, Suite
from batches.lines.actions import pools as pool_actions
from batches.lines.actions import touched_pools
from batches.lines.actions.pools import LEASE, review_due_pools
from batches.lines.actions.touched_pools import mark_pools_touched
from batches.lines.models import PoolState
from tests.batches.lines.builders import PoolWorld, due, hour, jam, state, touched
from tests.supplychain.builders import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> PoolWorld:
    return PoolWorld()


# When a pool is due


def test_a_touched_pool_is_due_at_once_but_not_more_often_than_the_pause(world):
    review_due_pools(now=hour(1))
    touched(world, "suite", hours=2)
    assert (due(world.suite), due(world.lane)) == (hour(2), hour(7))

    review_due_pools(now=hour(2))
    mark_pools_touched({(world.plant.pk, "suite")}, now=hour(2) + timedelta(seconds=1))
    assert due(world.suite) == hour(2) + timedelta(seconds=5)


def test_a_touch_never_puts_a_review_off(world):
    review_due_pools(now=hour(1))
    touched(world, "suite", hours=2)
    touched(world, "suite", hours=3)
    assert due(world.suite) == hour(2)


def test_the_pause_grows_with_the_load_but_stays_below_the_lease(world):
    for load, seconds in ((200, 6), (1_000_000, 15)):
        PoolState.objects.update(queue=load, reviewed_at=hour(1), review_after=None)
        touched(world, hours=1)
        assert due(world.suite) == hour(1) + timedelta(seconds=seconds)
    assert timedelta(seconds=15) < LEASE


def test_touching_many_pools_is_one_statement_that_also_makes_missing_states(world, django_assert_num_queries):
    PoolState.objects.filter(pool=world.lane).delete()
    with django_assert_num_queries(1):
        touched(world, hours=2)
    assert due(world.lane) == hour(2)


def test_touching_nothing_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        mark_pools_touched(set(), now=hour(0))


def test_a_pool_that_nobody_set_up_is_left_out_and_told_once(world, caplog, django_assert_num_queries):
    touched_pools._missing_told.clear()
    with caplog.at_level(logging.WARNING):
        touched(world, "suite", "courier", hours=2)
        with django_assert_num_queries(1):
            touched(world, "suite", "courier", hours=3)
    assert [record.getMessage() for record in caplog.records] == [
        f"Stages need the pool “courier” at site {world.plant.pk}, which is not set up: it is not judged."
    ]
    assert due(world.suite) == hour(0)


def test_nothing_due_is_three_questions(world, django_assert_num_queries):
    review_due_pools(now=hour(1))
    with django_assert_num_queries(5):  # savepoint, is anybody else claiming, is any due, release; whom waits concern
        assert review_due_pools(now=hour(1)) == set()


def test_an_unchanged_pool_wakes_no_screen(world):
    jam(world)
    assert review_due_pools(now=hour(10)) == {world.plant.pk}
    touched(world, hours=10.01)
    assert review_due_pools(now=hour(10.01)) == set()


# Many workers


def test_a_dead_workers_claim_comes_due_again(world, monkeypatch):
    monkeypatch.setattr(pool_actions, "_store", lambda *given: set())
    review_due_pools(now=hour(1))
    monkeypatch.undo()
    assert due(world.suite) == hour(1) + LEASE

    review_due_pools(now=hour(1) + LEASE)
    assert state(world.suite).reviewed_at == hour(1) + LEASE


def test_a_touch_during_a_review_is_not_lost(world, monkeypatch):
    read_pools = pool_actions.read_pools

    def read_and_touch(*given, **named):
        readings = read_pools(*given, **named)
        mark_pools_touched({(world.plant.pk, "suite")}, now=hour(1) + timedelta(seconds=1))
        return readings

    monkeypatch.setattr(pool_actions, "read_pools", read_and_touch)
    review_due_pools(now=hour(1))
    assert (due(world.suite), due(world.lane)) == (hour(1) + timedelta(seconds=5), hour(7))


def test_the_later_of_two_reviews_counts_whichever_writes_last(world, monkeypatch):
    jam(world)
    read_pools = pool_actions.read_pools

    def read_while_another_reviews(*given, **named):
        monkeypatch.undo()
        readings = read_pools(*given, **named)
        touched(world, hours=20)
        review_due_pools(now=hour(20))
        return readings

    monkeypatch.setattr(pool_actions, "read_pools", read_while_another_reviews)
    assert review_due_pools(now=hour(10)) == set()
    assert state(world.suite).reviewed_at == hour(20)


# Capacity


def test_setting_a_capacity_makes_the_pool_due_and_keeps_who_did_it(world):
    somebody = make_user("ann", world.plant)
    review_due_pools(now=hour(1))
    set_capacity(world.suite, places=4, starts_at=hour(2), by=somebody, now=hour(2))
    set_capacity(world.suite, places=5, starts_at=hour(2), by=somebody, now=hour(2))
    assert due(world.suite) == hour(2)
    assert list(PoolCapacity.objects.filter(pool=world.suite).values_list("places", flat=True)) == [1, 5]
    newest = pghistory.models.Events.objects.tracks(PoolCapacity.objects.get(starts_at=hour(2))).latest(
        "pgh_created_at"
    )
    assert newest.pgh_context == {"action": "set_capacity", "user": str(somebody.pk)}


def test_a_negative_capacity_is_refused(world):
    with pytest.raises(ValueError, match="give 0 or more"):
        set_capacity(world.suite, places=-1, starts_at=hour(2), by=None, now=hour(2))


def test_setting_up_the_same_pool_or_suite_again_changes_nothing(world):
    again = world.pool("suite", "Suites", 1)
    assert (again, Pool.objects.count(), PoolCapacity.objects.count()) == (world.suite, 2, 2)
    assert create_suite(again, code="S1", by=None) == create_suite(again, code="S1", by=None)
    assert Suite.objects.count() == 1
