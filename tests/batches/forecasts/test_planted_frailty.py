"""The forecast in worlds of which it is known whether the stages of an order share a slowness, against who knows it."""

from dataclasses import replace

import numpy as np
import pytest

from batches.calibration.rules.gate import judge
from batches.durations.rules.slowness import NO_SLOWNESS, Slowness
from batches.forecasts.rules.refinements import Refined
from supplychain.orders.statuses import OrderStatus
from tests.batches.builders import a_run, at, failed, running
from tests.batches.forecasts.line_builders import line_facts, line_order, line_state
from tests.bench.refinements import brier, forecasts, log_normal_curve, pairs

pytestmark = pytest.mark.long
SLOW = Slowness(0.09, frozenset({("a product", code) for code in ("selection", "expansion", "qc_release_tests")}), 99)

CURVE = log_normal_curve(100, 0.5)


def state_with(slowness: Slowness, *orders, now: float, **given):
    facts = line_facts(*orders, curves={"selection": CURVE, "expansion": CURVE, "qc_release_tests": CURVE}, **given)
    return line_state(replace(facts, refined=Refined(slowness)), at(now))


def test_with_frailty_in_the_world_the_forecast_is_near_who_knows_it():
    found = forecasts(1, 0.3, orders=250, paths=300)
    plain, refined, exact = (brier(one, found.came) for one in (found.plain, found.refined, found.exact))
    assert refined < exact + 0.006 < plain - 0.02
    assert np.abs(found.refined - found.exact).mean() < 0.04
    assert judge(pairs(found), was_used=False).is_used


def test_without_frailty_in_the_world_not_a_figure_changes():
    found = forecasts(2, 0.0, orders=150, paths=100)
    assert found.slowness.variance == 0
    assert np.array_equal(found.plain, found.refined)
    assert not judge(pairs(found), was_used=False).is_used


def test_finished_failed_and_running_stages_tell_how_slow_an_order_is():
    """Selection took 200 h of a usual 100; expansion failed after 150 h, or is at work since then."""
    done = a_run("selection", "completed", started=0, completed=200)
    slow = line_order(1, done, done_until="receipt")
    failing = line_order(2, done, a_run("transduction", "completed", started=200, completed=200),
                         a_run("expansion", "failed", started=200, failed=350), done_until="receipt")  # fmt: skip
    working = line_order(3, done, a_run("transduction", "completed", started=200, completed=200),
                         running("expansion", started=200), done_until="receipt")  # fmt: skip

    means = [one.slowness[0] for one in state_with(SLOW, slow, failing, working, now=350).orders]

    part = 0.09 / 0.25 * np.log(2)  # of the curve's log variance of 0.25 a share of 0.09 is the order's
    assert means[0] == pytest.approx(part, abs=0.01)
    assert means[0] < means[1] == means[2]


def test_who_waits_is_not_slow_and_a_hold_is_no_work():
    held = line_order(
        1, a_run("selection", "held", started=0, held=1), done_until="receipt", status=OrderStatus.ON_HOLD
    )
    waits = line_order(2, done_until="receipt")
    first, second = (one.slowness for one in state_with(SLOW, held, waits, now=900).orders)
    assert first == pytest.approx(second, abs=1e-3)
    assert second == (0.0, pytest.approx(0.3))


def test_without_a_learned_variance_the_state_is_as_it_was():
    order = line_order(1, failed("expansion", 300), done_until="transduction")
    plain, none = (state_with(one, order, now=310, recent=[order.kind]) for one in (NO_SLOWNESS, Slowness(orders=80)))
    assert none.orders == plain.orders
    assert none.curves == plain.curves
    assert {one.slowness for one in plain.orders} == {(0.0, 0.0)}
