"""Forecasting lines: what is claimed, what is written, and whom it wakes."""

from datetime import UTC, timedelta
from math import log

import pytest

from batches.forecasts.actions import predictions
from batches.forecasts.actions.predictions import (
    UNTOUCHED,
    forecast_due_lines,
)
from batches.forecasts.actions.thresholds import forget_risk_threshold, set_risk_threshold
from batches.forecasts.models import CalibrationState, ForecastJob, Prediction, RiskThreshold
from batches.judgement.rules.predictions import StandingPrediction
from batches.judgement.statuses import FlagCode, Severity
from supplychain.audit.refusals import Refused
from supplychain.orders.models import PatientOrder
from supplychain.sentences import said_in
from tests.batches.forecasts.forecasting import COLUMNS, forecast, new_world, rows
from tests.batches.judging import due_again, evaluate, raised
from tests.batches.lines.builders import PoolWorld
from tests.supplychain.builders import at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _few_futures(monkeypatch):
    monkeypatch.setattr(predictions, "PATHS", 60)


@pytest.fixture
def world() -> PoolWorld:
    return new_world()


def test_a_line_with_orders_is_forecast_without_being_asked(world):
    order = world.arrived(20, promised_at=at(300))

    changed = forecast_due_lines(now=at(21))

    said = Prediction.objects.get()
    assert (said.order, said.line, said.made_at, said.model, said.paths) == (order, world.plant, at(21), "mc-1", 60)
    assert said.ready_low < said.ready_median < said.ready_high
    assert (said.promised_at, said.superseded_at, said.baseline_ready_at) == (at(300), None, at(69))
    assert changed == {order.pk: {world.plant.pk, world.oslo.pk}}
    line = ForecastJob.objects.get()
    assert (line.line, line.made_at, line.orders, line.paths) == (world.plant, at(21), 1, 60)
    assert line.forecast_after == at(21) + UNTOUCHED


def test_nothing_is_rewritten_when_nothing_moved(world):
    world.arrived(20, promised_at=at(300))
    forecast_due_lines(now=at(21))
    before = rows()

    forecast(21.1)

    assert rows() == before
    assert ForecastJob.objects.get().made_at == at(21.1)


def test_it_is_said_again_after_a_day(world):
    order = world.arrived(20, promised_at=at(900))
    world.tell(order, ("selection", "started", 21))
    forecast_due_lines(now=at(22))

    forecast(46)

    assert rows("made_at", "superseded_at") == [(at(22), at(46)), (at(46), None)]


def test_a_new_promise_is_said_anew(world):
    order = world.arrived(20, promised_at=at(300))
    forecast_due_lines(now=at(21))
    PatientOrder.objects.filter(pk=order.pk).update(promised_at=at(60))

    forecast(21.1)

    assert rows("promised_at", "superseded_at") == [(at(300), at(21.1)), (at(60), None)]
    assert Prediction.objects.get(superseded_at=None).p_late >= 0.5


def test_the_same_facts_give_the_same_rows(world):
    world.arrived(20, promised_at=at(80))
    world.arrived(21, promised_at=at(90))
    forecast_due_lines(now=at(22))
    before = rows()
    Prediction.objects.all().delete()
    ForecastJob.objects.all().delete()

    forecast_due_lines(now=at(22))

    assert rows() == before


def test_what_is_heard_later_changes_nothing_that_was_said(world):
    order = world.arrived(20, promised_at=at(80))
    forecast_due_lines(now=at(21))
    columns = [name for name in COLUMNS if name != "superseded_at"]
    before = rows(*columns)
    world.tell(order, ("selection", "started", 40), ("selection", "failed", 45))

    forecast(46)

    assert rows(*columns)[:1] == before
    assert len(rows()) == 2


def test_past_errors_correct_what_is_told_and_what_was_simulated_stays_beside_it(world):
    world.arrived(20, promised_at=at(69))
    forecast_due_lines(now=at(21))
    ((simulated, low, high),) = rows("p_late", "ready_low", "ready_high")
    assert 0.05 < simulated < 0.95
    CalibrationState.objects.create(
        line=world.plant, model="mc-1", orders=40, changed_at=at(0), refreshed_at=at(0), widening_high_hours=10,
        late_intercept=-log(2), late_slope=1,
    )  # fmt: skip

    forecast(21)  # the same moment: the same futures

    told = Prediction.objects.get(superseded_at=None)
    odds = simulated / (1 - simulated) / 2
    assert (told.p_late, told.p_late_simulated) == (pytest.approx(odds / (1 + odds), abs=1e-4), simulated)
    assert told.evidence["recalibrated"] == {"intercept": -log(2), "slope": 1}
    assert told.evidence["late"]["count"] / told.evidence["late"]["of"] == pytest.approx(simulated, abs=1e-4)
    assert (told.ready_low, told.ready_high) == (low, high + timedelta(hours=10))


def test_a_promise_that_has_passed_is_late_whatever_past_errors_were(world):
    world.arrived(20, promised_at=at(25))
    CalibrationState.objects.create(
        line=world.plant, model="mc-1", orders=40, changed_at=at(0), refreshed_at=at(0), late_intercept=-3, late_slope=1
    )
    forecast_due_lines(now=at(30))
    assert rows("p_late") == [(1.0,)]


def test_orders_are_woken_whose_flags_change_and_flagged_by_probability(world):
    order = world.arrived(20, promised_at=at(60))
    evaluate(20)
    assert due_again(order) > at(20.5)

    changed = forecast(20.5)

    assert changed == {order.pk: {world.plant.pk, world.oslo.pk}}
    assert due_again(order) == at(20.5)
    evaluate(20.5)
    flag = order.flags.get(code=FlagCode.PROMISE_AT_RISK)
    said = Prediction.objects.get()
    assert (flag.severity, flag.probability) == (Severity.CRITICAL, said.p_late)
    assert f"late ({round(100 * said.p_late)} %)" in flag.why
    assert "wanted by 4 Mar 2026" in said_in(flag.why, UTC)
    assert flag.evidence["rescue"]["tried"] != []


@pytest.mark.parametrize(("reported", "is_woken"), [(20.9, False), (21.05, True)])
def test_an_order_of_which_more_was_reported_is_judged_again_though_nothing_moved(world, reported, is_woken):
    order = world.arrived(20, promised_at=at(300))
    forecast_due_lines(now=at(21))
    evaluate(21)
    PatientOrder.objects.filter(pk=order.pk).update(last_recorded_at=at(reported))
    before = rows()

    forecast(21.1)

    assert (rows() == before, due_again(order) == at(21.1)) == (True, is_woken)


def test_a_prediction_that_nobody_confirmed_for_six_hours_leaves_it_to_the_slack(world):
    order = world.arrived(20, promised_at=at(60))
    forecast_due_lines(now=at(21))
    evaluate(21)

    assert due_again(order) <= at(27)
    evaluate(27)

    flag = order.flags.get(code=FlagCode.PROMISE_AT_RISK)
    assert (flag.probability, flag.cleared_at) == (None, None)
    assert "by usual durations" in flag.why


def test_an_ended_order_has_no_flag_of_its_futures(world):
    order = world.arrived(20, promised_at=at(60))
    forecast_due_lines(now=at(21))
    world.tell(order, ("", "cancelled", 22))
    evaluate(22)
    assert [code for code, *_ in raised(order)] == [FlagCode.CELLS_UNDECIDED]


LIMITS = {"attention": 0.2, "critical": 0.4, "wait_attention": 0.1, "no_dose_attention": 0.2, "easing": 0.05}


def test_thresholds_are_set_with_a_reason_and_the_lines_are_due(world):
    world.arrived(20)
    forecast_due_lines(now=at(21))

    set_risk_threshold(world.flow.product, **LIMITS, reason="Agreed with the centres", by=None, now=at(22))

    assert RiskThreshold.objects.values(*LIMITS).get() == LIMITS
    assert ForecastJob.objects.get().forecast_after == at(22)
    forecast_due_lines(now=at(22))
    assert Prediction.objects.latest("made_at").evidence["thresholds"]["attention"] in (0.2, 0.3)

    forget_risk_threshold(RiskThreshold.objects.get(), reason="Back to the usual", by=None, now=at(23))
    assert RiskThreshold.objects.count() == 0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"critical": 0.1}, "critical"), ({"attention": 0}, "attention"), ({"easing": 0.2}, "easing"),
     ({"wait_attention": 1}, "wait_attention"), ({"reason": ""}, "reason")],
)  # fmt: skip
def test_thresholds_that_make_no_sense_are_refused_at_the_field(world, wrong, field):
    given = LIMITS | {"reason": "Why not"} | wrong
    with pytest.raises(Refused) as refused:
        set_risk_threshold(world.flow.product, **given, by=None, now=at(22))
    assert list(refused.value.errors) == [field]


def test_a_standing_prediction_says_what_it_was_found_to_be():
    said = StandingPrediction(*[None] * 11, {"severities": {"promise_at_risk": "critical"}})
    assert said.severity_of(FlagCode.PROMISE_AT_RISK) == Severity.CRITICAL
    assert said.severity_of(FlagCode.DOSE_AT_RISK) is None
