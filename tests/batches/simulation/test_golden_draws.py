"""What is drawn once a future of each order: its slowness, and when it arrives."""

from math import exp, log
from statistics import NormalDist

import numpy as np
import pytest

from batches.durations.rules.curves import SHARES
from batches.simulation.rules.network import RUNNING, OrderAhead, Visit, key_of, network
from tests.batches.simulation.test_golden_simulation import constant, futures, luck_of_the_slow
from tests.bench.refinements import log_normal_curve


def test_slowness_is_shared_by_all_stages_of_an_order_in_one_future():
    """Two fixed stages of 10 and 20 h, slowness N(0.2, 0.3²), the second takes half of it: log-normal, jointly."""
    visits = (Visit("making", 0, load=1.0), Visit("tests", 1, (0,), load=0.5), Visit("infusion", 2, (1,)))
    orders = [OrderAhead(key, visits, exit=2, slowness=(0.2, 0.3)) for key in (5, 6)]
    found = futures(orders, (), [constant(10), constant(20), constant(0)], paths=20_000)

    slow = NormalDist(0.2, 0.3)
    exact = [10 * exp(value) + 20 * exp(value / 2) for value in map(slow.inv_cdf, (0.1, 0.5, 0.9))]
    assert np.quantile(found.ready[0], (0.1, 0.5, 0.9)) == pytest.approx(exact, rel=0.01)
    assert abs(np.corrcoef(found.ready)[0, 1]) < 3 / np.sqrt(20_000)  # orders share nothing


def test_what_is_left_of_work_begun_knows_the_slowness():
    """Log-normal work of 100 h, known to be 1.5 times as slow: P(it takes 180 h | 150 h), by the normal tail."""
    curve = log_normal_curve(100, 0.25)
    visits = (Visit("expansion", 0, state=RUNNING, elapsed=150.0), Visit("infusion", 1, (0,)))
    order = OrderAhead(1, visits, exit=1, slowness=(log(1.5), 0.0))
    found = futures([order], (), [curve, constant(0)], paths=20_000)
    tail = NormalDist(log(150), 0.25)
    exact = (1 - tail.cdf(log(180))) / (1 - tail.cdf(log(150)))
    assert (found.ready[0] > 30).mean() == pytest.approx(exact, abs=0.015)


def test_without_slowness_every_figure_is_as_it_was_bit_for_bit():
    """The figures were recorded from the program before it knew of any."""
    assert luck_of_the_slow(0.0, 0.0) == [
        "0x1.bb8b9b5ed1cf4p+0", "0x1.8ed2fa2beac91p+3", "0x1.500e518dd55c4p+1", "0x1.07baf3c8119c2p+5",
        "0x1.12c8fc2930679p+4", "0x1.f5c15f47ca80fp+5", "0x1.0a38694c48a35p+5", "0x1.364294c22e09cp+4",
        "0x1.208fbc5141f4ep+6",
    ]  # fmt: skip


def test_what_is_at_work_ends_by_what_each_curve_leaves_and_repeats_fail_at_their_own_rate():
    """Good ends between 0 and 100 h, failures between 100 and 300 h. After 50 h half of the good and all failures are
    left: P(it fails) = 0.2 / (0.2 + 0.8 · 0.5) = 1/3. What is begun anew fails in half of the cases."""
    good, late = (tuple(low + share * wide for share in SHARES) for low, wide in ((0, 100), (100, 200)))
    test = Visit("test", 0, state=RUNNING, elapsed=50.0, fails=0.2, failing=1, fails_again=0.5, reopens=(0, 1))
    order = OrderAhead(1, (test, Visit("infusion", 2, (0,))), exit=1, attempts_left=1)
    found = futures([order], (), [good, late, constant(0)], paths=20_000).ready[0]

    once, twice = found <= 50, found > 50
    assert once.mean() == pytest.approx(2 / 3, abs=0.01)
    assert (twice.mean(), np.isnan(found).mean()) == pytest.approx((1 / 6, 1 / 6), abs=0.008)
    assert np.quantile(found[twice], (0, 0.5, 1)) == pytest.approx((50, 200, 350), abs=15)


@pytest.mark.parametrize("pool", [-1, 0], ids=["no place", "one suite"])
def test_what_a_failure_opens_anew_is_done_one_after_the_other(pool):
    """10, 20 and 30 h that go straight on, then tests of 5 h; tests that fail open all anew: 65 h, then 65 more."""
    stages = (("selection", 0), ("expansion", 1), ("harvest", 2))
    suite = [Visit(code, at, (at - 1,) if at else (), pool, keeps=at > 0) for code, at in stages]
    tests = Visit("tests", 3, (2,), fails=1.0, fails_again=0.0, reopens=(0, 1, 2, 3, 4))
    order = OrderAhead(1, (*suite, tests, Visit("infusion", 4, (3,))), exit=4)
    found = futures([order], (1,), [constant(hours) for hours in (10, 20, 30, 5, 1)], paths=2)
    assert found.ready[0].tolist() == [130, 130]


def test_beyond_all_that_was_seen_no_end_is_ruled_out():
    test = Visit("test", 0, state=RUNNING, elapsed=500.0, fails=0.5, failing=1)
    order = OrderAhead(1, (test, Visit("infusion", 2, (0,))), exit=1)
    found = futures([order], (), [constant(100), constant(200), constant(0)], paths=4_000).ready[0]
    assert np.isnan(found).mean() == pytest.approx(0.5, abs=0.03)


def test_a_curve_of_failures_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="curve"):
        network([OrderAhead(1, [Visit("x", 0, failing=7)], exit=0)], [], [constant(1)])


def test_a_slowness_that_is_no_distribution_is_refused():
    with pytest.raises(ValueError, match="slowness"):
        network([OrderAhead(1, [Visit("x", 0)], exit=0, slowness=(0.0, -1.0))], [], [constant(1)])


def test_orders_that_arrive_at_random_are_a_poisson_process():
    """40 expected in 400 h, 60 there to come: counts, and the gap before the seventh, as the process has them."""
    visits = (Visit("infusion", 0),)
    orders = [OrderAhead(key_of(str(at)), visits, exit=0, arrival=(at, 10.0, 400.0)) for at in range(1, 61)]
    found = futures(orders, (), [constant(0)], paths=4_000)

    moments = np.sort(found.ready, axis=0)
    assert np.array_equal(found.ready[:, :2000], futures(orders, (), [constant(0)], paths=2_000).ready)
    counts = np.isfinite(moments).sum(axis=0)
    assert counts.mean() == pytest.approx(40, abs=3 * (40 / 4_000) ** 0.5)
    assert counts.var() == pytest.approx(40, rel=0.07)
    gaps = moments[6] - moments[5]
    assert [(gaps > hours).mean() for hours in (5, 10, 20)] == pytest.approx([exp(-0.5), exp(-1), exp(-2)], abs=0.024)
    assert found.left_waiting.sum() == 0
