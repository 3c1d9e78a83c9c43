"""Another wait of a pool wakes whom it can concern, and nobody whose verdict the futures of the line decide."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batches.flags.rules.judging import judge
from batches.forecasts.models import CalibrationState, Prediction
from batches.judgement.rules.predictions import FRESH
from batches.lines.actions.wakes import wake_before_pools
from supplychain.orders.models import PatientOrder
from tests.batches import builders
from tests.batches.builders import FLOW, an_order, completed, failed, running, waiting
from tests.batches.flags.test_flag_rules_futures import said
from tests.batches.lines.builders import PoolWorld
from tests.supplychain.builders import at
from tests.supplychain.due_orders import due_moments, nothing_due

POOLS = sorted({stage.pool for stage in FLOW.stages.values() if stage.pool})
CODES = list(FLOW.stages)
MADE = 20


@given(
    waits=st.fixed_dictionaries({pool: st.floats(0, 400) for pool in POOLS}),
    reached=st.integers(0, len(CODES) - 2),
    is_at=st.sampled_from([waiting, running, failed, completed]),
    now=st.floats(0, FRESH / timedelta(hours=1), exclude_max=True),
)
def test_where_futures_find_nothing_at_risk_no_wait_changes_a_flag(waits, reached, is_at, now):
    """Whatever the waits, the stage, and how far the order is; and it is judged again when they stop counting."""
    prediction = replace_severities(said(p_late=0.05), {})
    run = is_at(CODES[reached])
    done = CODES[reached - 1] if reached else ""
    facts = [
        an_order(run, done_until=done, queues=queues, prediction=prediction, promised=200, last_recorded=0)
        for queues in ({}, waits)
    ]
    still, moved = (judge(one, builders.at(now)) for one in facts)
    assert moved.findings == still.findings
    if moved.forecast and not moved.forecast.is_reached:
        assert moved.next_at <= prediction.confirmed_at + FRESH


def replace_severities(prediction, severities):
    return prediction._replace(evidence=prediction.evidence | {"severities": severities})


@pytest.fixture
def world() -> PoolWorld:
    return PoolWorld()


def foreseen(order: PatientOrder, **fields) -> Prediction:
    """The futures of its line say of this order that all is well."""
    values = {
        "line": order.plant, "made_at": at(MADE), "model": "test", "paths": 500, "promised_at": order.promised_at,
        "p_late": 0.05, "p_wait_expires": 0, "p_no_dose": 0, "evidence": {"severities": {}},
    } | fields  # fmt: skip
    return Prediction.objects.create(order=order, **values)


def woken(world: PoolWorld, hours: float = MADE + 1) -> set:
    nothing_due()
    number = wake_before_pools([(world.plant.pk, "suite")], now=at(hours))
    found = due_moments()
    assert len(found) == number
    return set(found)


@pytest.mark.django_db
def test_whom_the_futures_decide_is_not_woken(world):
    well, flagged, other_promise, unknown, nothing_said = (world.arrived(10, promised_at=at(300)) for _ in range(5))
    foreseen(well)
    foreseen(flagged, evidence={"severities": {"promise_at_risk": "attention"}})
    foreseen(other_promise, promised_at=at(250))
    foreseen(unknown, p_late=None)
    assert woken(world) == {flagged.pk, other_promise.pk, unknown.pk, nothing_said.pk}


@pytest.mark.django_db
def test_whom_they_decide_no_more_is_woken_again(world):
    order = world.arrived(10, promised_at=at(300))
    prediction = foreseen(order)
    assert woken(world, MADE + 5.9) == set()
    assert woken(world, MADE + 6) == {order.pk}
    state = CalibrationState.objects.create(
        line=world.plant, model="test", changed_at=at(0), refreshed_at=at(0), why="worse", orders=9, is_used=False
    )
    assert woken(world) == {order.pk}
    state.delete()
    assert woken(world) == set()
    Prediction.objects.filter(pk=prediction.pk).update(superseded_at=at(MADE))
    assert woken(world) == {order.pk}
