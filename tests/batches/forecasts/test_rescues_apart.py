"""Rescues of a large line: its forecast is written without them, and they are looked for in turns of their own."""

from datetime import timedelta

import pytest

from batches.forecasts.actions import predictions, rescues
from batches.forecasts.actions.predictions import (
    UNTOUCHED,
    forecast_due_lines,
    mark_lines_touched,
    rescue_due_lines,
)
from batches.forecasts.actions.rescues import RESCUE_PAUSE
from batches.forecasts.models import ForecastJob, Prediction
from batches.forecasts.rules.first_words import paths_for
from supplychain.orders.models import PatientOrder
from tests.batches.forecasts.forecasting import new_world
from tests.batches.lines.builders import PoolWorld
from tests.supplychain.builders import at

pytestmark = pytest.mark.django_db
NOW, SOON = at(24), at(24.01)


@pytest.fixture(autouse=True)
def _few_futures(monkeypatch):
    monkeypatch.setattr(predictions, "PATHS", 60)


@pytest.fixture
def world(monkeypatch) -> PoolWorld:
    """A line of three orders that are at risk, which is taken for a large one."""
    monkeypatch.setattr(rescues, "APART", 2)
    world = new_world()
    for number in range(3):
        world.arrived(20 + number, promised_at=at(60 + number))
    return world


def helped() -> dict[int, dict]:
    """What was tried for each order that stands out, by its place among all."""
    orders = list(PatientOrder.objects.order_by("ordered_at", "pk").values_list("pk", flat=True))
    rows = Prediction.objects.filter(superseded_at=None).values_list("order", "evidence")
    return {orders.index(order): said["rescue"] for order, said in rows if "rescue" in said}


def job() -> ForecastJob:
    return ForecastJob.objects.get()


def test_the_forecast_is_written_first_and_its_rescues_after(world):
    assert len(forecast_due_lines(now=NOW)) == 3
    assert (helped(), job().rescued_at, "newcomers" in job().evidence) == ({}, None, False)

    changed = rescue_due_lines(now=SOON)

    assert len(changed) == len(helped()) == 3
    assert (job().rescued_at, job().forecast_after, job().lease) == (SOON, SOON + UNTOUCHED, None)
    assert job().evidence["newcomers"]["made_at"] == SOON.isoformat()


def test_it_says_what_it_would_have_said_in_one_go_and_over_how_many_futures(world, monkeypatch):
    forecast_due_lines(now=NOW)
    for seconds in (0, 0, 0, 0):
        rescue_due_lines(now=SOON, seconds=seconds)
    in_turns = helped()
    Prediction.objects.all().delete()
    ForecastJob.objects.all().delete()
    monkeypatch.setattr(rescues, "APART", 3)
    forecast_due_lines(now=SOON)

    assert in_turns == helped()
    assert {one["paths"] for one in in_turns.values()} == {60}
    assert job().rescued_at == SOON


def test_a_turn_that_is_cut_short_goes_on_with_the_next_order_and_ends_with_newcomers(world):
    forecast_due_lines(now=NOW)
    seen = []
    for _ in range(5):
        rescue_due_lines(now=SOON, seconds=0)
        seen.append((len(helped()), len(job().evidence["looked_at"]), "newcomers" in job().evidence))

    assert seen == [(1, 1, False), (2, 2, False), (3, 3, False), (3, 0, True), (3, 0, True)]


def test_what_was_looked_for_is_kept_while_news_are_forecast(world):
    forecast_due_lines(now=NOW)
    rescue_due_lines(now=SOON, seconds=0)
    looked_at = job().evidence["looked_at"]

    ForecastJob.objects.update(forecast_after=at(24.1))
    forecast_due_lines(now=at(24.1))

    assert (job().evidence["looked_at"], job().rescued_at, len(helped())) == (looked_at, None, 1)


def test_it_waits_while_a_line_is_due_and_ten_minutes_after_the_last_time(world):
    forecast_due_lines(now=NOW)
    ForecastJob.objects.update(forecast_after=SOON)
    assert (rescue_due_lines(now=SOON), helped()) == ({}, {})

    forecast_due_lines(now=SOON)
    rescue_due_lines(now=SOON)
    assert job().rescued_at == SOON
    rescue_due_lines(now=SOON + RESCUE_PAUSE - timedelta(seconds=1))
    assert job().rescued_at == SOON
    rescue_due_lines(now=SOON + RESCUE_PAUSE)
    assert job().rescued_at == SOON + RESCUE_PAUSE


def test_news_meanwhile_end_the_turn_and_make_the_line_due(world, monkeypatch):
    forecast_due_lines(now=NOW)
    look, later = rescues.rescues_for, at(24.5)

    def slowly(*given, **named):
        mark_lines_touched({world.plant.pk}, now=later)
        return look(*given, **named)

    monkeypatch.setattr(rescues, "rescues_for", slowly)
    rescue_due_lines(now=later)

    assert (len(helped()), job().forecast_after, job().rescued_at) == (1, later, None)


def test_what_it_takes_makes_no_news_wait(world, monkeypatch):
    forecast_due_lines(now=NOW)
    monkeypatch.setattr(rescues.time, "monotonic", iter(range(0, 10_000, 100)).__next__)
    rescue_due_lines(now=SOON, seconds=1e6)
    assert job().seconds <= 300


def test_a_small_line_has_its_rescues_at_once(world, monkeypatch):
    monkeypatch.setattr(rescues, "APART", 3)
    forecast_due_lines(now=NOW)
    assert (len(helped()), job().rescued_at) == (3, NOW)
    assert rescue_due_lines(now=NOW + RESCUE_PAUSE) == {}


@pytest.mark.parametrize(
    ("orders", "paths"),
    [(0, 500), (2_000, 500), (2_500, 500), (2_600, 480), (5_000, 250), (12_500, 100), (40_000, 100)],
)
def test_no_line_loses_half_of_its_futures_for_one_order_more(orders, paths):
    assert paths_for(orders) == paths
