"""When orders to come are foreseen at random: by hand, against SciPy, and on lines whose arrivals are known."""

from datetime import timedelta

import numpy as np
import pytest
from scipy.stats import poisson

from batches.calibration.rules.arrivals import (
    Placed,
    WeekOfOrders,
    errors_of,
    judge_arrivals,
    past_weeks,
    poisson_crps,
)
from batches.calibration.rules.gate import FEWEST_WEEKS, Paired
from batches.calibration.rules.replays import MONDAY
from batches.forecasts.rules.demand import RATE_WINDOW
from tests.bench.queueing import WEEK, Line, world

NOW = MONDAY + timedelta(weeks=80, days=2)


def orders(seed: int, line: Line, weeks: int = 80) -> list[Placed]:
    """Who came to a line of the bench, in the weeks before NOW's Monday."""
    lived = world(np.random.default_rng(seed), line, weeks * WEEK)
    return [
        Placed(MONDAY + timedelta(hours=float(came)), bool(rank < 0))
        for came, rank in zip(lived.came, lived.rank, strict=True)
    ]


def entered(line: Line, lines: int = 40) -> int:
    return sum(judge_arrivals(past_weeks(orders(seed, line), NOW), [], was_used=False).is_used for seed in range(lines))


@pytest.mark.parametrize(("mean", "came"), [(0.0, 0), (0.0, 3), (0.4, 0), (2.5, 1), (2.5, 9), (17.0, 30)])
def test_the_score_of_a_number_is_that_of_its_definition(mean, came):
    """E|X − y| − E|X − X′| / 2, summed over SciPy's probabilities."""
    numbers = np.arange(120)
    share = poisson.pmf(numbers, mean)
    apart = np.abs(numbers[:, None] - numbers[None, :])
    expected = share @ np.abs(numbers - came) - share @ apart @ share / 2
    assert poisson_crps(mean, came) == pytest.approx(expected, abs=1e-9)


def test_a_week_by_hand():
    """Sixteen orders in eight weeks, every fourth urgent: nine are to come in thirty days, two of them in a week (after
    40 and 120 hours), the first of them urgent. Three came, two of them urgent: off by 1 and 1. At random 2 come on
    the mean, and 0.5 urgent ones."""
    week = WeekOfOrders([index % 4 == 0 for index in range(16)], [True, True, False])
    urgent, every = errors_of(week)
    assert urgent == (1, pytest.approx(poisson_crps(0.5, 2)))
    assert every == (1, pytest.approx(poisson_crps(2.0, 3)))


def test_only_whole_weeks_count_before_which_the_line_had_orders_for_eight():
    first = MONDAY + timedelta(hours=1)
    placed = [Placed(first + timedelta(days=day), day % 5 == 0) for day in range(100)]
    now = MONDAY + timedelta(weeks=12, hours=30)  # a report may come within a day
    found = past_weeks(placed, now)
    assert len(found) == 12 - 9
    assert {len(one.came) for one in found} == {7}
    assert {len(one.recent) for one in found} == {RATE_WINDOW.days}
    assert len(past_weeks(placed, now - timedelta(hours=7))) == 12 - 9 - 1
    assert past_weeks([], now) == []


def test_where_orders_come_at_random_it_comes_into_use_and_where_they_come_evenly_it_does_not():
    busy = [entered(Line(is_random, 0.9, 8)) for is_random in (True, False)]
    usual = [entered(Line(is_random, 0.7, 4)) for is_random in (True, False)]
    assert min(busy[0], usual[0]) >= 36
    assert max(busy[1], usual[1]) == 0


def test_a_small_line_takes_longer_but_nothing_false_enters():
    assert entered(Line(True, 0.7, 2)) >= 15
    assert entered(Line(False, 0.7, 2)) == 0


def test_it_goes_when_the_numbers_are_foreseen_better_evenly_and_when_p_late_is_surely_worse():
    random, even = (past_weeks(orders(1, Line(is_random, 0.9, 8)), NOW) for is_random in (True, False))
    assert judge_arrivals(random, [], was_used=True).is_used
    week = [WeekOfOrders([False] * 56, [False] * 7)] * 10
    assert not judge_arrivals(week, [], was_used=True).is_used
    assert len(even) == len(random) == 26

    worse = [Paired(number, number % 20, 0.5, 0.6 + number % 3 / 50, came=False) for number in range(60)]
    found = judge_arrivals(random, worse, was_used=True)
    assert not found.is_used
    assert found.why.startswith("P(late) is surely worse with it: not used (numbers of orders in a week off by")
    assert (found.orders, round(found.brier_without, 3)) == (60, 0.25)


@pytest.mark.parametrize("was_used", [True, False])
def test_with_too_few_weeks_or_orders_it_stays_as_it_is(was_used):
    weeks = past_weeks(orders(1, Line(True, 0.9, 8)), NOW)
    quiet = [WeekOfOrders([True], [False])] * 19
    for few in ([], weeks[: FEWEST_WEEKS - 1], quiet):
        found = judge_arrivals(few, [], was_used=was_used)
        assert (found.is_used, found.why[:21]) == (was_used, "Too few orders to say")
