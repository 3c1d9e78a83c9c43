"""When a wait of cells ends is foreseen by the line's futures, kept with the prediction and told by the flag."""

import pytest

from batches.flags.models import Flag
from batches.forecasts.models import Prediction
from batches.forecasts.queries.hold_budgets import hold_budgets_of
from batches.forecasts.rules.begins import BEGINS, ForeseenBegin, begins_said
from batches.forecasts.rules.standing import have_begins_moved
from batches.judgement.statuses import FlagCode
from batches.orders.api.reads import order_detail
from tests.batches.forecasts.forecasting import forecast, new_world
from tests.batches.judging import evaluate
from tests.supplychain.builders import at


def begin(median: float | None, latest: float | None = None) -> dict[str, ForeseenBegin]:
    return {"selection": ForeseenBegin(*(None if one is None else at(one) for one in (median, latest)))}


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        (begin(10, 20), begin(11.9, 25.9), False), (begin(10, 20), begin(12, 20), True),
        (begin(10, 20), begin(10, 26), True), (begin(10, 20), begin(10), True), (begin(None), begin(10), True),
        (begin(None), begin(None), False), ({}, begin(10), True), (begin(10), {}, True), ({}, {}, False),
    ],
)  # fmt: skip
def test_the_ledger_keeps_what_tells_of_a_wait(before, after, moved):
    assert have_begins_moved(before, after) is moved


def test_what_the_ledger_keeps_is_read_as_it_was_said():
    said = begin(10, None)
    assert begins_said({BEGINS: {code: one.row for code, one in said.items()}}) == said
    assert begins_said({}) == {}


@pytest.mark.django_db
def test_a_forecast_says_when_the_suite_takes_the_cells_up_and_flag_and_interface_tell_it():
    world = new_world(suites=1)
    busy, waits = world.arrived(20), world.arrived(20)
    world.tell(busy, ("selection", "started", 21))
    forecast(45)
    evaluate(45)
    said = begins_said(Prediction.objects.get(order=waits, superseded_at=None).evidence)["selection"]
    assert said.median > at(45)
    assert said.latest >= said.median
    assert BEGINS not in Prediction.objects.get(order=busy, superseded_at=None).evidence

    (budget,) = hold_budgets_of([waits.pk], at(45))[waits.pk]
    assert (budget.begins_at, budget.latest_at, budget.until) == (*said, at(20 + 48))
    flag = Flag.objects.get(order=waits, code=FlagCode.HOLD_EXPIRING, cleared_at=None)
    assert flag.evidence["begins_at"] == said.median.isoformat()
    (told,) = order_detail([world.plant.pk], waits.pk, now=at(45)).hold_budgets
    assert told.begins_at == said.median


@pytest.mark.django_db
def test_another_end_of_a_wait_has_its_order_judged_again():
    world = new_world(suites=2)
    waits = world.arrived(20)
    forecast(45)
    evaluate(45)
    before = Flag.objects.get(order=waits, code=FlagCode.HOLD_EXPIRING).evidence["begins_at"]
    others = [world.arrived(46) for _ in range(2)]
    for other in others:
        world.tell(other, ("selection", "started", 47))
    evaluate(47)
    forecast(48)
    evaluate(48)
    said = begins_said(Prediction.objects.get(order=waits, superseded_at=None).evidence)["selection"]
    after = Flag.objects.get(order=waits, code=FlagCode.HOLD_EXPIRING).evidence["begins_at"]
    assert before != after == said.median.isoformat()


@pytest.mark.django_db
def test_a_delivery_that_is_planned_anew_moves_the_budget_of_cells_on_their_way():
    """The seam for lanes: whatever says when a transport is to end is what the rest is counted by."""
    world = new_world(suites=2)
    order = world.order(ordered_at=at(0))
    cold = {"payload": {"qualified_until": at(60).isoformat(), "planned_delivery_at": at(30).isoformat()}}
    world.tell(order, ("collection", "started", 1), ("collection", "completed", 5))
    world.tell(order, ("inbound", "started", 6), **cold)
    left = []
    for now, delivered in ((8, 30), (9, 50), (10, 70)):
        world.tell(order, ("inbound", "scheduled", now), payload={"planned_delivery_at": at(delivered).isoformat()})
        forecast(now)
        (budget,) = hold_budgets_of([order.pk], at(now))[order.pk]
        assert (budget.stage, budget.ended_by, budget.until) == ("inbound", "selection", at(60))
        left.append(budget.left_hours(at(now)))
    assert left == pytest.approx([30, 10, -10], abs=4)
