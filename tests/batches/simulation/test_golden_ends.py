"""How orders end in a simulated line: waits that run out, failures, withdrawals, late tests."""

from math import isnan

import numpy as np
import pytest

from batches.simulation.rules.compiled import IS_COMPILED
from batches.simulation.rules.futures import _simulate, runs_of, simulate
from batches.simulation.rules.network import (
    OrderAhead,
    Visit,
    network,
)
from tests.batches.simulation.golden import constant, futures


@pytest.mark.skipif(not IS_COMPILED, reason="nothing is compiled here")
def test_for_whole_numbers_nothing_is_compiled_a_second_time():
    net, _ = network([OrderAhead(1, [Visit("suite", 0)], exit=0)], [], [constant(10)])
    assert simulate(net, paths=1, horizon=100, opened=0).ready == simulate(net, paths=1, horizon=100.0).ready
    runs_of(net, path=0, horizon=100)
    assert len(_simulate.signatures) == 1


def test_a_permitted_wait_that_runs_out_is_counted_at_its_stage():
    visits = (Visit("suite", 0, pool=0, longest_wait=15.0), Visit("infusion", 1, (0,)))
    orders = [OrderAhead(key, visits, exit=1) for key in (1, 2, 3)]
    found = futures(orders, (1,), [constant(10), constant(0)], paths=7)
    assert list(found.expired) == [0, 0, 7]
    assert list(found.expired_visits) == [0, 0, 0, 0, 7, 0]


def test_a_failure_opens_stages_anew_until_no_attempt_is_left():
    """It fails half the time: P(dose after at most three attempts) = 1 − 1/8, and each attempt takes its time."""
    visits = (Visit("suite", 0, pool=0, fails=0.5, reopens=(0, 1)), Visit("infusion", 1, (0,)))
    found = futures([OrderAhead(3, visits, exit=1, attempts_left=2)], (1,), [constant(10), constant(0)], paths=8_000)
    shares = [(found.ready == hours).mean() for hours in (10, 20, 30)] + [np.isnan(found.ready).mean()]
    for share, exact in zip(shares, (1 / 2, 1 / 4, 1 / 8, 1 / 8), strict=True):
        assert abs(share - exact) < 3 * (exact * (1 - exact) / 8_000) ** 0.5


def test_an_order_withdrawn_gives_its_place_to_the_next():
    lost = (Visit("suite", 0, pool=0, withdrawn=1.0), Visit("infusion", 1, (0,)))
    other = (Visit("suite", 0, pool=0), Visit("infusion", 1, (0,)))
    found = futures([OrderAhead(1, lost, exit=1), OrderAhead(2, other, exit=1)], (1,), [constant(10), constant(0)])
    assert isnan(found.ready[0, 0])
    assert found.ready[1, 0] == 20


def test_a_late_test_after_the_dose_takes_nothing_back():
    visits = (
        Visit("making", 0),
        Visit("sterility", 1, (0,), fails=1.0, reopens=(0, 1, 2)),
        Visit("infusion", 0, (0,)),
    )
    found = futures([OrderAhead(1, visits, exit=2)], (), [constant(5), constant(100)])
    assert found.infused[0, 0] == 10
