"""A batch is what the stage runs of one attempt say, written by the events themselves."""

import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from batches.capacity.actions import create_suite
from batches.manufacturing.actions import project_batches
from batches.manufacturing.models import Batch
from batches.manufacturing.rules import batch_of
from batches.manufacturing.statuses import BatchStatus
from supplychain.orders.actions.events import OrderChange, record_events
from supplychain.orders.rules.fold import initial_state
from supplychain.orders.rules.states import OrderState, RunState
from supplychain.orders.statuses import StageStatus
from tests.batches.lines.builders import PoolWorld, hour
from tests.supplychain.builders import plain_plan, report

T = [hour(number) for number in range(10)]


def state(**runs: dict) -> OrderState:
    """A state in which these stages of attempt 1 have been heard of."""
    state = initial_state(plain_plan(), T[0])
    for stage, values in runs.items():
        state.runs[1, stage] = RunState(attempt=1, stage=stage, **values)
    return state


def done(started: int, ended: int, **more) -> dict:
    return {"status": StageStatus.COMPLETED, "started_at": T[started], "completed_at": T[ended]} | more


def failed(started: int, ended: int) -> dict:
    return {"status": StageStatus.FAILED, "started_at": T[started], "failed_at": T[ended]}


# The rule


def test_that_a_stage_could_start_makes_no_batch():
    assert batch_of(state(selection={"status": StageStatus.READY, "ready_at": T[1]}), 1) is None
    assert batch_of(state(), 2) is None


@pytest.mark.parametrize("word", [{"planned_start_at": T[3]}, {"resource": "S1"}, {"details": {"batch_number": "B1"}}])
def test_the_first_word_of_manufacturing_makes_a_planned_batch(word):
    assert batch_of(state(selection=word), 1).status == BatchStatus.PLANNED


def test_a_batch_goes_from_process_through_testing_to_release():
    steps = {}
    seen = []
    for stage, values in (
        ("selection", done(1, 2)),
        ("harvest", done(3, 4)),
        ("sterility", {"status": StageStatus.RUNNING, "started_at": T[5]}),
        ("release", done(5, 6)),
    ):
        steps[stage] = values
        batch = batch_of(state(**steps), 1)
        seen.append((batch.status, batch.started_at, batch.harvested_at, batch.released_at))
    assert seen == [
        (BatchStatus.IN_PROCESS, T[1], None, None),
        (BatchStatus.TESTING, T[1], T[4], None),
        (BatchStatus.TESTING, T[1], T[4], None),
        (BatchStatus.RELEASED, T[1], T[4], T[6]),
    ]


def test_a_failure_outweighs_all_else_a_late_test_after_release_too():
    early = batch_of(state(selection=failed(1, 2)), 1)
    assert (early.status, early.failed_at, early.harvested_at) == (BatchStatus.FAILED, T[2], None)
    late = batch_of(state(harvest=done(1, 2), release=done(3, 4), sterility=failed(3, 8)), 1)
    assert (late.status, late.failed_at, late.released_at) == (BatchStatus.FAILED, T[8], T[4])


def test_a_rejected_disposition_fails_the_batch():
    batch = batch_of(state(harvest=done(1, 2), release=failed(3, 4)), 1)
    assert (batch.status, batch.released_at) == (BatchStatus.FAILED, None)


def test_the_number_is_the_last_one_given_in_the_order_of_the_flow():
    first, second = ({"details": {"batch_number": number}} for number in ("B1", "B2"))
    assert batch_of(state(selection=first), 1).number == "B1"
    assert batch_of(state(harvest=second, selection=first), 1).number == "B2"


def test_the_suite_is_what_is_said_to_be_one_else_who_did_the_work():
    runs = {"selection": {"resource": "S1", "details": {"suite": "S2"}}, "harvest": {"resource": "operator 7"}}
    assert batch_of(state(**runs), 1).suites == ("S2", "operator 7", "S1")


# The rows


@pytest.fixture
def world() -> PoolWorld:
    return PoolWorld()


def batch(**given) -> Batch:
    return Batch.objects.get(**given)


@pytest.mark.django_db
def test_events_make_and_advance_the_batch(world):
    suite = create_suite(world.suite, code="S1", by=None)
    order = world.arrived(0)
    assert Batch.objects.count() == 0

    world.tell(
        order, ("selection", "scheduled", 1), payload={"batch_number": "B0", "planned_start_at": T[3].isoformat()}
    )
    made = batch(order=order)
    assert (made.number, made.status, made.plant, made.suite, made.attempt) == (
        "B0",
        BatchStatus.PLANNED,
        world.plant,
        None,
        1,
    )

    world.tell(order, ("selection", "started", 3), resource="S1")
    world.tell(order, ("selection", "completed", 4), ("harvest", "started", 4), ("harvest", "completed", 5))
    world.tell(order, ("release", "completed", 6))
    advanced = batch(order=order)
    assert (advanced.pk, advanced.number, advanced.suite) == (made.pk, "B0", suite)
    assert (advanced.status, advanced.started_at, advanced.harvested_at, advanced.released_at, advanced.failed_at) == (
        BatchStatus.RELEASED, T[3], T[5], T[6], None,
    )  # fmt: skip


@pytest.mark.django_db
def test_a_suite_of_another_plant_or_an_unknown_one_is_no_suite_of_the_batch(world):
    elsewhere = world.pool("suite", "Suites", 1, site=world.bergen)
    create_suite(elsewhere, code="S1", by=None)
    order = world.arrived(0)
    world.tell(order, ("selection", "started", 1), resource="S1")
    assert batch(order=order).suite is None


@pytest.mark.django_db
def test_each_attempt_has_a_batch_of_its_own(world):
    order = world.arrived(0)
    world.tell(order, ("selection", "started", 1), ("selection", "failed", 2), payload={"batch_number": "B1"})
    world.tell(order, ("selection", "started", 3), attempt=2, payload={"batch_number": "B2"})
    assert list(Batch.objects.values_list("attempt", "number", "status")) == [
        (1, "B1", BatchStatus.FAILED),
        (2, "B2", BatchStatus.IN_PROCESS),
    ]


@pytest.mark.django_db
def test_late_and_shuffled_events_give_the_same_batch(world):
    words = [
        ("selection", "started", 3, {"resource": "S1", "payload": {"batch_number": "B1"}}),
        ("selection", "completed", 4, {}),
        ("harvest", "started", 5, {}),
        ("harvest", "completed", 6, {"payload": {"batch_number": "B1-R"}}),
        ("sterility", "started", 7, {}),
        ("release", "started", 8, {}),
        ("release", "completed", 9, {}),
    ]
    create_suite(world.suite, code="S1", by=None)
    found = set()
    for seed in range(5):
        order = world.arrived(0)
        shuffled = random.Random(seed).sample(words, len(words))
        for stage, kind, hours, more in [*shuffled, shuffled[0]]:
            record_events([report(order, kind, stage, hours, **more)], by=world.reporter, now=hour(20))
        row = Batch.objects.values_list(
            "number", "status", "suite__code", "started_at", "harvested_at", "released_at", "failed_at"
        )
        found.add(row.get(order=order))
    assert found == {("B1-R", BatchStatus.RELEASED, "S1", T[3], T[6], T[9], None)}


# What it costs


@pytest.mark.django_db
def test_events_that_make_no_batch_cost_no_statement(world, django_assert_num_queries):
    flow = plain_plan()
    moved = state(collection=done(1, 2), inbound=done(2, 3))
    touched = frozenset({(1, "collection"), (1, "inbound")})
    change = OrderChange(world.order().pk, world.plant.pk, frozenset(), flow, moved, touched)
    with django_assert_num_queries(0):
        assert project_batches([change], now=T[1]) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("orders", [1, 6])
def test_batches_of_many_orders_are_one_statement(world, orders):
    moved = state(selection=done(1, 2))
    changes = [
        OrderChange(world.order().pk, world.plant.pk, frozenset(), plain_plan(), moved, frozenset({(1, "selection")}))
        for _ in range(orders)
    ]
    with CaptureQueriesContext(connection) as asked:
        assert project_batches(changes, now=T[1]) == orders
    assert len(asked) == 1
    assert Batch.objects.count() == orders
