"""The forecast on the order page: probabilities in words, what causes them, what would help, how it changed."""

import re
from collections.abc import Iterator

import pytest
import time_machine
from django.urls import reverse

from batches.forecasts.models import CalibrationState, ForecastJob, RiskThreshold
from batches.judgement.statuses import FlagCode, Remedy
from tests.batches.calibration.builders import predict
from tests.dashboards.builders import TowerWorld, browser_of, raise_flag
from tests.supplychain.builders import at

pytestmark = pytest.mark.django_db
EVIDENCE = {
    "late": {"count": 150, "of": 500, "low": 0.262, "high": 0.342},
    "wait_expires": {"count": 50, "of": 500, "low": 0.077, "high": 0.129, "stage": "selection"},
    "no_dose": {"count": 25, "of": 500, "low": 0.034, "high": 0.073},
    "contributes": {"stage": "release", "excess_hours": 36.0, "wait_hours": 24.0, "work_hours": 36.0},
    "thresholds": {"attention": 0.3, "critical": 0.6, "wait_attention": 0.1, "no_dose_attention": 0.2, "easing": 0.1},
    "severities": {"promise_at_risk": "attention"},
}  # fmt: skip
RESCUE = {
    "kind": "extra_place", "stage": "release", "cost": 20, "late_before": 0.3, "late": 0.1, "helps": True,
    "worst_before": None, "worst_after": None,
}  # fmt: skip


@pytest.fixture
def world() -> TowerWorld:
    return TowerWorld()


@pytest.fixture(autouse=True)
def _now_is_hour_24() -> Iterator[None]:
    with time_machine.travel(at(24), tick=False):
        yield


def page(world, order):
    return browser_of(world.coordinator).get(reverse("order", args=[order.pk]))


def section(response) -> str:
    """The words of the forecast, without markup."""
    found = re.search(r'<section class="panel outlook".*?</section>', response.text, re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""


def test_it_tells_when_the_dose_is_ready_and_how_likely_what_is(world):
    order = world.order(promised_at=at(190))
    predict(order, 20, superseded_at=None, evidence=EVIDENCE)

    words = section(page(world, order))

    late = "may be late (30 %), by about 30 hours or more in 1 of 10 cases"
    assert f"Dose ready: most likely 8–11 Mar ; {late}." in words
    assert "500 simulations of this line: the middle one is ready 9 Mar , 8 of 10 cases between" in words
    assert "8 of 10 cases between 8 Mar and 11 Mar" in words
    assert "Late 30 % 26–34 % Release: 36 h over its plan, 24 h of it waiting 30 %" in words
    assert "A permitted wait runs out 10 % 8–13 % before Selection 10 %" in words
    assert "No dose comes 5 % 3–7 % – 20 %" in words
    assert (
        "Rescue: none was looked for as the order stands now; the five most urgent orders of its line come first"
        in words
    )


def test_the_table_names_no_stage_as_the_cause_where_the_flag_says_that_there_is_none(world):
    order = world.order(promised_at=at(100))
    small = {"stage": "release", "excess_hours": 6.0, "wait_hours": 0.0, "work_hours": 30.0}
    predict(order, 20, superseded_at=None, promised_at=at(100), evidence=EVIDENCE | {"contributes": small})
    words = section(page(world, order))
    assert "Release: 6 h over its plan; no single stage makes up most of it 30 %" in words
    assert "Stage that counts most" not in words


def test_from_where_on_it_is_flagged_follows_the_product_as_it_is_set_now(world):
    order = world.order(promised_at=at(190))
    predict(order, 20, superseded_at=None, evidence=EVIDENCE)
    limits = {"attention": 0.2, "critical": 0.45, "wait_attention": 0.05, "no_dose_attention": 0.15, "easing": 0.1}
    RiskThreshold.objects.create(product=order.product, **limits)
    words = section(page(world, order))
    assert "24 h of it waiting 20 %" in words
    assert "before Selection 5 %" in words


def test_a_wait_that_is_over_is_told_as_a_fact_and_not_as_a_chance(world):
    order = world.order(promised_at=at(190))
    for kind, stage, hours in (
        ("started", "collection", 1), ("completed", "collection", 2), ("started", "inbound", 3),
        ("completed", "inbound", 4),
    ):  # fmt: skip
        world.say(order, kind, stage, hours)
    predict(order, 20, superseded_at=None, evidence=EVIDENCE, p_wait_expires=0.0)

    assert "A permitted wait runs out 0 %" in section(page(world, order))
    with time_machine.travel(at(4 + 49), tick=False):
        words = section(page(world, order))

    assert "A permitted wait runs out it has run out – before Selection" in words
    assert "0 % (" not in words


def test_the_rescue_is_told_with_what_it_does_to_others(world):
    order = world.order(promised_at=at(190))
    predict(order, 20, superseded_at=None, evidence=EVIDENCE | {"rescue": {"found": RESCUE, "tried": [RESCUE]}})
    assert (
        "Cheapest rescue found: Open one more place for Release for two weeks: then may be late (10 %); no other "
        "order gets later."
    ) in section(page(world, order))


@pytest.mark.parametrize(
    ("paths", "rescue", "said"),
    [
        (500, {}, ""),
        (500, {"paths": 200}, "Rescues were tried in 200 of them."),
        (500, {"paths": 500}, ""),
        (100, {}, "500 are usual: of an order with news on a large line the others follow in seconds; a line of more "
         "than 2,500 open orders has fewer. The intervals are as much wider."),
    ],
)  # fmt: skip
def test_what_rests_on_fewer_simulations_says_so(world, paths, rescue, said):
    order = world.order(promised_at=at(190))
    tried = {"rescue": {"found": RESCUE, "tried": [RESCUE]} | rescue}
    predict(order, 20, superseded_at=None, paths=paths, evidence=EVIDENCE | tried)
    words = section(page(world, order))
    last = words.split("“Late” is counted among the simulations in which a dose comes.")[1]
    assert last.strip() == said


def test_how_it_changed_is_drawn_and_tabled(world):
    order = world.order(promised_at=at(190))
    predict(order, 10, superseded_at=at(20), p_late=0.1)
    predict(order, 20, superseded_at=None, evidence=EVIDENCE)

    chart = page(world, order).context["view"].outlook.history

    assert chart.labels == ["2 Mar 18:00", "3 Mar 04:00"]
    assert [list(one.values) for one in chart.series] == [[10, 30], [10, 10], [5, 5]]


def test_a_chance_is_rounded_once(world):
    order = world.order(promised_at=at(190))
    predict(order, 10, superseded_at=at(20), p_late=0.0449)
    predict(order, 20, superseded_at=None, p_late=0.0449)
    shown = page(world, order)
    assert list(shown.context["view"].outlook.history.series[0].values) == [4, 4]


def test_the_journey_shows_the_interval_and_the_head_the_median(world):
    order = world.order(promised_at=at(190))
    predict(order, 20, superseded_at=None, evidence=EVIDENCE)

    view = page(world, order).context["view"]

    assert [band.text for band in view.line.bands if band.row == "Infusion"][-1].startswith("Ready in 8 of 10 cases")
    assert view.ready.slack_hours == 20


def test_a_model_that_is_not_used_says_why(world):
    order = world.order(promised_at=at(190))
    predict(order, 20, superseded_at=None, evidence=EVIDENCE)
    CalibrationState.objects.create(
        line=world.plant,
        model="mc-1",
        is_used=False,
        changed_at=at(1),
        why="It was worse.",
        orders=40,
        refreshed_at=at(1),
    )
    response = page(world, order)
    assert "Not used for flags: It was worse." in section(response)
    assert response.context["view"].ready is None


def test_an_old_forecast_says_so_until_its_line_is_forecast_again(world):
    order = world.order(promised_at=at(190))
    predict(order, 10, superseded_at=None, evidence=EVIDENCE)
    assert "more than 6 hours ago" in section(page(world, order))

    ForecastJob.objects.create(line=world.plant, made_at=at(23))
    assert "Not used" not in section(page(world, order))


def test_without_a_forecast_and_after_the_end_there_is_no_section(world):
    order = world.order()
    assert section(page(world, order)) == ""
    predict(order, 20, superseded_at=None)
    world.say(order, "cancelled", "", 22)
    assert section(page(world, order)) == ""


def test_the_risk_list_shows_the_probability_beside_the_slack(world):
    order = world.order(promised_at=at(190))
    raise_flag(order, FlagCode.PROMISE_AT_RISK, probability=0.62, due=at(190))
    raise_flag(world.order(), FlagCode.DOSE_AT_RISK, stage="", probability=0.34, due=at(190))
    text = browser_of(world.operations).get(reverse("control_tower")).text
    assert '<span class="flag-slack">likely late (62 %)</span>' in text
    assert '<span class="flag-probability"><span class="visually-hidden">Chance: </span>34 %' in text


def test_of_a_promised_date_that_has_passed_no_chance_is_told(world):
    order = world.order(promised_at=at(90))
    raise_flag(order, FlagCode.PROMISE_AT_RISK, probability=0.995, stage="", remedy=Remedy.TELL)
    for name, address in (("list", reverse("orders")), ("page", reverse("order", args=[order.pk]))):
        text = browser_of(world.operations).get(address).text
        assert "very likely late" not in text, name
        assert "very likely late" not in text, name
