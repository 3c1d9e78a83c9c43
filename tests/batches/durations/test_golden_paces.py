"""How much slower a stage is in one resource than in another: by hand, by published rules and on planted worlds."""

from math import e, exp, log, sqrt

import numpy as np
import pytest
from scipy import stats

from batches.durations.rules.curves import constant, median_of
from batches.durations.rules.paces import Pace, _chi_squared, learn_paces, paced_curve
from batches.durations.rules.slowness import OrderRun
from tests.bench.refinements import log_normal_curve


def runs_of(*hours: tuple[str, list[float]]) -> list[OrderRun]:
    return [
        OrderRun(number, "cd19", "here", "expansion", one, resource)
        for resource, some in hours
        for number, one in enumerate(some)
    ]


def planted(seed: int, slower: float, *, runs: int = 100, suites: int = 4, noise: float = 0.25) -> list[OrderRun]:
    """Runs of 200 hours in suites of which the first takes so many times as long."""
    luck = np.random.default_rng(seed)
    found = []
    for number in range(runs):
        suite = int(luck.integers(suites))
        hours = 200 * exp(luck.normal(0, noise)) * (slower if suite == 0 else 1.0)
        found.append(OrderRun(number, "cd19", "here", "expansion", hours, f"Suite {suite + 1}"))
    return found


def test_two_suites_by_hand():
    """Log hours −1, 0, 0, 0, 1 in one suite and 2, 3, 3, 3, 4 in the other. Within: 4 / 8 = 0.5, so each mean (0 and 3)
    has a variance of 0.1. Between, as in the balanced analysis of variance: 4.5 − 0.1 = 4.4. Each pace, ∓1.5, is drawn
    by 4.4 / 4.5; of all log hours the variance is (2 · 2 + 10 · 2.25) / 9."""
    low = [exp(one) for one in (-1, 0, 0, 0, 1)]
    first, second = learn_paces(runs_of(("Suite 1", low), ("Suite 2", [one * e**3 for one in low])))

    assert (first.resource, second.resource) == ("Suite 1", "Suite 2")
    drawn = 4.4 / 4.5
    assert (first.slower, second.slower) == pytest.approx((-1.5 * drawn, 1.5 * drawn))
    assert first.spread == second.spread == pytest.approx(sqrt((0.5 + drawn * 0.1) / (26.5 / 9)))


def test_the_fewer_its_runs_the_nearer_a_suite_is_to_its_site():
    """Both of two suites are 1.5 times as slow as the third; one of them has six runs, the other sixty."""
    luck = np.random.default_rng(7)
    usual = [200 * exp(luck.normal(0, 0.25)) for _ in range(120)]
    few, many = ([300 * exp(one) for one in luck.normal(0, 0.25, count)] for count in (6, 60))
    few = [one * exp(log(300) - np.mean(np.log(few))) for one in few]
    many = [one * exp(log(300) - np.mean(np.log(many))) for one in many]
    paces = {
        one.resource: one.slower
        for one in learn_paces(runs_of(("Suite 1", usual), ("Suite 2", few), ("Suite 3", many)))
    }
    assert paces["Suite 1"] < 0 < paces["Suite 2"] < paces["Suite 3"]


def test_a_planted_slow_suite_is_found():
    found = [{one.resource: one.slower for one in learn_paces(planted(seed, 1.5))} for seed in range(20)]
    assert all(len(one) == 4 for one in found)
    apart = [one["Suite 1"] - np.mean([one[f"Suite {n}"] for n in (2, 3, 4)]) for one in found]
    assert 0.8 * log(1.5) < np.mean(apart) < log(1.5)  # drawn to the site's


def test_where_no_suite_differs_nothing_is_learned_but_in_one_of_a_hundred_stages():
    assert sum(bool(learn_paces(planted(seed, 1.0))) for seed in range(400)) <= 10


def test_the_bar_is_that_of_the_chi_squared_distribution():
    for freedom in (1, 2, 3, 7, 20):
        assert _chi_squared(freedom) == pytest.approx(stats.chi2.ppf(0.99, freedom), rel=0.02)


def test_few_runs_one_suite_and_none_named_say_nothing():
    hours = [100.0, 110.0, 120.0, 130.0, 140.0]
    slow = [one * 9 for one in hours]
    assert learn_paces([]) == ()
    assert learn_paces(runs_of(("Suite 1", hours), ("Suite 2", slow[:4]))) == ()
    assert learn_paces(runs_of(("Suite 1", hours), ("", slow))) == ()
    assert learn_paces(runs_of(("Suite 1", [0.0, *hours]), ("Suite 2", hours))) == ()


def test_what_is_usual_at_another_site_is_no_pace_of_its_suites():
    there = [run._replace(site="there", hours=3 * run.hours, resource="Suite 9") for run in planted(2, 1.0)]
    assert learn_paces([*planted(1, 1.0), *there]) == ()


def test_a_curve_is_moved_and_drawn_together():
    """Log-normal hours stay so: median 200 · 1.5, log deviation 0.5 · 0.8."""
    curve = paced_curve(log_normal_curve(200, 0.5), Pace("cd19", "here", "expansion", "Suite 1", log(1.5), 0.8))
    assert curve == pytest.approx(log_normal_curve(300, 0.4), rel=1e-6)
    assert median_of(curve) == pytest.approx(300)
    assert paced_curve(constant(0.0), Pace("", "", "", "", 1.0, 0.5)) == constant(0.0)
