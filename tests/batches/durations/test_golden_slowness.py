"""What the stages of an order share, against planted worlds and against the posterior by numerical integration."""

from math import exp, log, pi, sqrt

import numpy as np
import pytest
from scipy import integrate, stats

from batches.durations.rules.curves import SHARES, constant
from batches.durations.rules.slowness import (
    NO_SLOWNESS,
    OrderRun,
    SeenHours,
    _log_below,
    learn_slowness,
    shared_curve,
    slowness_of,
)
from tests.bench.refinements import log_normal_curve

HOURS = {"collection": 8.0, "selection": 24.0, "expansion": 200.0, "tests": 150.0, "transport": 30.0}


def planted(seed: int, variance: float, *, orders: int = 200, noise: float = 0.3, apart: tuple[str, ...] = ()):
    """Runs of orders whose stages but those `apart` share a slowness of this variance."""
    luck = np.random.default_rng(seed)
    for order, slow in enumerate(luck.normal(0, sqrt(variance), orders)):
        for stage, hours in HOURS.items():
            own = luck.normal(0, noise)
            shared = 0.0 if stage in apart else slow
            yield OrderRun(order, "cd19", "here", stage, hours * exp(own + shared))


@pytest.mark.parametrize("variance", [0.01, 0.04, 0.16])
def test_the_planted_variance_is_found(variance):
    found = [learn_slowness(planted(seed, variance)) for seed in range(20)]
    assert np.mean([one.variance for one in found]) == pytest.approx(variance, rel=0.2)
    assert all(len(one.stages) == len(HOURS) for one in found) or variance < 0.04


def test_where_nothing_is_shared_nothing_is_learned():
    assert sum(learn_slowness(planted(seed, 0.0)).variance > 0 for seed in range(100)) <= 1


def test_stages_that_do_not_share_it_are_left_out():
    found = learn_slowness(planted(3, 0.09, apart=("transport", "collection")))
    assert {stage for _, stage in found.stages} == {"selection", "expansion", "tests"}
    assert found.variance == pytest.approx(0.09, rel=0.3)


def test_what_is_usual_at_a_site_is_no_slowness_of_its_orders():
    """Two sites, one of them twice as slow in everything; no order is slow by itself."""
    slow = [run._replace(order=-1 - run.order, site="there", hours=2 * run.hours) for run in planted(5, 0.0)]
    assert learn_slowness([*planted(4, 0.0), *slow]).variance == 0


def test_few_orders_and_fixed_hours_say_nothing():
    assert learn_slowness([]) == NO_SLOWNESS
    assert learn_slowness(planted(1, 0.09, orders=20)).variance == 0
    assert learn_slowness(planted(1, 0.0009, noise=0.001)).variance == 0
    assert shared_curve(constant(24), 0.04).load == 0


def test_a_curve_is_parted_so_that_both_parts_together_vary_as_before():
    curve = log_normal_curve(100, 0.5)
    part = shared_curve(curve, 0.16)
    assert (part.load, part.mean) == (1.0, pytest.approx(log(100)))
    assert part.noise**2 + 0.16 == pytest.approx(_variance(curve), rel=1e-3)
    assert _variance(part.curve) == pytest.approx(part.noise**2, rel=1e-3)
    assert part.noise == pytest.approx(0.3, abs=0.01)


def _variance(curve) -> float:
    """Of log hours, by a fine sum."""
    logs = np.interp(np.linspace(0, 1, 200_001), SHARES, np.log(curve))
    return float(logs.var())


def test_a_curve_that_varies_less_than_slowness_takes_part_less():
    part = shared_curve(log_normal_curve(100, 0.2), 0.16)
    assert 0 < part.load < 0.6
    assert part.noise > 0


def test_the_slowness_of_an_open_order_is_the_posterior_by_integration():
    """Two stages finished, one at work: prior times likelihood, integrated by SciPy."""
    variance, noise = 0.09, 0.25
    stages = [shared_curve(log_normal_curve(hours, sqrt(variance + noise**2)), variance) for hours in (24, 200, 150)]
    seen = [SeenHours(stages[0], 34.0, True), SeenHours(stages[1], 240.0, True), SeenHours(stages[2], 190.0, False)]

    def density(slow: float) -> float:
        found = exp(-(slow**2) / 2 / variance) / sqrt(2 * pi * variance)
        for one in seen:
            z = (log(one.hours) - one.stage.mean - slow) / one.stage.noise
            found *= stats.norm.pdf(z) if one.is_over else stats.norm.sf(z)
        return found

    total, first, second = (
        integrate.quad(lambda slow, k=k: slow**k * density(slow), -2, 2, points=[0.3])[0] for k in range(3)
    )
    mean, deviation = slowness_of(seen, variance)
    assert mean == pytest.approx(first / total, abs=1e-6)
    assert deviation == pytest.approx(sqrt(second / total - (first / total) ** 2), abs=1e-6)


def test_the_longer_a_run_is_at_work_the_slower_its_order_and_never_without_bound():
    """A stage as even as 5.5 % tells little of others that vary by half: whatever it takes, its order is no slower than
    one in a thousand orders is (3.1 deviations), and never usual again."""
    stage = shared_curve(log_normal_curve(100, 0.055), 0.1)
    times = (1.0, 1.05, 1.1, 1.2, 1.5, 2.0, 2.5, 3.0, 10.0, 1e6)
    found = [slowness_of([SeenHours(stage, 100 * one, False)], 0.1) for one in times]
    means = [mean for mean, _ in found]
    assert means == sorted(means)
    assert 0 < means[0] < means[1] < means[2] < means[-1] < 3.1 * sqrt(0.1)
    assert all(0 < deviation < sqrt(0.1) for _, deviation in found)
    assert 0 < slowness_of([SeenHours(stage, 300.0, True)], 0.1)[0] < 3.1 * sqrt(0.1)


def test_runs_that_contradict_each_other_have_a_slowness_too():
    """One stage finished far too early, another at work far too long: both are as likely as their tails say."""
    stage = shared_curve(log_normal_curve(100, 0.055), 0.1)
    mean, deviation = slowness_of([SeenHours(stage, 1.0, True)] * 9 + [SeenHours(stage, 1e9, False)], 0.1)
    assert abs(mean) < 1
    assert 0 < deviation < 1


@pytest.mark.parametrize("value", [8.0, 0.0, -3.0, -29.9, -30.1, -100.0, -1e4])
def test_the_logarithm_of_the_normal_distribution_is_scipys(value):
    assert _log_below(value) == pytest.approx(float(stats.norm.logcdf(value)), rel=1e-6, abs=1e-12)


def test_nothing_seen_is_the_prior():
    assert slowness_of([], 0.04) == (0.0, pytest.approx(0.2))
