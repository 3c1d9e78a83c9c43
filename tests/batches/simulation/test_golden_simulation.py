"""The simulation against exact answers: deterministic lines exactly, stochastic ones within a stated interval."""

import os
import subprocess
import sys
from math import erfc, exp, inf, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batches.durations.rules.curves import QUANTILES
from batches.simulation.rules.futures import simulate
from batches.simulation.rules.network import (
    DONE,
    RUNNING,
    WAITING,
    OrderAhead,
    Visit,
    key_of,
    network,
)
from tests.batches.simulation.golden import constant, futures, hours

DAY = 24.0


def exponential(mean: float) -> list[float]:
    """Its quantiles; the last at the middle of the last step, for the true one is infinite."""
    shares = [at / (QUANTILES - 1) for at in range(QUANTILES - 1)] + [1 - 0.5 / (QUANTILES - 1)]
    return [-mean * log(1 - share) for share in shares]


def tandem(suites: int, lanes: int) -> tuple[float, float, float]:
    """DOMAIN §7: 12 orders on days 0–11, 7 days in a suite, 7 in QC. Mean waits (days) and the day the last ends."""
    visits = (Visit("suite", 0, pool=0), Visit("qc", 0, (0,), pool=1), Visit("infusion", 1, (1,)))
    orders = [OrderAhead(day + 1, visits, exit=2, begins_at=day * DAY) for day in range(12)]
    found = futures(orders, (suites, lanes), [constant(7 * DAY), constant(0)])
    waits = found.wait_hours.reshape(12, 3).mean(axis=0) / DAY
    return waits[0], waits[1], found.ready.max() / DAY


@pytest.mark.parametrize(("suites", "lanes", "answer"), [(3, 3, (6, 0, 37)), (4, 3, (3, 3, 37)), (4, 4, (3, 0, 31))])
def test_a_deterministic_line_of_two_pools_ends_when_it_must(suites, lanes, answer):
    assert tandem(suites, lanes) == answer


def test_the_code_gives_the_same_uncompiled():
    code = (
        "from tests.batches.simulation.test_golden_simulation import *;"
        "from batches.simulation.rules.compiled import IS_COMPILED;"
        "print(luck_of_three(), luck_of_the_slow(), luck_of_the_stuck())"
    )
    plain = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert plain.stdout.strip() == f"{luck_of_three()} {luck_of_the_slow()} {luck_of_the_stuck()}"


def luck_of_three() -> list[float]:
    """Three orders through one suite, with chance in it."""
    visits = (Visit("suite", 0, pool=0, fails=0.3, reopens=(0, 1)), Visit("infusion", 0, (0,)))
    found = futures([OrderAhead(key, visits, exit=1) for key in (5, 6, 7)], (1,), [exponential(10.0)], paths=4)
    return [round(float(hours), 3) for hours in found.ready.ravel()]


def luck_of_the_slow(*slowness: float) -> list[str]:
    """Three orders through one suite, one of them in it; as hexadecimal numbers, so that nothing is rounded."""
    visits = (Visit("suite", 0, pool=0, fails=0.3, reopens=(0, 1)), Visit("infusion", 0, (0,)))
    begun = (Visit("suite", 0, pool=0, state=RUNNING, elapsed=3.0), Visit("infusion", 0, (0,)))
    orders = [OrderAhead(key, begun if key == 5 else visits, exit=1) for key in (5, 6, 7)]
    slow = [one._replace(slowness=slowness or (0.1, 0.4)) for one in orders]
    found = futures(slow, (1,), [exponential(10.0)], paths=3)
    return [float(hours).hex() for hours in found.ready.ravel()]


def luck_of_the_stuck() -> list[float]:
    """Three orders, one of them at work, whose test fails late and often again."""
    test = Visit("test", 0, pool=0, fails=0.4, reopens=(0, 1), failing=1, fails_again=0.7)
    begun = test._replace(state=RUNNING, elapsed=8.0)
    orders = [OrderAhead(key, (begun if key == 5 else test, Visit("infusion", 0, (0,))), exit=1) for key in (5, 6, 7)]
    found = futures(orders, (1,), [exponential(10.0), exponential(40.0)], paths=4)
    return [round(float(hours), 6) for hours in found.ready.ravel()]


def test_one_place_with_chance_in_it_waits_as_long_as_queueing_theory_says():
    """M/M/5, DOMAIN §7: 200 orders a year, 7 days of service. P(wait) 0.49248, mean wait 2.960675 days.

    4 × 24,000 orders; the tolerance is three standard errors by batch means, which the fixed luck keeps for ever.
    """
    rate, service, places, count = 200 / 365, 7.0, 5, 24_000
    visits = (Visit("suite", 0, pool=0), Visit("infusion", 1, (0,)))
    luck = np.random.default_rng(20261123)
    waits = []
    for start in range(4):
        begins = np.cumsum(luck.exponential(1 / rate, count)) * DAY
        orders = [
            OrderAhead(start * count + number + 1, visits, exit=1, begins_at=float(at))
            for number, at in enumerate(begins)
        ]
        found = futures(orders, (places,), [exponential(service * DAY), constant(0)], horizon=inf)
        waits.append(found.wait_hours.reshape(count, 2)[1_000:, 0] / DAY)
    waited = np.concatenate(waits)
    batches = waited.reshape(40, -1)
    for measured, exact in ((batches > 1e-9, 0.49248), (batches, 2.960675)):
        error = measured.mean(axis=1).std(ddof=1) / np.sqrt(len(batches))
        assert abs(measured.mean() - exact) < 3 * error
        assert error < 0.07 * exact


def test_the_rest_of_work_begun_follows_the_curve_beyond_what_has_passed():
    """Log-normal work of 168 h median; 150 h of it are done: P(it takes at least 200 h | 150 h), within 3 errors."""
    spread = 0.25
    shares = [min(max(at / (QUANTILES - 1), 1e-4), 1 - 1e-4) for at in range(QUANTILES)]
    curve = [168 * exp(spread * _normal_quantile(share)) for share in shares]
    visits = (Visit("expansion", 0, state=RUNNING, elapsed=150.0), Visit("infusion", 1, (0,)))
    found = futures([OrderAhead(9, visits, exit=1)], (), [curve, constant(0)], paths=20_000)

    def beyond(hours: float) -> float:
        return 0.5 * erfc(log(hours / 168) / spread / 2**0.5)

    exact = beyond(200) / beyond(150)
    assert abs((found.ready > 50).mean() - exact) < 3 * (exact * (1 - exact) / 20_000) ** 0.5 + 0.004
    assert found.ready.min() >= 0


def _normal_quantile(share: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(share)


def test_a_place_is_kept_from_the_first_stage_to_the_last_and_given_back_once():
    visits = (
        Visit("selection", 0, pool=0),
        Visit("expansion", 1, (0,), pool=0, keeps=True),
        Visit("harvest", 0, (1,), pool=0, keeps=True),
        Visit("infusion", 2, (2,)),
    )
    orders = [OrderAhead(key, visits, exit=3) for key in (1, 2, 3)]
    found = futures(orders, (1,), [constant(12), constant(168), constant(0)])
    assert sorted(found.ready[:, 0]) == [192, 384, 576]
    assert found.busy[0, 0] == 576


def test_who_is_in_the_middle_of_a_kept_place_holds_it_and_goes_on():
    middle = (
        Visit("selection", 0, pool=0, state=DONE),
        Visit("expansion", 1, (0,), pool=0, keeps=True, state=RUNNING, elapsed=100),
        Visit("infusion", 2, (1,)),
    )
    fresh = (Visit("selection", 0, pool=0, ready_at=-30.0), Visit("infusion", 2, (0,)))
    found = futures(
        [OrderAhead(1, middle, exit=2), OrderAhead(2, fresh, exit=1)], (1,), [constant(12), constant(168), constant(0)]
    )
    assert list(found.ready[:, 0]) == [68, 80]


def test_the_urgent_go_first_then_who_waits_longest():
    visits = (Visit("suite", 0, pool=0), Visit("infusion", 1, (0,)))

    def waiting(key: int, since: float, rank: int = 0) -> OrderAhead:
        return OrderAhead(key, (visits[0]._replace(ready_at=since), visits[1]), exit=1, rank=rank)

    found = futures([waiting(1, -1.0), waiting(2, -9.0), waiting(3, -2.0, rank=-1)], (1,), [constant(10), constant(0)])
    assert list(found.ready[:, 0]) == [30, 20, 10]


def test_a_booked_start_is_waited_for_and_goes_before_who_only_waits():
    def order(key: int, **visit) -> OrderAhead:
        return OrderAhead(key, (Visit("suite", 0, pool=0, **visit), Visit("infusion", 1, (0,))), exit=1)

    booked = order(2, booked_at=15.0)
    found = futures([order(1), booked, order(3), order(4)], (1,), [constant(10), constant(0)])
    assert list(found.ready[:, 0]) == [10, 25, 35, 45]


def test_places_come_and_go_by_date_and_nobody_is_turned_out():
    visits = (Visit("suite", 0, pool=0), Visit("infusion", 1, (0,)))
    net, _ = network(
        [OrderAhead(key, visits, exit=1) for key in (1, 2, 3)],
        [[(-5.0, 2), (4.0, 0), (30.0, 1)]],
        [constant(10), constant(0)],
    )
    found = simulate(net, paths=1, horizon=100)
    assert list(found.ready[:, 0]) == [10, 10, 40]
    assert found.open[0, 0] == 4 * 2 + 70


@st.composite
def lines(draw):
    """A few orders in the middle of a line of two pools with chance in it."""
    orders = []
    for number in range(draw(st.integers(1, 7))):
        place = draw(st.integers(0, 2))
        states = [DONE if at < place else WAITING for at in range(3)]
        visits = (
            Visit("suite", 0, pool=0, state=states[0], fails=0.2, reopens=(0, 1, 2), longest_wait=draw(hours)),
            Visit("qc", 1, (0,), pool=1, state=states[1], withdrawn=0.1),
            Visit("infusion", 0, (1,), state=states[2]),
        )
        orders.append(
            OrderAhead(key_of(str(number)), visits, exit=2, promised_at=draw(hours), rank=draw(st.integers(0, 1)))
        )
    return orders, [exponential(draw(hours)), constant(draw(hours))], (draw(st.integers(1, 3)), draw(st.integers(1, 3)))


@settings(max_examples=60, deadline=None)
@given(lines(), st.randoms(use_true_random=False))
def test_the_order_in_which_orders_are_given_changes_nothing(line, shuffle):
    orders, curves, pools = line
    shuffled = shuffle.sample(orders, len(orders))
    one, other = (futures(given_orders, pools, curves, paths=5) for given_orders in (orders, shuffled))
    for field in ("ready", "infused", "late", "expired", "wait_hours", "busy", "pressed"):
        assert np.array_equal(getattr(one, field), getattr(other, field), equal_nan=True)


@settings(max_examples=60, deadline=None)
@given(lines(), st.integers(2, 3))
def test_more_paths_leave_those_already_seen_as_they_were(line, threads):
    orders, curves, pools = line
    few = futures(orders, pools, curves, paths=4)
    more = futures(orders, pools, curves, paths=9, threads=threads)
    later = futures(orders, pools, curves, paths=5, first_path=4)
    assert np.array_equal(more.ready, np.concatenate([few.ready, later.ready], axis=1), equal_nan=True)
    assert np.array_equal(more.late, few.late + later.late)
    assert ((more.late >= 0) & (more.late <= 9) & (more.expired <= 9)).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(hours, min_size=1, max_size=9), st.integers(1, 4), hours)
def test_another_place_in_a_pool_delays_nobody_who_queues_for_it(begins, places, mean):
    """First come, first served, the same luck: no one starts later where there is one place more."""
    visits = (Visit("suite", 0, pool=0), Visit("infusion", 1, (0,)))
    orders = [OrderAhead(key_of(str(at)), visits, exit=1, begins_at=begin) for at, begin in enumerate(begins)]
    curves = [exponential(mean), constant(0)]
    fewer, more = (futures(orders, (count,), curves, paths=6).ready for count in (places, places + 1))
    assert (more <= fewer).all()


def test_a_table_that_is_no_curve_is_refused():
    with pytest.raises(ValueError, match="non-decreasing, finite hours"):
        network([], [], [[2.0, 1.0] + [3.0] * (QUANTILES - 2)])
    with pytest.raises(ValueError, match="not there"):
        network([OrderAhead(1, [Visit("x", 1)], exit=0)], [], [constant(1)])
    with pytest.raises(ValueError, match="no exit"):
        network([OrderAhead(1, [Visit("x", 0)], exit=1)], [], [constant(1)])
    with pytest.raises(ValueError, match="at most 63"):
        network([OrderAhead(1, [Visit("x", 0)] * 64, exit=0)], [], [constant(1)])
