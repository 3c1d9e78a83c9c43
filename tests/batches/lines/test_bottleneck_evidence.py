"""What a review keeps of a line's verdict: how sure it is, what it costs, what would relieve it, does it add up."""

from datetime import timedelta

import msgspec
import pytest

from batches.capacity.actions import set_capacity
from batches.forecasts.models import CalibrationState, Forecast, Prediction
from batches.lines.actions.pools import review_due_pools
from batches.lines.api.evidence import EXAMPLE, BottleneckEvidence
from batches.lines.models import BottleneckPeriod
from supplychain.orders.models import PatientOrder
from tests.batches.lines.builders import PoolWorld, hour, jam, state, touched

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> PoolWorld:
    return PoolWorld()


def forecast(order, slack: float, *stages: str) -> None:
    steps = [{"stage": stage, "wait_hours": 1, "work_hours": 1, "basis": "planned"} for stage in stages]
    Forecast.objects.filter(order=order, superseded_at=None).delete()
    Forecast.objects.create(
        order=order, made_at=hour(90), ready_at=hour(900), slack_hours=slack, evidence={"steps": steps}
    )


def reviewed(world: PoolWorld, hours: float) -> None:
    touched(world, hours=hours)
    review_due_pools(now=hour(hours))


def test_every_pool_of_a_line_keeps_its_use_its_active_periods_and_its_check(world):
    jam(world)
    reviewed(world, 85)
    kept = state(world.suite).evidence
    assert (kept["position"], kept["utilisation"], kept["active_share"]) == (2, 0.5, 0.5)  # 84 of 168 hours
    assert (kept["sole_share"], kept["shifting_share"], kept["named_share"]) == (0.5, 0.0, 1.0)
    assert kept["stretches"] == [["sole", hour(1).isoformat(), hour(85).isoformat()]]
    assert (kept["little"]["adds_up"], kept["little"]["mean_number"]) == (True, 0.5)
    assert state(world.lane).evidence["utilisation"] == 0


def test_a_treatment_centres_pools_are_not_measured_as_a_line(world):
    chair = world.pool("chair", "Chairs", 1, site=world.oslo)
    reviewed(world, 10)
    review_due_pools(now=hour(10))
    assert state(chair).evidence == {}


def test_the_verdict_says_how_sure_it_is_and_what_one_more_place_would_bring(world):
    jam(world)
    reviewed(world, 100)
    evidence = BottleneckPeriod.objects.get().evidence
    assert evidence["resampled_share"] == 1.0  # nothing moves: stuck on every day
    assert evidence["confidence"] < 0.7  # but nobody got through it: nothing is known of the pools behind
    assert (evidence["relief"]["places_before"], evidence["relief"]["places_after"]) == (1, 2)
    assert evidence["relief"]["joins_after_hours"] < evidence["relief"]["joins_before_hours"]
    assert "orders_missing_promise" not in evidence  # counted for what stands, from the next review on


def test_orders_that_will_miss_their_promise_with_the_pool_ahead_are_counted(world):
    orders = jam(world)
    reviewed(world, 100)
    forecast(orders[0], -5, "harvest", "release")  # the suite is still on its way
    forecast(orders[1], -5, "release")  # late, but not for the suite
    forecast(orders[2], 5, "selection", "harvest")  # in time
    reviewed(world, 130)
    assert BottleneckPeriod.objects.get().evidence["orders_missing_promise"] == 1


def test_they_are_counted_anew_every_five_minutes_and_not_at_each_review(world):
    orders = jam(world)
    seen = []
    for minutes, late in ((0, 0), (1, 1), (4, 2), (7, 3)):
        for order in orders[:late]:
            forecast(order, -5, "selection", "harvest")
        reviewed(world, 100 + minutes / 60)
        seen.append(BottleneckPeriod.objects.get().evidence.get("orders_missing_promise"))
    assert seen == [None, 1, 1, 3]


def predicted(world: PoolWorld, order, late: float, made: float = 125) -> None:
    PatientOrder.objects.filter(pk=order.pk).update(promised_at=hour(900))
    Prediction.objects.create(
        order=order, line=world.plant, made_at=hour(made), model="mc-1", paths=500, promised_at=hour(900), p_late=late,
        p_wait_expires=0, p_no_dose=0, ready_median=hour(890),
    )  # fmt: skip


def test_the_forecast_that_is_told_says_which_orders_are_late(world):
    orders = jam(world)
    reviewed(world, 100)
    for order, slack, late in ((orders[0], -5, 0.2), (orders[1], 5, 0.5), (orders[2], 5, 0.49)):
        forecast(order, slack, "selection", "harvest")
        predicted(world, order, late)
    reviewed(world, 130)
    assert BottleneckPeriod.objects.get().evidence["orders_missing_promise"] == 1


@pytest.mark.parametrize("doubt", ["old", "not in use"])
def test_a_simulation_that_does_not_count_leaves_it_to_the_plain_forecast(world, doubt):
    orders = jam(world)
    reviewed(world, 100)
    CalibrationState.objects.create(
        line=world.plant, model="mc-1", is_used=doubt == "old", changed_at=hour(1), why="", orders=40,
        refreshed_at=hour(1),
    )  # fmt: skip
    for order, slack, late in ((orders[0], -5, 0.2), (orders[1], 5, 0.9), (orders[2], 5, 0.9)):
        forecast(order, slack, "selection", "harvest")
        predicted(world, order, late, made=120 if doubt == "old" else 125)
    reviewed(world, 130)
    assert BottleneckPeriod.objects.get().evidence["orders_missing_promise"] == 1


def test_an_end_that_nobody_reported_is_found_by_the_check(world):
    order = world.arrived(0)
    world.tell(order, ("selection", "started", 1), ("harvest", "started", 20), ("release", "started", 30))
    reviewed(world, 40)
    little = state(world.suite).evidence["little"]
    assert (little["adds_up"], little["gap_number"]) == (False, 2)
    assert little["finding"] == (
        "The record does not add up by 30.0 hours, all orders together: 2 runs must have ended but no end was reported"
    )
    assert {one["order"] for one in little["examples"]} == {str(order.pk)}


def test_the_verdict_goes_on_with_a_closed_pool(world):
    jam(world)
    set_capacity(world.suite, places=0, starts_at=hour(50), by=None, now=hour(50))
    reviewed(world, 50 + timedelta(days=4) / timedelta(hours=1))
    evidence = BottleneckPeriod.objects.get().evidence
    assert (evidence["relief"]["joins_before_hours"], evidence["relief"]["places_after"]) == (None, 1)


def test_the_evidence_is_as_the_interface_documents_it(world):
    jam(world)
    reviewed(world, 100)
    reviewed(world, 130)
    kept = BottleneckPeriod.objects.get().evidence
    for evidence in (kept, EXAMPLE):
        documented = msgspec.convert(evidence, BottleneckEvidence)
        said = msgspec.to_builtins(documented)
        assert {key: set(said[key]) for key in ("limits", "relief")} == {
            key: set(evidence[key]) for key in ("limits", "relief")
        }
        assert set(said) == set(evidence)
        assert [set(pool) for pool in said["pools"]] == [set(pool) for pool in evidence["pools"]]
        assert set(said["pools"][0]["little"]) == set(evidence["pools"][0]["little"])
