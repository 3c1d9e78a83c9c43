"""Errors while doses are awaited, and intervals of orders that share their weeks: by hand, lifelines and simulation."""

from datetime import timedelta
from uuid import UUID

import numpy as np
import pytest
from lifelines import KaplanMeierFitter
from scipy.stats import t as student

from batches.calibration.rules.censoring import date_errors, weighed, weights
from batches.calibration.rules.questions import Question, Scored, said_of, weeks_of
from batches.calibration.rules.scores import (
    IssuedProbability,
    design_effect,
    mean_of_clusters,
    scores,
    t975,
)
from tests.supplychain.builders import at

SEED = 20_261_127
LINE = UUID(int=1)


def prediction(order: int, *, made: float = 0, ready: float | None = None, median: float = 100, **given) -> Scored:
    """What was said of an order, hours after T0; open without `ready`."""
    fields = {
        "id": UUID(int=order), "order_id": UUID(int=order), "line_id": LINE, "model": "mc-1", "made_at": at(made),
        "promised_at": at(120), "settled_at": at(120), "p_late": 0.3, "p_wait_expires": 0.0, "p_no_dose": 0.1,
        "ready_low": at(median - 10), "ready_high": at(median + 10), "widened_low_hours": 0.0,
        "widened_high_hours": 0.0, "baseline_ready_at": at(100),
        "was_late": ready is None or ready > 120, "wait_expired": None, "had_no_dose": None,
        "known_ready_at": None if ready is None else at(ready), "ready_median": at(median),
    } | given  # fmt: skip
    return Scored(**fields)


def test_who_is_awaited_is_stood_for_by_those_that_took_longer_by_hand():
    # Known at 1, 3 and 4 h, one open after 2 h: S = 3/4, then 3/8 (one of two), then 0. Steps 1/4, 3/8, 3/8 of four.
    found, left = weights([1, 2, 3, 4], [True, False, True, True])
    assert (found.tolist(), left) == ([1, 0, 1.5, 1.5], 0)


def test_what_nobody_has_come_to_the_end_of_is_said_to_be_unknown():
    # One known at 1 h, three open after 5 h: three quarters of all is left.
    found, left = weights([1, 5, 5, 5], [True, False, False, False])
    assert (found.tolist(), left) == ([1, 0, 0, 0], 0.75)
    assert weights([3, 4], [False, False])[1] == 1
    assert weights([], [])[1] == 0


def test_the_weights_are_those_of_the_inverse_probability_of_being_seen():
    """1 / G(t−), G the product-limit estimate of the time to censoring, by an independent package."""
    random = np.random.default_rng(SEED)
    took, watched = random.gamma(4, 50, 300), random.uniform(0, 500, 300)
    times, known = np.minimum(took, watched), took <= watched
    censoring = KaplanMeierFitter().fit(times, ~known)
    seen = censoring.survival_function_at_times(np.nextafter(times, 0)).to_numpy()
    found, left = weights(times, known)
    assert found == pytest.approx(np.where(known, 1 / seen, 0))
    assert found.sum() + len(times) * left == pytest.approx(len(times))


def test_the_error_of_the_median_is_right_while_the_slowest_are_still_open():
    """Known truth: doses take 100 h + an exponential time of mean 100 h, and 100 h was said of each: errors of mean
    100. Orders came evenly over the last 600 h. Those known so far err by less, for the slow ones of late are not in.
    """
    random = np.random.default_rng(SEED)
    now, count = 600.0, 4_000
    made, took = random.uniform(0, now, count), 100 + random.exponential(100, count)
    rows = [
        prediction(number, made=began, ready=began + hours if began + hours <= now else None, median=began + 100)
        for number, (began, hours) in enumerate(zip(made.tolist(), took.tolist(), strict=True))
    ]
    weight, unseen = weighed(rows, at(now))
    found = date_errors(rows, weight, unseen)
    naive = np.mean([hours - 100 for began, hours in zip(made, took, strict=True) if began + hours <= now])
    # What is not seen yet is the tail beyond c = −100 ln(unseen): the mean below it is 100 − c · unseen / (1 − unseen).
    seen = 100 + 100 * np.log(found.unseen) * found.unseen / (1 - found.unseen)
    assert naive < 80
    assert (found.mean_hours, found.later_hours) == (pytest.approx(seen, abs=3), pytest.approx(seen, abs=3))
    assert found.awaited == sum(row.known_ready_at is None for row in rows)
    assert found.unseen < 0.02


def test_orders_lost_without_a_dose_have_no_error_and_are_not_awaited():
    rows = [prediction(1, ready=90), prediction(2, ready=130), prediction(3, ended_at=at(50))]
    found = date_errors(rows, *weighed(rows, at(500)))
    assert tuple(found) == (pytest.approx(20), pytest.approx(10), 2, 0, 0)


def test_at_a_lead_orders_are_watched_from_that_moment():
    row = prediction(1, made=0, ready=110)
    early, late = (weighed([row, prediction(2, made=0)], at(now), lead_days=1)[0].tolist() for now in (105, 112))
    # Asked about at 96 h: known after 14 h, while the other has waited 9 h (it is stood for) or 16 h (it is not).
    assert (early, late) == ([2, 0], [1, 0])


@pytest.mark.parametrize("freedom", [*range(1, 41), 60, 120, 1_000])
def test_students_points_are_those_of_an_independent_package(freedom):
    assert t975(freedom) == pytest.approx(student.ppf(0.975, freedom), rel=1e-3)


def test_the_design_effect_by_hand():
    # Two weeks of two orders each, alike within: deviations ±½; alone 4/3 · 4 · ¼, together 2/1 · 2 · 1: 3 times.
    assert design_effect([1, 1, 0, 0], range(4), "aabb") == pytest.approx(3)
    assert design_effect([1, 0, 1, 0], range(4), "aabb") == 1
    assert design_effect([1, 1], range(2), "ab") == design_effect([], [], []) == 1


def test_orders_of_one_week_are_one_cluster_and_all_that_is_said_of_an_order_lies_in_one():
    rows = [prediction(1, settled_at=at(0)), prediction(1, settled_at=at(24 * 8)), prediction(2, settled_at=at(24 * 8))]
    other = prediction(3, settled_at=at(24 * 8), line_id=UUID(int=2))
    weeks = weeks_of([*rows, other])
    assert weeks[UUID(int=1)] == weeks[UUID(int=2)] != weeks[UUID(int=3)]
    assert len({one.cluster for one in said_of([*rows, other], Question.LATE)}) == 2
    assert weeks[UUID(int=2)][1:] == (at(0) + timedelta(days=8)).isocalendar()[:2]


def test_intervals_hold_as_often_as_they_say_where_weeks_share_their_fate():
    """Known truth: 26 weeks of ten orders; in one week of two 45 % are late, else 5 %; 25 % was said of all.

    The expected Brier score is ½ (0.45 · 0.75² + 0.55 · 0.25²) + ½ (0.05 · 0.75² + 0.95 · 0.25²) = 0.1875.
    """
    random = np.random.default_rng(SEED)
    weeks, rounds = np.repeat(np.arange(26), 10), 400
    held = {"week": 0, "order": 0}
    for _ in range(rounds):
        rate = np.where(random.random(26) < 0.5, 0.45, 0.05)[weeks]
        errors = (0.25 - (random.random(260) < rate)) ** 2
        for name, clusters in (("week", weeks.tolist()), ("order", range(260))):
            found = mean_of_clusters(errors, clusters)
            held[name] += found.low <= 0.1875 <= found.high
    assert held["week"] / rounds == pytest.approx(0.95, abs=0.03)
    assert held["order"] / rounds < 0.85


def test_scores_take_the_weeks_of_their_answers():
    answers = [IssuedProbability(number, 0.25, number % 20 < 10, None, number // 10) for number in range(40)]
    errors = np.array([(one.probability - one.came) ** 2 for one in answers])
    found = scores(answers, [np.arange(40)])
    assert found.brier == mean_of_clusters(errors, [number // 10 for number in range(40)])
    assert found.orders == 40
