"""When the dose is ready: each situation is stated once, and everybody who says it is asked."""

import csv
import io
import re
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.http import QueryDict
from django.urls import reverse

from batches.flags.models import Flag
from batches.flags.queries.flags import readings_for
from batches.forecasts.models import CalibrationState, Forecast, ForecastJob, Prediction
from batches.forecasts.queries.ready import ready_forecasts
from batches.forecasts.rules.conditions import (
    BEFORE_NEWS,
    FROM_STORED,
    IF_DOSE_CLEARED,
    IF_RESULT_CLEARED,
    REPEATED_THEN,
    RESTARTED_THEN,
    PlainForecast,
)
from batches.forecasts.rules.forecasts import forecast as plain_forecast
from batches.forecasts.rules.ready import ready_forecast, ready_of
from batches.judgement.queries import orders_named
from batches.judgement.rules.predictions import StandingPrediction
from batches.judgement.statuses import FlagCode
from batches.orders.api.reads import ORDER_COLUMNS, _ready_body, order_detail, order_summaries
from dashboards.centre.queries.cards import site_page
from dashboards.centre.queries.filters import Centres, SiteFilter
from dashboards.orders.queries.filter import OrderChoice
from dashboards.orders.queries.list import lines_of
from dashboards.orders.queries.page import order_view
from dashboards.orders.queries.paging import order_page
from supplychain.orders.models import PatientOrder
from supplychain.sentences import said_in
from tests.batches.calibration.builders import predict
from tests.batches.judging import evaluate, make_due
from tests.dashboards.builders import TowerWorld, browser_of
from tests.supplychain.builders import at

pytestmark = pytest.mark.django_db
UTC = ZoneInfo("UTC")
NOW = 30
# Of the plain forecast: the cells wait since hour 8, so it is ready 48 + 24 hours of work after they leave.
EVIDENCE = {
    "late": {"count": 0, "of": 500, "low": 0.0, "high": 0.01}, "no_dose": {"count": 0, "of": 500, "low": 0, "high": 0},
    "wait_expires": {"count": 0, "of": 500, "low": 0, "high": 0, "stage": ""}, "contributes": None,
    "thresholds": {"attention": 0.3, "critical": 0.6, "wait_attention": 0.1, "no_dose_attention": 0.2, "easing": 0.1},
    "severities": {},
}  # fmt: skip
CRITICAL, ATTENTION = {"promise_at_risk": "critical"}, {"promise_at_risk": "attention"}


class Said(NamedTuple):
    """A situation. `promise`, `simulated`, `forecast_at`: hours after T0; `p_late` of `of_promise` (empty: the same).

    `when`, `against`: what everybody says; None: as the plain forecast says. `basis`: what speaks.
    """

    promise: float | None
    basis: str
    when: str | None
    against: str
    p_late: float | None = None
    made: float | None = 29
    of_promise: float | None = None
    severities: dict[str, str] = {}
    is_used: bool = True
    is_held: bool = False
    doubt: str = ""


SITUATIONS = {
    "early": Said(400, "simulated_futures", "most likely 8–11 Mar", "very likely in time (2 % late)", 0.02),
    "late": Said(100, "simulated_futures", "most likely 8–11 Mar", "very likely late (98 %), about 3 days", 0.98,
                 severities=CRITICAL),
    "as likely late as not": Said(
        170, "simulated_futures", "most likely 8–11 Mar",
        "may be late (45 %), by about 2 days or more in 1 of 10 cases", 0.45, severities=ATTENTION,
    ),
    "no simulation yet": Said(190, "usual_durations", None, "about 5 days before the wanted date", made=None,
                              doubt="no simulated forecast of this order yet"),
    "old simulation": Said(190, "usual_durations", None, "about 5 days before the wanted date", 0.98, made=10,
                           severities=CRITICAL, doubt="the simulated forecast is 20 h old and not used any more"),
    "model out of use": Said(190, "usual_durations", None, "about 5 days before the wanted date", 0.98,
                             severities=CRITICAL, is_used=False,
                             doubt="the simulated forecast of this line has been less right lately and is not used"),
    "on hold": Said(400, "simulated_futures", "most likely 8–11 Mar", "not known to be in time", 0.02,
                    is_held=True),
    "no promise": Said(None, "simulated_futures", "most likely 8–11 Mar", ""),
    "another promise since": Said(120, "simulated_futures", "most likely 8–11 Mar", "likely late, about 2 days", 0.02,
                                  of_promise=400),
}  # fmt: skip


class Asked(TowerWorld):
    """An order in one of these situations, at hour NOW."""

    def __init__(self, said: Said) -> None:
        super().__init__()
        promised_at = None if said.promise is None else at(said.promise)
        self.order = super().order(promised_at=promised_at)
        self.say(self.order, "started", "collection", 2)
        self.say(self.order, "completed", "collection", 8)
        self.say(self.order, "started", "inbound", 9)
        if said.is_held:
            self.say(self.order, "held", "", 20)
        if said.made is not None:
            other = promised_at if said.of_promise is None else at(said.of_promise)
            predict(self.order, said.made, superseded_at=None, promised_at=other, p_late=said.p_late,
                    p_wait_expires=0.0, p_no_dose=0.0, evidence=EVIDENCE | {"severities": said.severities})  # fmt: skip
        CalibrationState.objects.create(
            line=self.plant, model="mc-1", is_used=said.is_used, changed_at=at(1), why="It was worse.", orders=40,
            refreshed_at=at(1),
        )  # fmt: skip
        ForecastJob.objects.filter(line=self.plant).update(made_at=None)
        make_due([self.order], NOW)
        evaluate(NOW)
        ForecastJob.objects.filter(line=self.plant).update(made_at=None)
        self.order = PatientOrder.objects.select_related("product", "plant", "ordering_site").get(pk=self.order.pk)

    def ready(self):
        return ready_forecasts([self.order.pk], at(NOW))[self.order.pk]

    def page(self, query: str = "") -> str:
        text = browser_of(self.coordinator).get(reverse("order", args=[self.order.pk]) + query).text
        return " ".join(re.sub(r"<[^>]+>", " ", text).split())

    def flag(self) -> Flag | None:
        return Flag.objects.filter(order=self.order, code=FlagCode.PROMISE_AT_RISK, cleared_at=None).first()

    def bodies(self) -> list[Any]:
        row = PatientOrder.objects.filter(pk=self.order.pk).values_list(*ORDER_COLUMNS)[0]
        detail = order_detail([self.oslo.pk], self.order.pk, now=at(NOW))
        return [*order_summaries([row], now=at(NOW)), detail]

    def file(self) -> dict[str, str]:
        text = b"".join(browser_of(self.coordinator).get(reverse("orders_csv"))).decode("utf-8-sig")
        (row,) = csv.DictReader(io.StringIO(text))
        return row


@pytest.mark.parametrize("situation", SITUATIONS)
@time_machine.travel(at(NOW), tick=False)
def test_everybody_says_the_same(situation):
    said = SITUATIONS[situation]
    asked = Asked(said)
    plain = Forecast.objects.get(order=asked.order, superseded_at=None)
    is_plain = said.basis == "usual_durations"
    moment = plain.ready_at if is_plain else at(170)
    when = said.when or f"about {moment.day} Mar"

    ready = asked.ready()
    assert (ready.basis, ready.ready_at) == (said.basis, moment)
    assert (ready.when(at(NOW)), ready.against_promise, ready.doubt) == (when, said.against, said.doubt)
    assert ready.assumes == ("if the hold were lifted now" if said.is_held else "")

    (line,) = lines_of([asked.order], at(NOW))
    assert line.ready == ready
    for query in ("", "?print=1"):
        text = asked.page(query)
        assert when in text
        assert said.against in text
        assert said.doubt in text
    listed = browser_of(asked.coordinator).get(reverse("orders")).text
    assert when in listed
    assert said.against in listed

    (card,) = site_page(Centres.of(asked.coordinator), SiteFilter.read(QueryDict()), at(NOW)).lines
    assert (card.card.forecast, card.card.lateness) == (when, said.against)
    assert card.card.how_known == ready.how_known(at(NOW))

    for body in asked.bodies():
        assert (body.forecast.basis, body.forecast_ready_at, body.forecast.ready_at) == (said.basis, moment, moment)
        assert body.forecast.late == ready.told_late
        assert body.slack_hours == (None if ready.told_slack_hours is None else round(ready.told_slack_hours, 2))
    row = asked.file()
    assert (row["forecast_ready_at"], row["forecast_basis"]) == (moment.isoformat(timespec="seconds"), said.basis)

    sorting = OrderChoice(sort="slack").sorting(at(NOW))
    (sorted_order,) = order_page(PatientOrder.objects.filter(pk=asked.order.pk), sorting).orders
    assert getattr(sorted_order, "sort_value", None) == ready.slack_hours


@pytest.mark.parametrize("situation", SITUATIONS)
@time_machine.travel(at(NOW), tick=False)
def test_a_flag_is_raised_by_what_is_said_and_says_it(situation):
    said = SITUATIONS[situation]
    asked = Asked(said)
    ready, flag = asked.ready(), asked.flag()
    is_late = bool(said.severities and not said.doubt) or said.of_promise is not None
    assert bool(flag) == is_late
    if flag:
        assert flag.why.startswith(ready.against_promise.capitalize())
        assert f"Ready: {ready.when(at(NOW))}" in said_in(flag.why, UTC, at(NOW))
        (card,) = site_page(Centres.of(asked.coordinator), SiteFilter.read(QueryDict()), at(NOW)).lines
        verb = "" if ready.against_promise.startswith("may be") else "is "
        known = (
            f"The dose {verb}{ready.against_promise}." if ready.ready_at else "The dose may not be ready as promised."
        )
        assert known in [one.text for one in card.card.troubles]


@time_machine.travel(at(NOW), tick=False)
def test_a_hold_of_an_earlier_attempt_that_counts_is_assumed_lifted_by_everybody():
    world = TowerWorld()
    order = world.order(promised_at=at(400))
    world.say(order, "completed", "collection", 8)
    world.say(order, "started", "inbound", 9)
    world.say(order, "held", "inbound", 10)
    world.say(order, "started", "selection", 12)
    world.say(order, "failed", "selection", 14)
    world.say(order, "started", "selection", 16, attempt=2)
    make_due([order], NOW)
    evaluate(NOW)
    order = PatientOrder.objects.get(pk=order.pk)
    assert (order.attempt, order.status) == (2, "in_progress")
    ready = ready_forecasts([order.pk], at(NOW))[order.pk]
    (row,) = orders_named([order.pk])
    facts = readings_for([row]).facts_of(row)
    assert ready.assumes == "if the hold were lifted now"
    assert ready_of(facts, plain_forecast(facts, at(NOW)), at(NOW)).assumes == ready.assumes
    assert order_view(order, world.coordinator, at(NOW)).is_held
    world.say(order, "completed", "inbound", 20)
    evaluate(NOW)
    assert ready_forecasts([order.pk], at(NOW))[order.pk].assumes == ""
    assert not order_view(PatientOrder.objects.get(pk=order.pk), world.coordinator, at(NOW)).is_held


@pytest.mark.parametrize(("restarts_from", "assumes"), [("", BEFORE_NEWS), ("Selection", RESTARTED_THEN)])
def test_a_forecast_made_before_the_last_report_says_so_and_on_what_it_rested(restarts_from, assumes):
    order = Asked(SITUATIONS["early"]).order
    PatientOrder.objects.filter(pk=order.pk).update(last_recorded_at=at(29.5))
    Forecast.objects.create(
        order=order, made_at=at(28.9), superseded_at=at(29.6), ready_at=at(90),
        evidence={"steps": [], "assumes_restart_from": restarts_from},
    )  # fmt: skip
    before = ready_forecasts([order.pk], at(NOW))[order.pk]
    assert (before.assumes, before.is_before_news) == (assumes, True)
    assert before.how_known(at(NOW)) == f"8 of 10 cases by simulation, said 1 h ago; {assumes}"
    ForecastJob.objects.update_or_create(line=order.plant, defaults={"made_at": at(29.7)})
    after = ready_forecasts([order.pk], at(NOW))[order.pk]
    assert (after.is_before_news, "confirmed" in after.how_known(at(NOW))) == (False, True)


@pytest.mark.parametrize(
    ("now_assumed", "news", "assumes"),
    [
        ({"assumes_cleared": IF_DOSE_CLEARED}, RESTARTED_THEN, RESTARTED_THEN),
        ({"assumes_cleared": IF_RESULT_CLEARED}, RESTARTED_THEN + FROM_STORED, RESTARTED_THEN + FROM_STORED),
        ({"assumes_cleared": IF_DOSE_CLEARED}, BEFORE_NEWS, f"{IF_DOSE_CLEARED}; {BEFORE_NEWS}"),
        ({"assumes_ended": "Expansion"}, RESTARTED_THEN, RESTARTED_THEN),
        ({"assumes_booked": "Apheresis"}, REPEATED_THEN.format("QC"), REPEATED_THEN.format("QC")),
    ],
)
def test_what_futures_rested_on_excludes_what_only_another_dose_needs(now_assumed, news, assumes):
    made = ready_forecast(
        PlainForecast(at(150), at(NOW))._replace(**now_assumed),
        StandingPrediction(None, at(29), at(29), True, at(400), at(140), at(150), at(160), 0.06, 0.0, 0.0, {}),
        promised_at=at(400), is_held=False, now=at(NOW), news=news,
    )  # fmt: skip
    assert made.assumes == assumes


@time_machine.travel(at(NOW), tick=False)
@pytest.mark.parametrize("code", [FlagCode.PROMISE_AT_RISK, FlagCode.DOSE_AT_RISK])
def test_a_flag_by_futures_made_before_the_last_report_says_so_until_the_next_forecast(code):
    asked = Asked(SITUATIONS["late"])
    order = asked.order
    evidence = Prediction.objects.get(order=order, superseded_at=None).evidence
    dose = {"dose_severities": {"no_dose": "attention"}} if code == FlagCode.DOSE_AT_RISK else {}
    Prediction.objects.update(evidence=evidence | {"severities": {code.value: "attention"}} | dose)
    whys = []
    for confirmed in (29, 29.7):
        PatientOrder.objects.filter(pk=order.pk).update(last_recorded_at=at(29.5))
        ForecastJob.objects.update_or_create(line=order.plant, defaults={"made_at": at(confirmed)})
        make_due([order], NOW)
        evaluate(NOW)
        whys.append(Flag.objects.get(order=order, code=code, cleared_at=None).why)
    assert [BEFORE_NEWS in why for why in whys] == [True, False]


def test_where_nobody_knows_files_and_systems_get_no_probability():
    made = ready_forecast(
        PlainForecast(at(150), at(NOW)),
        StandingPrediction(None, at(29), at(29), True, at(400), at(140), at(150), at(160), 0.06, 0.0, 0.0, {}),
        promised_at=at(400), is_held=True, now=at(NOW),
    )  # fmt: skip
    assert (made.against_promise, made.p_late) == ("not known to be in time", 0.06)
    body = _ready_body(made)
    assert (made.told_slack_hours, body.late, body.unsure) == (None, None, "the order is on hold")
