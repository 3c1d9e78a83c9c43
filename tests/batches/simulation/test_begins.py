"""When a stage that cells wait for is begun, in each of the futures."""

import numpy as np
import pytest

from batches.durations.rules.curves import QUANTILES
from batches.simulation.rules.futures import simulate
from batches.simulation.rules.network import RUNNING, OrderAhead, Visit, network

CURVES = [[hours] * QUANTILES for hours in (10.0, 1.0, 30.0)]
ON_THE_WAY = Visit("inbound", 0, state=RUNNING, elapsed=4.0)


def begins(order: OrderAhead, *others: OrderAhead, pools=()) -> np.ndarray:
    net, _ = network([order, *others], pools, CURVES)
    return simulate(net, paths=8).begins


def test_what_follows_a_transport_is_begun_when_it_ends():
    order = OrderAhead(1, (ON_THE_WAY, Visit("selection", 1, (0,)), Visit("infusion", 1, (1,))), exit=2, watched=(1,))
    assert begins(order) == pytest.approx(np.full((1, 8), 6.0))


def test_a_stage_waits_for_its_place():
    holds = OrderAhead(2, (Visit("making", 0, pool=0, state=RUNNING, elapsed=3.0), Visit("infusion", 1, (0,))), exit=1)
    waits = Visit("making", 0, pool=0, ready_at=-5.0)
    order = OrderAhead(1, (waits, Visit("infusion", 1, (0,))), exit=1, watched=(0,))
    assert begins(order, holds, pools=[[(0.0, 1)]]) == pytest.approx(np.full((1, 8), 7.0))


def test_a_place_that_never_opens_is_never_and_not_unknown():
    order = OrderAhead(1, (Visit("making", 0, pool=0, ready_at=-5.0), Visit("infusion", 1, (0,))), exit=1, watched=(0,))
    assert np.all(np.isposinf(begins(order, pools=[[(0.0, 0)]])))


@pytest.mark.parametrize("attempts", [0, 2])
def test_cells_that_are_lost_on_the_way_are_not_begun_and_a_new_attempt_has_others(attempts):
    lost = ON_THE_WAY._replace(fails=1.0, fails_again=0.0, reopens=(0, 1, 2))
    visits = (lost, Visit("selection", 1, (0,)), Visit("infusion", 1, (1,)))
    order = OrderAhead(1, visits, exit=2, watched=(1,), attempts_left=attempts)
    assert np.all(np.isnan(begins(order)))


def test_the_first_begin_counts_where_the_work_fails_and_is_done_again():
    waits = Visit("selection", 2, ready_at=-5.0, booked_at=3.0, fails=1.0, fails_again=0.0, reopens=(0, 1))
    order = OrderAhead(1, (waits, Visit("infusion", 1, (0,))), exit=1, watched=(0,))
    assert begins(order) == pytest.approx(np.full((1, 8), 3.0))


def test_what_nobody_watches_is_not_kept():
    order = OrderAhead(1, (Visit("selection", 1), Visit("infusion", 1, (0,))), exit=1)
    assert begins(order).shape == (0, 8)
