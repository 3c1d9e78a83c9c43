"""Waiting apart from work, what is still open, and Little's law as a check of the record, exactly."""

from dataclasses import replace
from datetime import timedelta
from math import isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batches.lines.rules.intervals import Flaw, StageInterval, intervals_of
from batches.lines.rules.littles_law import check_by_stage, check_little, together
from tests.batches.lines.builders import hour, place_run


def stay(start, end=None, left=None, position=5, order="1"):
    return StageInterval(order, 1, position, hour(start), hour(start), hour(end), hour(left))


def test_waiting_and_work_are_told_apart_and_what_goes_on_is_censored_at_now():
    (done, going, waiting) = intervals_of(
        [
            place_run(order=1, ready_at=0, started_at=6, completed_at=30),
            place_run(order=2, ready_at=10, started_at=20),
            place_run(order=3, ready_at=25),
        ]
    )
    now = hour(40)
    lasted = [(one.waited(now), one.worked(now)) for one in (done, going, waiting)]
    assert lasted == [
        (timedelta(hours=6), timedelta(hours=24)),
        (timedelta(hours=10), timedelta(hours=20)),
        (timedelta(hours=15), None),
    ]


def test_the_flaws_of_a_record_are_named():
    backwards, no_start, no_end, again, ended = intervals_of(
        [
            place_run(order=1, ready_at=0, started_at=20, completed_at=10),
            place_run(order=2, completed_at=10),
            place_run(order=3, started_at=5, passed_at=30),
            place_run(order=4, attempt=1, started_at=5),
            place_run(order=5, started_at=5, order_ended_at=9),
            place_run(order=4, attempt=2, started_at=50),
        ]
    )[:5]
    assert [one.flaw for one in (backwards, no_start, no_end, again, ended)] == [
        Flaw.ENDED_BEFORE_BEGUN, Flaw.START_MISSING, Flaw.END_MISSING, Flaw.END_MISSING, None,
    ]  # fmt: skip
    assert (again.left_by, ended.ended_at) == (hour(50), hour(9))


def test_littles_law_by_hand_over_a_closed_window():
    check = check_little([stay(0, 10), stay(5, 25), stay(20, 24)], hour(-1), hour(39))
    assert (check.mean_number, check.present, check.mean_hours) == (34 / 40, 3, 34 / 3)
    assert (check.arrivals, check.departures, check.at_opening, check.at_end) == (3, 3, 0, 0)
    assert isclose(check.mean_number, check.arrivals / 40 * check.mean_hours)  # L = λW with nothing at the edges
    assert (check.adds_up, check.finding) == (True, "")


def test_runs_across_the_edges_of_the_window_do_not_disturb_it():
    check = check_little([stay(-50, 10), stay(30)], hour(0), hour(40))
    assert (check.mean_number, check.carried_in, check.censored) == (0.5, 1, 1)
    assert (check.at_opening, check.arrivals, check.departures, check.at_end) == (1, 1, 1, 1)
    assert check.adds_up


@pytest.mark.parametrize(
    ("wrong", "gap_hours", "gap_number", "words"),
    [
        (stay(20, 10), -10, 0, "1 run ended before it began"),
        (stay(10, None, left=30), 10, 1, "1 run must have ended but no end was reported"),
        (StageInterval("1", 1, 5, None, None, hour(30), None), -10, -1,
         "1 run ended but was never reported to have begun"),
    ],
)  # fmt: skip
def test_a_record_that_cannot_be_right_does_not_add_up_and_says_how(wrong, gap_hours, gap_number, words):
    check = check_little([stay(0, 10), wrong], hour(0), hour(40))
    assert (check.adds_up, check.gap_hours, check.gap_number) == (False, gap_hours, gap_number)
    assert check.finding == f"The record does not add up by 10.0 hours, all orders together: {words}"
    assert [order for order, _, _ in check.examples] == ["1"]


def test_each_stage_is_checked_apart():
    checks = check_by_stage([stay(0, 10, position=5), stay(20, 10, position=6)], hour(0), hour(40))
    assert {position: check.adds_up for position, check in checks.items()} == {5: True, 6: False}


sound = st.builds(
    lambda start, length, order: stay(start, None if length is None else start + length, order=str(order)),
    st.integers(-100, 60), st.none() | st.integers(0, 90), st.integers(1, 9),
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(st.lists(sound, max_size=12), st.randoms())
def test_a_sound_record_adds_up_exactly_in_any_order(stays, random):
    check = check_little(stays, hour(0), hour(50))
    assert check.adds_up
    assert check.at_opening + check.arrivals - check.departures == check.at_end
    assert check_little(random.sample(stays, len(stays)), hour(0), hour(50)) == check


several = st.builds(lambda one, position: one._replace(position=position), sound, st.integers(1, 3))


@settings(deadline=None, max_examples=60)
@given(st.lists(several, max_size=12))
def test_the_checks_of_the_stages_of_a_pool_make_up_that_of_the_pool(stays):
    whole, parts = check_little(stays, hour(0), hour(50)), check_by_stage(stays, hour(0), hour(50))
    summed = together(parts.values(), 50.0)
    assert (summed.mean_number, summed.mean_hours) == pytest.approx((whole.mean_number, whole.mean_hours))
    same = {"mean_number": whole.mean_number, "mean_hours": whole.mean_hours}
    assert replace(summed, **same) == whole
