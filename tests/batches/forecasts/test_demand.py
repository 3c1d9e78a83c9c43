"""Orders to come: of which kinds, how many and when."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from batches.forecasts.rules.demand import at_random, evenly
from batches.forecasts.rules.line_states import line_state
from batches.forecasts.rules.refinements import Refined
from batches.simulation.rules.futures import simulate
from batches.simulation.rules.network import network
from supplychain.orders.statuses import Priority
from tests.batches.builders import at
from tests.batches.forecasts.line_builders import kind, line_facts

URGENT, ROUTINE = kind(Priority.URGENT), kind()
RECENT = [URGENT, ROUTINE, ROUTINE, ROUTINE] * 14
DAYS = 30 / 56


def test_both_have_the_rate_and_the_kinds_of_the_last_eight_weeks():
    assert Counter(one.kind.priority for one in evenly(RECENT)) == {Priority.URGENT: 8, Priority.ROUTINE: 22}
    gaps = {one.kind.priority: one.arrival[1] for one in at_random(RECENT)}
    assert gaps == {Priority.URGENT: pytest.approx(56 * 24 / 14), Priority.ROUTINE: pytest.approx(56 * 24 / 42)}


def test_nobody_comes_where_nobody_came():
    assert evenly([]) == at_random([]) == []


def test_one_order_in_eight_weeks_is_not_two():
    (*_, last) = at_random([URGENT])
    assert (last.arrival, evenly([URGENT])[0].begins_at) == ((2, 56 * 24, 720), 360)


def test_how_many_urgent_orders_come_is_as_much_left_to_chance_as_of_any_poisson_process():
    """7.5 urgent ones in thirty days on the mean, with a variance of 7.5, whoever else comes; it was about 2 when
    every fourth of all was urgent. As many as are there to come: 7.5 + 2 √7.5, which cuts the last 2 % off."""
    state = line_state(replace(line_facts(recent=RECENT), refined=Refined(has_random_arrivals=True)), at(0))
    net, places = network(state.orders, state.pools, state.curves, state.hours)
    assert len(set(places)) == len(state.orders)
    ready = simulate(net, paths=2_000).ready
    urgent, routine = (np.isfinite(ready[net.orders["rank"] == rank]).sum(axis=0) for rank in (-1, 0))
    assert urgent.mean() == pytest.approx(14 * DAYS, rel=0.03)
    assert routine.mean() == pytest.approx(42 * DAYS, rel=0.03)
    assert 0.8 < urgent.var() / urgent.mean() < 1.05
    assert abs(np.corrcoef(urgent, routine)[0, 1]) < 0.06
