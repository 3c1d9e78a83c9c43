"""A pool's wait wakes the orders whose judgement it leaves no longer standing, and nobody else."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from batches.flags.actions import evaluation
from batches.flags.actions.evaluation import evaluate_due_orders
from batches.flags.rules.judging import judge
from batches.forecasts.models import Prediction
from batches.judgement.rules.predictions import FRESH
from batches.lines.actions.pools import review_due_pools
from batches.lines.actions.wakes import wake_beyond_limits
from batches.lines.models import PoolState, PoolWaitLimit
from supplychain.orders.models import PatientOrder
from tests.batches import builders
from tests.batches.builders import FLOW, an_order, completed, failed, running, waiting
from tests.batches.flags.standing_flags import standing_flags, standing_flags_from_scratch
from tests.batches.flags.test_flag_rules_futures import said
from tests.batches.lines.builders import PoolWorld
from tests.supplychain.builders import at
from tests.supplychain.due_orders import due_by_time, due_moments, nothing_due

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


def waits_are(world: PoolWorld, hours: float) -> None:
    """For a suite."""
    PoolState.objects.filter(pool=world.suite).update(expected_wait_hours=hours)


def judged(*orders: PatientOrder, hours: float = MADE + 1) -> None:
    due_by_time(orders, at(hours))
    while evaluate_due_orders(now=at(hours)).claimed:
        pass
    nothing_due()


def woken(hours: float = MADE + 1) -> set:
    """Whom what waits are now wakes; their marks are forgotten again."""
    number = wake_beyond_limits(now=at(hours))
    found = set(due_moments())
    assert len(found) == number
    nothing_due()
    return found


@pytest.mark.django_db
def test_only_whoever_it_can_concern_is_woken(world):
    safe, close, flagged, by_futures = (world.arrived(10, promised_at=at(hours)) for hours in (3000, 300, 100, 100))
    foreseen(by_futures)
    judged(safe, close, flagged, by_futures)
    assert woken() == set()
    waits_are(world, 6)
    assert woken() == {flagged.pk}, "its words tell of the way ahead"
    waits_are(world, 60)
    assert woken() == {flagged.pk, close.pk}
    waits_are(world, 2160)
    assert woken() == {flagged.pk, close.pk, safe.pk}
    waits_are(world, 0)
    assert woken() == set(), "nothing was judged meanwhile, and all is as it was"


@pytest.mark.django_db
def test_small_steps_add_up_until_the_limit_of_the_judgement(world):
    order = world.arrived(10, promised_at=at(3000))
    judged(order)
    limit = PoolWaitLimit.objects.get(order=order, pool="suite")
    assert limit.high > 100
    for wait in range(6, int(limit.high) + 1, 6):
        waits_are(world, wait)
        assert woken() == set()
    waits_are(world, limit.high + 1)
    assert woken() == {order.pk}
    judged(order)
    assert woken() == set()
    assert PoolWaitLimit.objects.get(order=order, pool="suite").high >= limit.high + 1


@pytest.mark.django_db
def test_who_is_woken_by_a_shorter_wait_is_flagged_and_its_words_follow(world):
    order = world.arrived(10, promised_at=at(300))
    waits_are(world, 600)
    judged(order)
    assert [code for _, code, *_ in standing_flags([order.pk])] == ["promise_at_risk"]
    waits_are(world, 0)
    assert woken() == {order.pk}
    judged(order)
    assert standing_flags([order.pk]) == standing_flags_from_scratch([order.pk], at(MADE + 1)) == set()


@pytest.mark.django_db
def test_whoever_has_its_place_or_has_ended_or_is_marked_already_is_not_woken(world):
    started, ended, marked = (world.arrived(10, promised_at=at(100)) for _ in range(3))
    world.tell(started, ("selection", "started", 12))
    judged(started, ended, marked)
    world.tell(ended, ("", "cancelled", 13))
    judged(ended)
    assert not PoolWaitLimit.objects.filter(order=ended).exists()
    waits_are(world, 48)
    assert wake_beyond_limits(now=at(MADE + 1)) == 1
    assert set(due_moments()) == {marked.pk}
    assert wake_beyond_limits(now=at(MADE + 1)) == 0


@pytest.mark.django_db
def test_an_order_that_cannot_be_judged_is_tried_by_the_clock_not_at_every_look(world, monkeypatch):
    order = world.arrived(10, promised_at=at(100))
    judged(order)
    waits_are(world, 48)

    def broken(*_):
        raise ValueError("no")

    monkeypatch.setattr(evaluation, "judge", broken)
    judged(order)
    assert woken() == set()


@pytest.mark.django_db
def test_a_pool_that_is_set_up_later_wakes_those_who_wait_for_it(world):
    order = world.arrived(10, promised_at=at(100))
    judged(order)
    chairs = world.pool("qa_reviewer", "Reviewers", 0)
    PoolState.objects.filter(pool=chairs).update(expected_wait_hours=48)
    assert woken() == {order.pk}


@pytest.mark.django_db
def test_every_look_asks_the_database_once_and_a_judgement_writes_no_limit_twice(world, django_assert_num_queries):
    orders = [world.arrived(10, promised_at=at(hours)) for hours in (100, 300, 3000)]
    judged(*orders)
    before = list(PoolWaitLimit.objects.order_by("id").values_list("id", "low", "high"))
    judged(*orders)
    assert list(PoolWaitLimit.objects.order_by("id").values_list("id", "low", "high")) == before
    with django_assert_num_queries(1):
        wake_beyond_limits(now=at(MADE + 1))


@pytest.mark.django_db(transaction=True)
def test_a_judgement_that_read_the_wait_before_the_review_and_wrote_after_it_is_made_again(monkeypatch):
    """Neither sees what the other has not committed yet: the next look finds it."""
    world = PoolWorld()
    order = world.arrived(10, promised_at=at(100))
    nothing_due()
    due_by_time([order], at(MADE))
    read = evaluation.readings_for

    def read_and_review(rows):
        readings = read(rows)
        with ThreadPoolExecutor(1) as thread:
            thread.submit(elsewhere, lambda: (waits_are(world, 48), wake_beyond_limits(now=at(MADE)))).result()
        return readings

    monkeypatch.setattr(evaluation, "readings_for", read_and_review)
    evaluate_due_orders(now=at(MADE))
    monkeypatch.undo()
    PoolState.objects.update(review_after=at(MADE + 9))
    review_due_pools(now=at(MADE))
    assert set(due_moments()) == {order.pk}


def elsewhere(work):
    try:
        return work()
    finally:
        connection.close()
