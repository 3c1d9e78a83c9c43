"""What the form for a new order says of it, and what its page says once it is forecast."""

from datetime import timedelta

import pytest

from batches.capacity.models import Pool, PoolCapacity
from batches.forecasts.actions.predictions import forecast_due_lines
from batches.forecasts.models import CalibrationState, ForecastJob, Prediction
from batches.forecasts.queries.outlooks import ready_outlooks
from batches.forecasts.queries.ready import ready_forecasts
from batches.forecasts.rules.ready import ReadyBasis
from batches.forecasts.rules.thresholds import Thresholds
from supplychain.flows.models import Flow
from supplychain.flows.statuses import StagePlace
from supplychain.orders.actions.events import record_event
from tests.batches.judging import evaluate
from tests.supplychain.builders import World, at, make_flow, report

pytestmark = pytest.mark.django_db
NOW = 200


@pytest.fixture
def world(monkeypatch) -> World:
    """A line with one suite for which eleven orders of Oslo wait: usual durations know nothing of the queue."""
    monkeypatch.setattr("batches.forecasts.actions.predictions.PATHS", 60)
    world = World()
    pool = Pool.objects.create(site=world.plant, code="suite", name="Suites")
    PoolCapacity.objects.create(pool=pool, starts_at=at(-1_000), places=1)
    for number in range(11):
        order, began = world.order(patient_reference=f"PX-{number}", ordered_at=at(number * 12)), number * 12
        for stage, hours in (("collection", 6), ("inbound", 30)):
            record_event(report(order, "started", stage, began + hours - 5), by=world.reporter, now=at(began + hours))
            record_event(report(order, "completed", stage, began + hours), by=world.reporter, now=at(began + hours))
    evaluate(NOW)
    return world


def form(world: World, hours: float = NOW, priority: str = "routine", flow: Flow | None = None):
    sites, plant, flow = (
        dict.fromkeys((place.value for place in StagePlace), world.oslo.pk),
        world.plant.pk,
        flow or world.flow,
    )
    return ready_outlooks(flow.pk, flow.product_id, sites, [plant], at(hours))[plant][priority]


@pytest.mark.parametrize("priority", ["routine", "urgent"])
@pytest.mark.parametrize("newest", ["routine", "urgent"])
def test_the_form_says_what_the_page_says_a_minute_later(world, priority, newest):
    urgent = {"priority_reason": "Relapse."}
    world.order(patient_reference="PX-newest", ordered_at=at(NOW - 1), priority=newest, **urgent)
    evaluate(NOW)
    forecast_due_lines(now=at(NOW))
    said = form(world, priority=priority)
    placed = world.order(patient_reference="PX-new", ordered_at=at(NOW), priority=priority, **urgent)
    evaluate(NOW)
    forecast_due_lines(now=at(NOW) + timedelta(minutes=10))
    page = ready_forecasts([placed.pk], at(NOW) + timedelta(minutes=10))[placed.pk]

    assert (said.basis, page.basis) == (ReadyBasis.SIMULATED, ReadyBasis.SIMULATED)
    assert said.ready_from <= page.ready_at <= said.ready_to
    told = Prediction.objects.get(order=placed, superseded_at=None)
    assert (said.p_wait or 0) == pytest.approx(told.p_wait_expires, abs=0.15)
    assert page.ready_from <= said.ready_at <= page.ready_to


def test_the_form_speaks_of_a_flow_that_the_line_did_not_get_yet_as_its_page_will(world):
    """Usual durations know nothing of the queue that such an order joins."""
    never = make_flow("never")
    forecast_due_lines(now=at(NOW))
    said = form(world, flow=never)
    placed = world.order(patient_reference="PX-new", ordered_at=at(NOW), product=never.product.code)
    evaluate(NOW)
    forecast_due_lines(now=at(NOW) + timedelta(minutes=10))
    page = ready_forecasts([placed.pk], at(NOW) + timedelta(minutes=10))[placed.pk]

    assert (said.basis, page.basis) == (ReadyBasis.SIMULATED, ReadyBasis.SIMULATED)
    assert said.ready_from <= page.ready_at <= said.ready_to


def test_without_a_simulation_it_says_so(world):
    said = form(world)
    assert said.basis == ReadyBasis.USUAL
    assert "which may say another date" in said.how_known(at(NOW))


@pytest.mark.parametrize("spoiled", ["old", "not in use", "another flow"])
def test_what_does_not_count_is_not_said(world, spoiled):
    forecast_due_lines(now=at(NOW))
    if spoiled == "old":
        ForecastJob.objects.update(made_at=at(NOW - 6))
    elif spoiled == "not in use":
        CalibrationState.objects.create(
            line=world.plant, model="mc-1", is_used=False, changed_at=at(1), why="Worse.", orders=40, refreshed_at=at(1)
        )
    else:
        job = ForecastJob.objects.get()
        for kind in job.evidence["newcomers"]["kinds"]:
            kind["flow"] = "another"
        job.save()
    assert form(world).basis == ReadyBasis.USUAL


def test_an_urgent_order_is_told_another_date_than_a_routine_one(world):
    forecast_due_lines(now=at(NOW))
    assert form(world, priority="urgent").ready_at < form(world, priority="routine").ready_at


def test_the_form_says_that_the_cells_may_wait_too_long_before_they_are_collected(world):
    """The flag of the order placed says so within seconds; then the cells may be on their way."""
    evaluate(NOW)
    forecast_due_lines(now=at(NOW))
    said = form(world)
    assert said.p_wait > 0.9
    assert said.wait_words.startswith("A permitted wait of the cells will very likely run out on the way (")
    assert said.wait_words.endswith("ask the plant for a place before the cells are collected.")


def test_the_form_is_silent_about_a_wait_for_which_the_order_would_not_be_flagged(world, monkeypatch):
    own = {str(world.flow.product_id): Thresholds(wait_attention=1.01)}
    monkeypatch.setattr("batches.forecasts.actions.predictions.thresholds_of_products", lambda: own)
    evaluate(NOW)
    forecast_due_lines(now=at(NOW))
    assert (form(world).p_wait, form(world).wait_words) == (None, "")
