"""Whether a line's simulation is in use, and what past errors change in what it says."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from batches.calibration.actions import refresh_calibration, score_predictions
from batches.calibration.queries.scored import models_in_use
from batches.calibration.rules.choice import UNSCORED
from batches.forecasts.models import CalibrationState
from batches.forecasts.queries.calibration import corrections_of
from batches.forecasts.rules.corrections import UNCHANGED, Corrections, Widening
from supplychain.orders.models import StageRun
from tests.batches.calibration.builders import READY, ScoredWorld, predict
from tests.supplychain.builders import at
from tests.supplychain.due_orders import due_moments, nothing_due

pytestmark = pytest.mark.django_db
LATER = at(1_000)


@pytest.fixture
def world() -> ScoredWorld:
    return ScoredWorld()


def test_nothing_scored_means_used_and_not_widened(world):
    assert refresh_calibration(now=LATER) == 0
    assert corrections_of(world.plant.pk, "mc-1") == Corrections()
    assert models_in_use([world.plant.pk]) == {world.plant.pk: UNSCORED}


def many(world: ScoredWorld, number: int, **given) -> None:
    """Predictions of so many orders, all of one course, that stood 14 days before the promise."""
    order = world.treated()
    for _ in range(number):
        one = world.order()
        type(one).objects.filter(pk=one.pk).update(status="infused", infused_at=at(212), last_recorded_at=at(212))
        StageRun.objects.filter(order=one, stage__code="infusion").update(ready_at=at(READY), status="completed",
                                                                          completed_at=at(212))  # fmt: skip
        predict(one, -200, superseded_at=None, promised_at=at(190), **given)
    assert order.infused_at
    score_predictions(now=LATER)


def test_a_line_whose_model_is_worse_goes_back_to_the_medians_and_widens_its_intervals(world):
    # All are late, as the medians said; the model said 30 %, and its interval ended 20 hours too soon after widening.
    many(world, 40, baseline_ready_at=at(195), ready_high=at(180), widened_low_hours=3, widened_high_hours=5)
    with CaptureQueriesContext(connection) as asked:
        assert refresh_calibration(now=LATER) == 1
    assert len([query for query in asked if "SAVEPOINT" not in query["sql"]]) == 4  # whom it concerns, too: nobody
    state = CalibrationState.objects.get()
    assert (state.is_used, state.orders, state.brier, state.baseline_brier) == (False, 40, pytest.approx(0.49), 0)
    assert (state.widening_low_hours, state.widening_high_hours) == (0, 25)
    assert (state.interval_orders, state.changed_at) == (40, LATER)
    assert corrections_of(world.plant.pk, "mc-1").widening == Widening(0, 25)
    assert models_in_use([world.plant.pk])[world.plant.pk].is_used is False


def test_when_another_model_decides_the_open_orders_of_the_line_are_judged_by_it(world):
    many(world, 40, baseline_ready_at=at(195), ready_high=at(180))
    order = world.order()
    nothing_due()
    refresh_calibration(now=LATER)
    assert due_moments() == {order.pk: LATER}
    nothing_due()
    refresh_calibration(now=LATER)
    assert due_moments() == {}


def test_since_when_it_is_used_stays_until_it_changes(world):
    many(world, 40)
    refresh_calibration(now=LATER)
    refresh_calibration(now=LATER + timedelta(days=1))
    state = CalibrationState.objects.get()
    assert (state.is_used, state.changed_at, state.refreshed_at) == (True, LATER, LATER + timedelta(days=1))


def test_what_the_simulation_said_is_corrected_by_what_came_and_not_by_what_was_told(world):
    # All 40 came late; simulated were 30 %, told (as corrected before) 90 %.
    many(world, 40, p_late=0.9, p_late_simulated=0.3)
    refresh_calibration(now=LATER)
    state, late = CalibrationState.objects.get(), corrections_of(world.plant.pk, "mc-1").late
    assert corrections_of(world.plant.pk, "mc-1+f").late == UNCHANGED  # another model errs otherwise
    assert state.late_why.startswith(
        "Of the newest 40 orders the simulation gave 30 % to be late on average, and 100 %"
    )
    assert late == (state.late_intercept, state.late_slope)
    assert late.corrected(0.3, 500) > 0.6


def test_an_open_order_past_its_promise_moves_the_later_end_by_what_is_known(world):
    """Twenty orders still open long after the ends of their intervals: not in any score of ready doses yet."""
    for _ in range(20):
        predict(world.treated(until="harvest"), -200, superseded_at=None, ready_high=at(180))
    score_predictions(now=at(400))
    refresh_calibration(now=at(400))
    assert corrections_of(world.plant.pk, "mc-1").widening == Widening(0, 220)
