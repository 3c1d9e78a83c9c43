"""The forecast in a world in which tests hang and then fail, and in one in which attempt and time say nothing."""

from dataclasses import replace

import numpy as np
import pytest

from batches.calibration.rules.gate import judge
from batches.durations.rules.competing import Ends
from batches.durations.rules.curves import constant
from batches.forecasts.rules.line_facts import PlannedCurve
from batches.forecasts.rules.line_states import line_state
from batches.forecasts.rules.refinements import Refined
from tests.batches.builders import a_run, at, running
from tests.batches.forecasts.line_builders import SITE, line_facts, line_order
from tests.bench.refinements import brier
from tests.bench.stuck_tests import PLAIN, STUCK, forecasts

pytestmark = pytest.mark.long
TEST = "qc_release_tests"
ENDS = Ends(0.04, 0.25, constant(150), constant(400))


def visits_of(*, has_ends: bool, now: float, **given):
    """The test of an order in its first attempt, of one whose test failed, and of one in its second attempt."""
    orders = (
        line_order(1, running(TEST, started=0), done_until="harvest"),
        line_order(2, a_run(TEST, "failed", started=0, failed=10), done_until="harvest"),
        line_order(3, running(TEST, started=0, attempt=2), done_until="harvest", attempt=2),
    )
    facts = line_facts(*orders, **given)
    curves = dict(facts.curves) | {("a product", SITE, TEST): PlannedCurve(constant(170), 0.06, 0.0, ENDS)}
    state = line_state(replace(facts, curves=curves, refined=Refined(has_ends=has_ends)), at(now))
    return state, [next(one for one in order.visits if one.stage == TEST) for order in state.orders]


def test_with_tests_that_hang_in_the_world_the_forecast_is_near_who_knows_it():
    found = forecasts(1, STUCK, paths=200)
    plain, refined, exact = (brier(one, found.came) for one in (found.plain, found.refined, found.exact))
    assert refined < exact + 0.005 < plain - 0.004
    assert np.abs(found.refined - found.exact).mean() < np.abs(found.plain - found.exact).mean() / 1.5
    assert judge(found.pairs(), was_used=False).is_used


def test_where_attempt_and_time_say_nothing_it_is_refused():
    found = forecasts(1, PLAIN, paths=200)
    assert brier(found.refined, found.came) == pytest.approx(brier(found.plain, found.came), abs=0.003)
    assert not judge(found.pairs(), was_used=False).is_used


def test_a_stage_fails_by_attempt_and_in_the_hours_of_failures():
    state, visits = visits_of(has_ends=True, now=20)
    assert [one.fails for one in visits] == [0.04, 0.25, 0.25]
    assert {one.fails_again for one in visits} == {0.25}
    assert {(state.curves[one.curve][0], state.curves[one.failing][0]) for one in visits} == {(150, 400)}


def test_not_in_use_nothing_of_it_is_taken_into_account():
    state, visits = visits_of(has_ends=False, now=20)
    assert {(one.fails, one.fails_again, one.failing) for one in visits} == {(0.06, None, -1)}
    assert {state.curves[one.curve][0] for one in visits} == {170}
