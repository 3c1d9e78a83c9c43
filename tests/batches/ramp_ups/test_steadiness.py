"""Loads by hand, what is called steady, and why a target is out of reach: against queueing theory."""

from itertools import product
from math import inf

import numpy as np
import pytest

from batches.durations.rules.curves import constant
from batches.ramp_ups.rules.changes import ChangeKind, ScenarioChange
from batches.ramp_ups.rules.confidence import band
from batches.ramp_ups.rules.lines import LineStage
from batches.ramp_ups.rules.loads import expected_runs, loads_of, mean_of
from batches.ramp_ups.rules.plans import plan_of
from batches.ramp_ups.rules.runs import Study
from batches.ramp_ups.rules.search import Ask, next_step
from batches.ramp_ups.rules.steadiness import Regime, growth_of
from batches.ramp_ups.rules.tried_plans import Target
from tests.batches.ramp_ups.lines import DAY, a_journey, a_line, a_pool, exponential, one_queue, some_costs
from tests.batches.ramp_ups.test_ramp_up_changes import search, simulated

MORE = (ScenarioChange(ChangeKind.DEMAND, amount=25.0),)


def study(line, weeks=52, warm_up=None):
    return Study(line, weeks, {}, warm_up)


def test_the_load_is_offered_work_over_places():
    # 200 orders a year of 7 days at 5 places: ρ = 200 / 365 × 7 / 5 = 0.767123.
    line = one_queue(exponential(7 * DAY), 5, 200 * 7 / 365)
    (pool,) = study(line).loads(())
    assert pool.load == pytest.approx(0.767123, abs=1e-5)
    assert mean_of(exponential(7 * DAY)) == pytest.approx(7 * DAY)
    assert study(line).loads(MORE)[0].load == pytest.approx(1.25 * 0.767123, abs=1e-5)


def test_failures_and_losses_are_in_the_load():
    """A (fails 20 %, opens A anew), then B (withdrawn 10 %, fails 50 %, opens A anew); three attempts in all."""
    stages = (
        LineStage("a", "A", "manufacturing", constant(DAY), pool="p", fails=0.2),
        LineStage("b", "B", "quality_control", constant(DAY), pool="q", fails=0.5, withdrawn=0.1),
    )
    line = a_line(a_journey(*stages, per_week=7.0), a_pool("p", 4), a_pool("q", 4))
    plan = plan_of(line, (), horizon=1.0)
    # An attempt fails with 0.2 + 0.8 × 0.5 = 0.6: 1 + 0.6 + 0.36 attempts, each runs A once and B with 0.8.
    runs = expected_runs(plan, line.journeys[0])
    assert (runs["a"], runs["b"]) == (pytest.approx(1.96), pytest.approx(0.8 * 1.96))
    loads = {one.code: one.load for one in loads_of(plan, 0.0)}
    assert loads == {"p": pytest.approx(1.96 / 4), "q": pytest.approx(0.8 * 1.96 / 4)}
    # The simulation uses the places just so much.
    used = band(row.pools["p"].used for row in study(line, 200).figures((), range(20)))
    assert used.has(1.96 / 4)


def test_a_place_kept_between_its_stages_is_held_all_the_while():
    stages = (
        LineStage("a", "A", "manufacturing", constant(DAY), pool="suite"),
        LineStage("b", "B", "quality_control", constant(2 * DAY)),
        LineStage("c", "C", "manufacturing", constant(DAY), pool="suite", keeps=True),
    )
    line = a_line(a_journey(*stages, per_week=1.0), a_pool("suite", 1))
    (pool,) = study(line).loads(())
    assert (pool.load, pool.per_week) == (pytest.approx(4 / 7), 1.0)


def test_an_overloaded_line_is_never_called_steady():
    line = one_queue(constant(7 * DAY), 2, 2.5)
    tried = study(line)
    found = tried.steadiness((), tried.figures((), range(10)))
    assert found.regime is Regime.OVERLOADED
    # 2.5 come and 2 leave a week.
    assert found.words == (
        "Not steady: Pool is asked for 125 % of what can be done; the queue grows by about 0.5 orders a week. "
        "Figures over longer weeks would be worse."
    )
    assert tried.settles_after(()) == inf


def places(amount, day=0.0):
    return ScenarioChange(ChangeKind.PLACES, "pool", float(amount), from_day=day)


@pytest.mark.parametrize(
    ("changes", "busiest"),
    [((places(-5, 20), places(5, 120)), "140 %"), ((places(-2, 90),), ""), ((places(2, 150),), "")],
)
def test_weeks_with_unlike_places_are_not_called_steady(changes, busiest):
    """Seven orders a week of 168 hours at ten places: a load of 0.7, of 7 ÷ 5 = 1.4 while five are away."""
    tried = study(one_queue(exponential(7 * DAY), 10, 7.0), weeks=26)
    found = tried.steadiness(changes, tried.figures(changes, range(10)))
    said = f" For a time Pool is asked for {busiest} of what can be done." if busiest else ""
    assert found.regime is Regime.CHANGING
    assert found.words.endswith(f"places that change); measured after {tried.warm_up(changes):.0f} weeks.{said}")


def test_another_plant_within_the_weeks_is_not_called_steady_and_one_after_them_is_no_change():
    tried = study(one_queue(exponential(7 * DAY), 10, 7.0), weeks=26)

    def regime(change):
        return tried.steadiness((change,), tried.figures((change,), range(10))).regime

    assert regime(ScenarioChange(ChangeKind.PLANT, amount=40.0, from_day=60.0)) is Regime.CHANGING
    assert regime(ScenarioChange(ChangeKind.PLANT, amount=40.0)) is Regime.STEADY
    assert regime(places(-2, 26 * 7)) is Regime.STEADY


def test_near_full_the_line_is_run_until_it_is_steady():
    """M/M/1 at ρ 0.9, 1 day: mean wait ρ s / (1 - ρ) = 9 days. Sixteen weeks from empty are not enough for that."""
    line = one_queue(exponential(DAY), 1, 6.3)
    tried = study(line, weeks=400)
    assert tried.warm_up(()) > 100
    rows = tried.figures((), range(40))
    assert tried.steadiness((), rows).regime is Regime.STEADY
    wait = band(row.pools["pool"].wait / DAY for row in rows)
    assert wait.has(9.0)
    assert wait.half < 1.2


def test_what_would_take_too_long_to_settle_says_so():
    line = one_queue(exponential(7 * DAY), 5, 4.975)
    tried = study(line)
    found = tried.steadiness((), tried.figures((), range(10)))
    assert found.regime is Regime.FROM_EMPTY
    assert found.words.startswith("Not steady: the first year from empty, after 16 weeks")


def test_both_sides_of_a_comparison_are_run_for_as_long():
    line = one_queue(exponential(DAY), 1, 5.0)
    tried = study(line)
    assert tried.window((), MORE) == tried.window(MORE, ())
    assert tried.window((), MORE).opened > tried.window(()).opened


def test_a_small_line_with_plenty_of_places_is_not_out_of_reach():
    """4 orders a week at 60 places for 7 needed, all on time: nothing is to be added, whatever the count of a year."""
    line = one_queue(exponential(12 * DAY), 60, 4.0, then=DAY)
    line = a_line(
        a_journey(*line.journeys[0].stages[1:-1], per_week=4.0, promise=120 * DAY), *line.pools
    )  # fmt: skip
    answer, _ = search(line, Target(0, 0.9))
    assert (answer.reached, answer.places, answer.why) == (True, (), "")


def test_a_line_that_falls_behind_is_told_as_that():
    # Promises so late that every dose is on time, and more orders than places: one pool, nothing to add to it.
    line = one_queue(constant(7 * DAY), 2, 2.5)
    line = a_line(a_journey(*line.journeys[0].stages[1:-1], per_week=2.5, promise=5000 * DAY), *line.pools)
    tried = simulated(Study(line, 40, some_costs(line)), Target(0, 0.9), ())
    assert (tried.keeps_up, tried.growth) == (False, pytest.approx(0.5, abs=0.15))


def test_a_line_without_a_trend_keeps_up_in_every_sample():
    """The old rule, doses of a year against orders of that year, called one small line in ten behind by chance."""
    line = one_queue(exponential(12 * DAY), 20, 1.0)
    tried = [Study(line, 26, {}).figures((), range(first, first + 12)) for first in range(0, 240, 12)]
    assert [growth_of(rows) for rows in tried] == [0.0] * 20


def a_small_line(seed):
    """Three pools of one to three places in a row, at random hours and prices."""
    luck = np.random.default_rng(seed)
    stages = [
        LineStage(code, code.upper(), "manufacturing", exponential(luck.uniform(2, 6) * DAY), pool=code)
        for code in ("a", "b", "c")
    ]
    line = a_line(
        a_journey(*stages, per_week=float(luck.uniform(2, 3.5)), promise=luck.uniform(26, 36) * DAY),
        *(a_pool(code, int(luck.integers(1, 4))) for code in ("a", "b", "c")),
    )
    prices = {f"place:{code}": float(round(luck.uniform(1, 9), 1)) for code in ("a", "b", "c")}
    return line, some_costs(line) | prices


@pytest.mark.parametrize("seed", range(6))
def test_the_plan_is_as_cheap_as_the_cheapest_of_all(seed):
    line, costs = a_small_line(seed)
    target = Target(10, 0.85)
    answer, tried = search(line, target, costs)
    assert (answer.reached, answer.proof) == (True, "enumerated")
    cost = sum(costs[f"place:{code}"] * count for code, count in answer.places)
    known = {one.places: one for one in tried}
    for counts in product(range(5), repeat=3):
        plan = tuple((code, count) for code, count in zip("abc", counts, strict=True) if count)
        if sum(costs[f"place:{code}"] * count for code, count in plan) < cost - 1e-9:
            found = known.get(plan) or simulated(Study(line, 40, costs), target, plan)
            assert not found.is_enough


def test_a_large_space_is_searched_around_the_plan_and_said():
    stages = [
        LineStage(code, code.upper(), "manufacturing", exponential(5 * DAY), pool=code) for code in ("dear", "cheap")
    ]
    line = a_line(a_journey(*stages, per_week=14.0, promise=18 * DAY), a_pool("dear", 13), a_pool("cheap", 13))
    costs = some_costs(line) | {"place:dear": 90_000.0, "place:cheap": 1.0}
    answer, _ = search(line, Target(20, 0.85), costs)
    assert (answer.reached, answer.proof) == (True, "local")


def test_nothing_to_add_needs_no_proof_by_trying():
    line = one_queue(constant(DAY), 9, 4.0)
    assert isinstance(next_step(line, {}, []), Ask)
    answer, tried = search(line, Target(0, 0.9), {})
    assert (answer.reached, answer.places, answer.proof, len(tried)) == (True, (), "enumerated", 1)
