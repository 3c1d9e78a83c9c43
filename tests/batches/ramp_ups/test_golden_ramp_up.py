"""Ramp-up against exact answers: DOMAIN §7, queueing theory, and an independent simulation (Ciw)."""

from itertools import permutations

import ciw
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batches.durations.rules.curves import constant
from batches.ramp_ups.rules.changes import ChangeKind, ScenarioChange, check_changes
from batches.ramp_ups.rules.confidence import band, student
from batches.ramp_ups.rules.lines import WEEK, LineStage
from batches.ramp_ups.rules.plans import plan_of
from batches.ramp_ups.rules.replications import replicate
from batches.ramp_ups.rules.results import outcome
from batches.ramp_ups.rules.runs import Study
from tests.batches.ramp_ups.lines import (
    DAY,
    a_journey,
    a_line,
    a_pool,
    exponential,
    one_queue,
    some_costs,
    tandem,
)

MORE_SUITES = ScenarioChange(ChangeKind.PLACES, "suite", 1)
MORE_LANES = ScenarioChange(ChangeKind.PLACES, "qc", 1)


def figures(line, changes=(), weeks=10.0, numbers=range(3), warm_up=0.0):
    checked = check_changes(changes, line)
    return Study(line, weeks, some_costs(line), warm_up).figures(checked, list(numbers))


@pytest.mark.parametrize(
    ("changes", "waits", "last_day"),
    [((), (6, 0), 37), ((MORE_SUITES,), (3, 3), 37), ((MORE_SUITES, MORE_LANES), (3, 0), 31)],
)
def test_the_tandem_of_twelve_orders(changes, waits, last_day):
    row = figures(tandem(), changes)[0]
    assert (row.pools["suite"].wait / DAY, row.pools["qc"].wait / DAY) == waits
    assert row.last_ready == last_day


def test_a_suite_alone_gains_nothing_and_the_bottleneck_moves_to_qc():
    base = figures(tandem())
    found = outcome(figures(tandem(), (MORE_SUITES,)), tandem().pool_names, base)
    assert found.gain == (
        "Gain 0: no difference in throughput, on-time share or vein-to-vein time beyond chance. "
        "The pool nearest to a bottleneck moves from Suites to QC lanes."
    )
    assert (found.is_gain, found.limit.code, found.limit.sure) == (False, "qc", 1.0)


def test_a_suite_and_a_lane_gain():
    base = figures(tandem())
    found = outcome(figures(tandem(), (MORE_SUITES, MORE_LANES)), tandem().pool_names, base)
    assert found.is_gain
    assert found.gain == (
        "Gain: on time +8.3 points; vein to vein, median -3.0 days. The pool nearest to a bottleneck stays: Suites."
    )


def times_of(line, *, years, numbers):
    """Hours from collection to dose of the orders of each replication, those of the first year left out."""
    opened, horizon = 52 * WEEK, 52 * WEEK * years
    plan = plan_of(line, (), opened=opened, horizon=horizon)
    for one in replicate(plan, numbers, opened=opened, horizon=horizon):
        took = one.futures.ready[:, 0] - one.futures.collected[:, 0]
        begun = (one.begins > opened) & (one.begins < horizon - 20 * WEEK)
        yield took[begun].astype(float)


def test_a_queue_with_many_places_waits_as_erlang_says():
    # λ 200/365 a day, mean service 7 d, 5 places: mean wait 2.960675 d; 10 d fixed besides: P(> 21 d) 0.349437.
    line = one_queue(exponential(7 * DAY), 5, 200 * 7 / 365, then=10 * DAY)
    runs = list(times_of(line, years=40, numbers=range(40)))
    wait = band(took.mean() / DAY - 17 for took in runs)
    long = band((took > 21 * DAY).mean() for took in runs)
    assert wait.has(2.960675)
    assert wait.half < 0.15
    assert long.has(0.349437)
    assert long.half < 0.01


def test_its_places_are_as_busy_as_they_must_be():
    line = one_queue(exponential(7 * DAY), 5, 200 * 7 / 365)
    rows = figures(line, weeks=500, numbers=range(30), warm_up=52)
    used = band(row.pools["pool"].used for row in rows)
    assert used.has(0.767123)
    assert used.half < 0.02


def test_one_place_with_fixed_service_waits_as_pollaczek_and_khinchine_say():
    # M/D/1, ρ 0.8, service 7 d: mean wait ρ s / 2(1 - ρ) = 14 d.
    line = one_queue(constant(7 * DAY), 1, 0.8)
    wait = band(took.mean() / DAY - 7 for took in times_of(line, years=120, numbers=range(24)))
    assert wait.has(14.0)
    assert wait.half < 1.5


def test_what_ends_exactly_at_its_promise_is_on_time():
    """Six fixed stages in tenths of an hour, promised exactly their sum: every dose is in time, by whatever sum."""
    tenths = (1, 2, 7, 333, 1_119, 1_234)
    stages = [
        LineStage(f"s{n}", f"S{n}", "manufacturing", constant(tenth / 10), pool="pool")
        for n, tenth in enumerate(tenths)
    ]
    journey = a_journey(*stages, per_week=3.0, promise=sum(tenths) / 10)
    rows = figures(a_line(journey, a_pool("pool", 90), allowance=1.0), weeks=52, numbers=range(4), warm_up=26)
    assert [row.on_time for row in rows] == [1, 1, 1, 1]


def test_the_same_end_times_as_an_independent_simulation():
    # Uneven arrivals, fixed services of two lengths, two places then three.
    gaps, first, second = [1, 2, 1, 5, 1, 1, 8, 1], 9, 13
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([*map(float, gaps), 10_000.0]), None],
        service_distributions=[ciw.dists.Deterministic(first), ciw.dists.Deterministic(second)],
        number_of_servers=[2, 3],
        routing=[[0.0, 1.0], [0.0, 0.0]],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(5_000)
    theirs = sorted(record.exit_date for record in simulation.get_all_records() if record.node == 2)
    stages = (
        LineStage("one", "One", "manufacturing", constant(first), pool="a"),
        LineStage("two", "Two", "manufacturing", constant(second), pool="b"),
    )
    journey = a_journey(*stages, arrivals=tuple(float(at) for at in np.cumsum(gaps)))
    plan = plan_of(a_line(journey, a_pool("a", 2), a_pool("b", 3)), (), horizon=5_000)
    one = next(iter(replicate(plan, [0], opened=0.0, horizon=5_000)))
    assert sorted(one.futures.ready[:, 0].tolist()) == theirs


@given(places=st.integers(1, 6), more=st.integers(1, 4), number=st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_more_places_never_delay_anybody_in_one_queue(places, more, number):
    line = one_queue(exponential(3 * DAY), places, 7.0)
    ready = []
    for changes in ((), (ScenarioChange(ChangeKind.PLACES, "pool", more),)):
        plan = plan_of(line, changes, horizon=20 * WEEK)
        one = next(iter(replicate(plan, [number], opened=0.0, horizon=20 * WEEK)))
        ready.append(np.nan_to_num(one.futures.ready[:, 0], posinf=1e9))
    assert np.all(ready[1] <= ready[0] + 0.01)


def test_more_places_may_delay_one_order_where_another_overtakes_it():
    """B comes after A. With one place at the first pool A is at the second before B; with two
    B is through the first sooner and takes the only place of the second just before A, which is ready later than
    before.
    """
    slow = a_journey(
        LineStage("first", "First", "manufacturing", constant(10), pool="a"),
        LineStage("second", "Second", "manufacturing", constant(10), pool="b"),
        arrivals=(0.0,),
    )  # fmt: skip
    quick = a_journey(
        LineStage("first", "First", "manufacturing", constant(2), pool="a"),
        LineStage("second", "Second", "manufacturing", constant(30), pool="b"),
        product="q", arrivals=(1.0,),
    )  # fmt: skip
    line = a_line(slow, a_pool("a", 1), a_pool("b", 1))
    line = type(line)(line.code, line.name, line.made_at, (slow, quick), line.pools)
    ends = []
    for changes in ((), (ScenarioChange(ChangeKind.PLACES, "a", 1),)):
        one = next(iter(replicate(plan_of(line, changes, horizon=500), [0], opened=0.0, horizon=500)))
        ends.append(dict(zip(one.begins.tolist(), one.futures.ready[:, 0].tolist(), strict=True))[0.0])
    assert ends == [20.0, 43.0]


def test_results_do_not_depend_on_the_order_of_changes():
    changes = (
        MORE_SUITES,
        ScenarioChange(ChangeKind.PLACES, "suite", -2, 14),
        ScenarioChange(ChangeKind.FACTOR, "testing", 0.5),
    )
    found = {repr(figures(tandem(), order)) for order in permutations(changes)}
    assert len(found) == 1


def test_a_scenario_with_more_demand_has_the_orders_of_the_one_with_less():
    line = one_queue(constant(DAY), 9, 10.0)
    begins = []
    for changes in ((), (ScenarioChange(ChangeKind.DEMAND, amount=25),)):
        plan = plan_of(line, changes, horizon=52 * WEEK)
        one = next(iter(replicate(plan, [7], opened=0.0, horizon=52 * WEEK)))
        begins.append({(int(key), at) for key, at in zip(one.net.orders["key"], one.begins, strict=True)})
    assert begins[0] < begins[1]
    assert len(begins[1]) / len(begins[0]) == pytest.approx(1.25, abs=0.08)


def test_a_longer_study_leaves_the_replications_begun_as_they_were():
    line = one_queue(exponential(DAY), 2, 10.0)
    assert figures(line, numbers=[5])[0] == figures(line, numbers=range(8))[5]


def test_intervals_are_those_of_the_tables():
    assert [round(student(freedom), 3) for freedom in (5, 10, 30, 99)] == [2.57, 2.228, 2.042, 1.984]
    assert (band([]), band([None])) == (None, None)
