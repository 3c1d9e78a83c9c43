"""When a line is forecast, by whom, and what one order or one worker cannot spoil for the others."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from batches.capacity.actions import set_capacity
from batches.forecasts.actions import made, predictions
from batches.forecasts.actions.predictions import (
    LEASE,
    UNTOUCHED,
    forecast_due_lines,
    mark_lines_touched,
)
from batches.forecasts.models import ForecastJob, Prediction
from batches.forecasts.queries.line_states import line_facts
from batches.forecasts.rules import setting_aside
from supplychain.ids import new_id
from supplychain.orders.models import StageRun
from supplychain.transport.actions.lanes import create_lane
from tests.batches.forecasts.forecasting import new_world
from tests.batches.judging import evaluate
from tests.batches.lines.builders import PoolWorld, impatiently
from tests.supplychain.builders import at
from tests.supplychain.due_orders import due_by_time

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _few_futures(monkeypatch):
    monkeypatch.setattr(predictions, "PATHS", 60)


@pytest.fixture
def world() -> PoolWorld:
    return new_world()


def test_news_makes_the_line_due_and_time_does_not(world):
    order = world.arrived(20)
    evaluate(20)
    forecast_due_lines(now=at(20))
    assert ForecastJob.objects.get().forecast_after == at(20) + UNTOUCHED

    due_by_time([order], at(20.1))
    evaluate(20.2)
    assert ForecastJob.objects.get().forecast_after == at(20) + UNTOUCHED

    world.tell(order, ("selection", "started", 20.5))
    evaluate(20.5)
    assert ForecastJob.objects.get().forecast_after == at(20.5)


def test_news_soon_after_a_forecast_waits_for_a_pause(world):
    world.arrived(20)
    forecast_due_lines(now=at(20))

    mark_lines_touched({world.plant.pk}, now=at(20))

    pause = ForecastJob.objects.get().forecast_after - at(20)
    assert timedelta(seconds=5) <= pause <= timedelta(seconds=15)


def test_news_during_a_forecast_makes_the_line_due_again(world, monkeypatch):
    world.arrived(20)
    forecast_due_lines(now=at(20))
    ForecastJob.objects.update(forecast_after=at(21))
    simulate = setting_aside.simulated

    def slowly(*args, **given):
        mark_lines_touched({world.plant.pk}, now=at(21.01))
        return simulate(*args, **given)

    monkeypatch.setattr(setting_aside, "simulated", slowly)
    forecast_due_lines(now=at(21))

    assert ForecastJob.objects.get().forecast_after == at(21.01)


def test_nobody_takes_a_line_that_is_being_forecast_even_after_news(world):
    world.arrived(20)
    until = at(21) + LEASE
    ForecastJob.objects.create(line=world.plant, forecast_after=until, lease=new_id(), leased_until=until)
    mark_lines_touched({world.plant.pk}, now=at(21.01))

    assert (forecast_due_lines(now=at(21.02)), Prediction.objects.count()) == ({}, 0)
    forecast_due_lines(now=at(21) + LEASE)
    assert Prediction.objects.count() == 1


def test_a_poisoned_order_is_left_out_and_named_and_the_others_go_on(world):
    poisoned, sound = world.arrived(20), world.arrived(21)
    StageRun.objects.filter(order=poisoned, stage__code="selection").update(details={"planned_pickup_at": "soon"})

    forecast_due_lines(now=at(22))

    assert list(Prediction.objects.values_list("order", flat=True)) == [sound.pk]
    assert list(ForecastJob.objects.get().evidence["left_out"]) == [str(poisoned.pk)]


def test_a_row_that_cannot_be_stored_is_named_and_the_others_are_stored(world, monkeypatch):
    poisoned, sound = world.arrived(20), world.arrived(21)
    make = made.new_prediction

    def spoiled(summary, **given):
        made = make(summary, **given)
        return made._replace(p_wait_expires=7.0) if summary.order == poisoned.pk else made

    monkeypatch.setattr(made, "new_prediction", spoiled)
    forecast_due_lines(now=at(22))

    assert list(Prediction.objects.values_list("order", flat=True)) == [sound.pk]
    assert list(ForecastJob.objects.get().evidence["left_out"]) == [str(poisoned.pk)]


# Begin, lines that are new, claim, lease, end; orders, recent orders, runs, queues, medians, lanes, pools, curves,
# plans; refinements, corrections, what stands, thresholds; begin, our lease, orders whose wait ends otherwise, mark,
# rows, mark, the line locked, written, end.
QUERIES = 28


@pytest.mark.parametrize("number", [1, 3])
def test_the_number_of_statements_does_not_depend_on_the_number_of_orders(number):
    world = new_world(suites=5)
    for _ in range(number):
        world.arrived(20, promised_at=at(2_000))
    ForecastJob.objects.create(line=world.plant, forecast_after=at(21))

    with CaptureQueriesContext(connection) as queries:
        forecast_due_lines(now=at(21))

    assert Prediction.objects.count() == number
    assert len(queries) == QUERIES


def test_another_capacity_makes_the_line_due(world):
    world.arrived(20)
    forecast_due_lines(now=at(21))

    set_capacity(world.suite, places=3, starts_at=at(30), by=None, now=at(22))

    assert ForecastJob.objects.get().forecast_after == at(22)


def test_another_lane_makes_the_lines_of_its_plants_due(world, monkeypatch):
    world.arrived(20)
    forecast_due_lines(now=at(21))
    monkeypatch.setattr("supplychain.transport.actions.lanes.timezone.now", lambda: at(22))
    create_lane(from_site=world.oslo, to_site=world.plant, usual_hours=20, by=None)
    assert list(ForecastJob.objects.values_list("line", "forecast_after")) == [(world.plant.pk, at(22))]


def test_an_order_placed_later_is_no_demand_of_now(world):
    world.order(ordered_at=at(-24))
    world.order(ordered_at=at(50))
    assert len(line_facts(world.plant.pk, at(20)).recent) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_forecast_a_line_once():
    world = new_world()
    for _ in range(3):
        world.arrived(20, promised_at=at(60))
    ForecastJob.objects.create(line=world.plant, forecast_after=at(21))
    barrier = Barrier(2)

    def work() -> int:
        try:
            barrier.wait(10)
            return len(forecast_due_lines(now=at(21)))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        done = [one.result() for one in [pool.submit(work), pool.submit(work)]]

    assert sorted(done) == [0, 3]
    assert Prediction.objects.count() == 3


def test_a_worker_whose_lease_was_taken_writes_nothing(world):
    world.arrived(20)
    until = at(30) + LEASE
    ForecastJob.objects.create(line=world.plant, forecast_after=until, lease=new_id(), leased_until=until)
    predictions.forecast_line(world.plant.pk, now=at(21), lease=new_id())
    assert Prediction.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_no_judgement_waits_while_predictions_are_written(world, monkeypatch):
    world.arrived(20)
    evaluate(20)
    write = predictions.write_said

    def judge_meanwhile(*given):
        with ThreadPoolExecutor(1) as thread:
            thread.submit(impatiently, lambda: mark_lines_touched({world.plant.pk}, now=at(21))).result()
        return write(*given)

    monkeypatch.setattr(predictions, "write_said", judge_meanwhile)
    assert len(forecast_due_lines(now=at(21))) == 1


def test_what_was_written_for_a_lease_that_was_taken_meanwhile_is_taken_back(world, monkeypatch):
    world.arrived(20)
    evaluate(20)
    write = predictions.write_said

    def write_late(*given):
        ForecastJob.objects.update(lease=new_id())
        return write(*given)

    monkeypatch.setattr(predictions, "write_said", write_late)
    assert forecast_due_lines(now=at(21)) == {}
    assert Prediction.objects.count() == 0
