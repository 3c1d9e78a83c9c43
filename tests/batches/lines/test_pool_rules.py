"""How a pool keeps up is a pure function of who held a place, who waited, and now."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batches.lines.rules.places import Wait, places_of
from batches.lines.rules.pools import NO_PLACES_WAIT_HOURS, PoolFacts, review_pool, round_wait
from batches.lines.statuses import PoolCondition
from tests.batches.lines.builders import facts, hour, place_run

NOW = hour(168)  # the window is T0 to NOW


# Counts


def test_the_counts_of_a_window():
    review = review_pool(
        facts(
            places=2,
            held=[(-300, -200), (-10, 20), (0, 60), (20, 100), (100, None)],
            waits=[(-300, -300), (-20, -10), (0, 0), (10, 20), (60, 100), (150, None), (160, None)],
        ),
        NOW,
    )
    assert (review.capacity, review.busy, review.queue) == (2, 1, 2)
    assert (review.arrivals, review.completions) == (4, 3)  # what happened at the window's very start lies before it
    assert review.oldest_ready_at == hour(150)
    assert review.median_wait_hours == 25  # of 10 and 40: the start at hour 0 is no longer in the window
    assert review.service_hours == 60  # of 30, 60 and 80
    assert review.waiting_hours == 10 + 40 + 18 + 8
    assert review.window_hours == 168


def test_too_few_completions_say_nothing_of_the_service():
    held = [(0, 10), (0, 10)]
    assert review_pool(facts(held=held, service=99), NOW).service_hours == 99
    assert review_pool(facts(held=[*held, (0, 12)], service=99), NOW).service_hours == 10


def test_without_a_wait_that_ended_there_is_no_median_wait():
    assert review_pool(facts(waits=[(100, None)]), NOW).median_wait_hours is None


def test_what_is_said_to_come_counts_when_it_comes():
    pool = facts(places=1, held=[(100, 180)], waits=[(170, None)])
    before = review_pool(pool, NOW)
    assert (before.busy, before.queue, before.completions) == (1, 0, 0)
    after = review_pool(pool, hour(180))
    assert (after.busy, after.queue, after.completions) == (0, 1, 1)


def test_who_is_booked_for_a_day_to_come_makes_no_pool_stuck_until_that_day():
    """Five appointments of next week in five free chairs: nobody waits for anybody."""
    waits = [Wait(hour(0), None, False, hour(250)) for _ in range(5)]
    pool = replace(facts(places=5), waits=waits)
    before = review_pool(pool, NOW)
    assert (before.condition, before.queue, before.oldest_ready_at) == (PoolCondition.CLEAR, 0, None)
    few = review_pool(replace(pool, steps=[(hour(-10_000), 2)]), NOW)
    assert few.condition == PoolCondition.CLEAR
    after = review_pool(pool, hour(250 + 97))  # patience: twice the usual service, from the day on
    assert (after.condition, after.queue, after.oldest_ready_at) == (PoolCondition.STUCK, 5, hour(250))


def test_who_is_reported_to_start_tomorrow_waits_for_nobody_nor_does_anybody_wait_for_those_who_are_booked():
    """Couriers, 3 of 6 places taken: two wait now, one starts tomorrow as reported, three are booked."""
    waits = [Wait(hour(150), None, False), Wait(hour(160), None, False)]
    (ahead,) = places_of([place_run(ready_at=140, started_at=190)])[1]
    waits += [ahead, *(Wait(hour(140), None, False, hour(200)) for _ in range(3))]
    pool = replace(facts(places=6, held=[(160, None)] * 3 + [(190, None)], service=12), waits=waits)
    now = review_pool(pool, NOW)
    assert (now.busy, now.queue, now.oldest_ready_at, now.expected_wait_hours) == (3, 2, hour(150), 0)
    assert now.next_at <= hour(190)
    later = review_pool(pool, hour(200))
    assert (later.busy, later.queue, later.oldest_ready_at) == (4, 5, hour(150))


# The share of the window under pressure


def test_pressed_is_the_exact_time_when_full_with_somebody_waiting():
    held = [(-5, 50), (10, 100), (60, None)]
    waits = [(0, 10), (20, 60), (90, None)]
    # Both places taken 10–50 and 60–100; somebody waiting 20–60 and from 90: together 20–50 and 90–100.
    assert review_pool(facts(places=2, held=held, waits=waits), NOW).pressed_share == pytest.approx(40 / 168)


def test_a_capacity_step_inside_the_window_counts_from_its_moment():
    pool = facts(steps=[(-100, 1), (84, 2)], held=[(0, None)], waits=[(0, None)])
    assert review_pool(pool, NOW).pressed_share == 0.5


def test_a_pool_set_up_today_is_not_taken_to_have_had_no_places_before():
    pool = facts(steps=[(167, 5)], held=[(0, 100)], waits=[(0, 160)])
    assert review_pool(pool, NOW).pressed_share == 0


def test_a_pool_yet_to_open_has_no_places():
    review = review_pool(facts(steps=[(200, 5)], waits=[(84, None)]), NOW)
    assert (review.capacity, review.pressed_share) == (0, 0.5)


# How it keeps up


def steady(queue_since: float, arrivals: int, completions: int, places: int = 1) -> PoolFacts:
    held = [(30 + n, 40 + n) for n in range(completions)] + [(100, None)] * places
    waits = [(queue_since, None)] + [(50, 60)] * (arrivals - (queue_since > 0))
    return facts(places=places, held=held, waits=waits, service=10)


@pytest.mark.parametrize(
    ("pool", "condition"),
    [
        (facts(places=1, held=[(0, None)]), PoolCondition.CLEAR),
        (facts(places=1, held=[(0, None)], waits=[(166, None)]), PoolCondition.CLEAR),
        (facts(places=1, held=[(100, None)], waits=[(160, None)]), PoolCondition.STEADY_BACKLOG),
        (facts(places=3, held=[(100, None)], waits=[(130, None)]), PoolCondition.CLEAR),
        (facts(places=0, waits=[(167.9, None)]), PoolCondition.STUCK),
        (facts(steps=[(0, 5), (160, 0)]), PoolCondition.CLOSED),
        (facts(steps=[]), PoolCondition.CLEAR),
        (steady(150, arrivals=9, completions=6), PoolCondition.FALLING_BEHIND),
        (steady(150, arrivals=6, completions=9), PoolCondition.CATCHING_UP),
        (steady(150, arrivals=8, completions=6), PoolCondition.STEADY_BACKLOG),
        (steady(150, arrivals=23, completions=20), PoolCondition.STEADY_BACKLOG),
        (steady(150, arrivals=28, completions=20), PoolCondition.FALLING_BEHIND),
    ],
)
def test_how_a_pool_keeps_up(pool, condition):
    assert review_pool(pool, NOW).condition == condition


def test_a_pool_is_stuck_when_somebody_waits_and_nothing_moves():
    pool = facts(places=2, held=[(0, 20), (0, 30)], waits=[(25, None)], service=15)
    before = review_pool(pool, hour(59.9))
    assert (before.condition, before.next_at) == (PoolCondition.CLEAR, hour(60))
    assert review_pool(pool, hour(60)).condition == PoolCondition.STUCK


@pytest.mark.parametrize(
    ("place", "condition"),
    [((60, None), PoolCondition.STEADY_BACKLOG), ((-300, 120), PoolCondition.CLEAR), ((-300, 40), PoolCondition.STUCK)],
)
def test_a_start_or_an_end_shows_that_a_pool_is_not_stuck(place, condition):
    pool = facts(places=1, held=[(-400, -350), place], waits=[(25, None)], service=60)
    assert review_pool(pool, NOW).condition == condition


# What to expect of the queue


def test_expected_wait_is_that_of_those_ahead_at_the_usual_service():
    # 2 busy and 2 waiting at 2 places: 3 must end first, two at a time, 48 h each.
    pool = facts(places=2, held=[(100, None)] * 2, waits=[(160, None)] * 2, service=48)
    assert review_pool(pool, NOW).expected_wait_hours == 72


def test_nobody_waits_for_a_free_place():
    assert review_pool(facts(places=2, held=[(100, None)]), NOW).expected_wait_hours == 0


def test_a_pool_without_places_has_no_end_in_sight_until_somebody_waits_or_says_when():
    assert review_pool(facts(steps=[]), NOW).expected_wait_hours == 0
    assert review_pool(facts(steps=[], waits=[(160, None)]), NOW).expected_wait_hours == NO_PLACES_WAIT_HOURS
    assert review_pool(facts(steps=[(0, 0)]), NOW).expected_wait_hours == NO_PLACES_WAIT_HOURS
    opens = facts(steps=[(0, 0), (168 + 36, 2)], waits=[(160, None)] * 3, service=24)
    assert review_pool(opens, NOW).expected_wait_hours == 36 + 24


@pytest.mark.parametrize(
    ("hours", "told"),
    [(0, 0), (2.9, 0), (3, 6), (9, 12), (14.9, 12), (96, 96), (101, 96), (102, 108), (191, 192), (200, 192)],
)
def test_waits_are_told_in_steps_that_grow_with_them(hours, told):
    assert round_wait(hours) == told


@given(st.floats(0, 1e5), st.floats(0, 1e5))
def test_a_longer_wait_is_never_told_as_a_shorter_one(one, other):
    low, high = sorted([one, other])
    assert round_wait(low) <= round_wait(high)
    assert abs(round_wait(low) - low) <= max(3, low / 16)


# When to look again


def test_an_idle_pool_is_looked_at_again_in_hours_a_busy_one_in_minutes():
    assert review_pool(facts(), NOW).next_at == NOW + timedelta(hours=6)
    assert review_pool(facts(held=[(100, None)]), NOW).next_at == NOW + timedelta(minutes=10)


def test_the_next_capacity_step_is_the_next_moment():
    assert review_pool(facts(steps=[(0, 2), (169, 3), (170, 4)]), NOW).next_at == hour(169)


# For all facts

moments = st.integers(-200, 300)
spans = st.tuples(moments, st.none() | st.integers(0, 100)).map(
    lambda span: (span[0], None if span[1] is None else span[0] + span[1])
)
pools = st.builds(
    facts,
    held=st.lists(spans, max_size=12),
    waits=st.lists(spans, max_size=12),
    steps=st.dictionaries(moments, st.integers(0, 4), max_size=4).map(lambda steps: list(steps.items())),
)


@given(pools)
def test_shares_and_waits_stay_in_their_bounds(pool):
    review = review_pool(pool, NOW)
    assert 0 <= review.pressed_share <= 1
    assert review.expected_wait_hours >= 0
    assert review.expected_wait_hours % 6 == 0 or review.expected_wait_hours == NO_PLACES_WAIT_HOURS
    assert 0 <= review.waiting_hours <= 168 * len(pool.waits)
    assert NOW < review.next_at <= NOW + timedelta(hours=6)
    assert (review.queue == 0) == (review.oldest_ready_at is None)


@given(pools, st.randoms())
def test_the_order_of_the_facts_changes_nothing(pool, random):
    def mixed(rows):
        return random.sample(list(rows), len(rows))

    shuffled = replace(pool, steps=mixed(pool.steps), occupancies=mixed(pool.occupancies), waits=mixed(pool.waits))
    assert review_pool(shuffled, NOW) == review_pool(pool, NOW)


@given(pools)
def test_the_sweep_agrees_with_looking_at_every_hour(pool):
    """All moments are whole hours, so the state of an hour is that of its middle."""
    steps = sorted(step for step in pool.steps if step[0] <= NOW)

    def pressed(moment):
        past = [places for start, places in steps if start <= moment] or [places for _, places in steps[:1]] or [0]
        busy = sum(start <= moment and (end is None or end > moment) for start, end, _ in pool.occupancies)
        queue = sum(ready <= moment and (left is None or left > moment) for ready, left, *_ in pool.waits)
        return queue > 0 and busy >= past[-1]

    hours = sum(pressed(hour(number + 0.5)) for number in range(168))
    assert review_pool(pool, NOW).pressed_share == pytest.approx(hours / 168)
