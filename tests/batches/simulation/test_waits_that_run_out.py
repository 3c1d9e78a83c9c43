"""A permitted wait that no start ends: the pool never opens, the order is lost while it waits, the attempt ends."""

import pytest

from batches.simulation.rules.network import RUNNING, OrderAhead, Visit
from tests.batches.simulation.lines import always, futures_of, through_a_suite

HOURS = [always(10), always(0)]
CLOSED = [(-500.0, 2), (-5.0, 0)]


@pytest.mark.parametrize(
    ("steps", "horizon"),
    [(CLOSED, 9_600.0), ([*CLOSED, (9_000.0, 2)], 800.0)],
    ids=["no date", "opens after the horizon"],
)
def test_a_wait_for_a_pool_that_does_not_open_runs_out_in_every_future(steps, horizon):
    found = futures_of([through_a_suite(1, longest_wait=48.0)], steps, HOURS, paths=7, horizon=horizon)
    assert (list(found.expired), list(found.expired_visits)) == ([7], [7, 0])
    assert list(found.left_waiting) == [7, 0]


def test_a_wait_that_may_last_longer_than_is_looked_ahead_has_not_run_out():
    found = futures_of([through_a_suite(1, longest_wait=900.0)], CLOSED, HOURS, horizon=800.0)
    assert (list(found.expired), list(found.left_waiting)) == ([0], [1, 0])


def test_a_pool_that_opens_in_time_lets_nothing_run_out():
    found = futures_of([through_a_suite(1, longest_wait=48.0)], [*CLOSED, (47.0, 1)], HOURS)
    assert (list(found.expired), list(found.left_waiting), found.ready[0, 0]) == ([0], [0, 0], 57)


def lost_after(hours: float) -> list[OrderAhead]:
    """An order that waits for a place, permitted 48 h, while a test beside it ends the order after so many hours."""
    visits = (
        Visit("suite", 0, pool=0, longest_wait=48.0),
        Visit("test", 2, withdrawn=1.0),
        Visit("infusion", 1, (0, 1)),
    )
    return [OrderAhead(1, visits, exit=2)]


@pytest.mark.parametrize(("hours", "count"), [(60.0, 1), (48.0, 0), (20.0, 0)])
def test_who_is_lost_while_waiting_has_run_out_if_the_limit_came_first(hours, count):
    found = futures_of(lost_after(hours), CLOSED, [*HOURS, always(hours)])
    assert list(found.expired_visits) == [count, 0, 0]


@pytest.mark.parametrize(("hours", "count"), [(60.0, 1), (20.0, 0)])
def test_a_failure_beside_it_does_not_undo_a_wait_that_ran_out(hours, count):
    """The failed test opens both anew; what was waited in the first attempt counts."""
    visits = (
        Visit("suite", 0, pool=0, longest_wait=48.0),
        Visit("test", 2, fails=1.0, reopens=(0, 1, 2)),
        Visit("infusion", 1, (0, 1)),
    )
    found = futures_of([OrderAhead(1, visits, exit=2, attempts_left=1)], CLOSED, [*HOURS, always(hours)])
    assert list(found.expired_visits) == [count, 0, 0]


def test_in_a_new_attempt_only_the_first_stage_takes_up_stored_cells():
    """Making fails once and is made again; the wait before the second pool, always 90 h, is limited both times.

    Another order holds the only place of that pool until 100 h; the new attempt reaches it at 20 h.
    """
    holds = OrderAhead(1, (Visit("lane", 2, pool=0, state=RUNNING), Visit("infusion", 1, (0,))), exit=1)
    making = Visit("making", 0, fails=0.5, reopens=(0, 1, 2), longest_wait=1.0)
    visits = (making, Visit("lane", 0, (0,), pool=0, longest_wait=24.0), Visit("infusion", 1, (1,)))
    order = OrderAhead(2, visits, exit=2, attempts_left=1)
    found = futures_of([holds, order], [(-500.0, 1)], [*HOURS, always(100)], paths=400)
    lost = int((found.ready[1] != found.ready[1]).sum())
    assert lost > 50
    assert found.expired[1] == 400 - lost
    assert list(found.expired_visits[2:]) == [0, 400 - lost, 0]


def test_a_stage_beside_the_failed_one_keeps_its_limit():
    """The failed test is done again alone; the wait for the suite is still the first one."""
    visits = (
        Visit("suite", 0, pool=0, longest_wait=48.0),
        Visit("test", 0, fails=1.0, reopens=(1, 2)),
        Visit("infusion", 1, (0, 1)),
    )
    found = futures_of([OrderAhead(1, visits, exit=2, attempts_left=9)], [(0.0, 0), (60.0, 1)], HOURS)
    assert list(found.expired_visits) == [1, 0, 0]
