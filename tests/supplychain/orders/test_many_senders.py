"""Every event sent twice, shuffled, by eight senders at once: the same state as once, in order."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from supplychain.flows.queries import flow_plan
from supplychain.orders.actions.events import record_event, record_events
from supplychain.orders.actions.seals import broken_seals
from supplychain.orders.actions.store import run_values
from supplychain.orders.models import PatientOrder, StageRun, StatusEvent
from supplychain.orders.rules.fold import fold
from supplychain.orders.rules.states import Fact, RunState
from supplychain.orders.statuses import ReportOutcome
from tests.supplychain.builders import World, at, report

pytestmark = pytest.mark.django_db(transaction=True)

SENDERS = 8


def journey(order: PatientOrder, shift: float) -> list[dict]:
    """Twenty facts of one order: a failed first attempt, a second one, a hold, a promise, notes."""
    said = [
        ("confirmed", "", 1, {}),
        ("scheduled", "collection", 2, {"payload": {"planned_start_at": at(20).isoformat()}}),
        ("started", "collection", 21, {}),
        ("completed", "collection", 26, {"payload": {"donation_number": f"D{order.coi}"}}),
        ("started", "inbound", 27, {}),
        ("completed", "inbound", 50, {}),
        ("started", "selection", 51, {}),
        ("held", "selection", 52, {}),
        ("resumed", "selection", 53, {}),
        ("failed", "selection", 60, {}),
        ("started", "selection", 90, {"attempt": 2}),
        ("completed", "selection", 101, {}),
        ("started", "harvest", 101, {}),
        ("completed", "harvest", 112, {}),
        ("promised", "", 113, {"payload": {"promised_at": at(900).isoformat()}}),
        ("started", "sterility", 114, {}),
        ("started", "release", 115, {}),
        ("note", "release", 116, {"payload": {"x": 1.5}}),
        ("completed", "release", 130, {}),
        ("held", "", 131, {}),
    ]
    return [report(order, kind, stage, hours + shift, **more) for kind, stage, hours, more in said]


def send_all(rows: list[dict], send) -> list:
    """`send` every row from eight threads at once."""

    def send_and_hang_up(row: dict):
        try:
            return send(row)
        finally:
            connection.close()

    with ThreadPoolExecutor(SENDERS) as senders:
        return list(senders.map(send_and_hang_up, rows))


def stored_runs(order: PatientOrder) -> dict:
    runs = StageRun.objects.filter(order=order).select_related("stage")
    names = RunState.__struct_fields__
    return {
        (run.attempt, run.stage.code): run_values(
            RunState(run.attempt, run.stage.code, **{name: getattr(run, name) for name in list(names)[2:]})
        )
        for run in runs
    }


def assert_like_once_in_order(orders: list[PatientOrder]) -> None:
    """The stored rows are those that the same facts give when they come once and in order."""
    for order in orders:
        order.refresh_from_db()
        events = order.events.values_list(
            "id", "kind", "stage", "attempt", "occurred_at", "recorded_at", "resource", "payload", "source_id",
            "source_event_id",
        )  # fmt: skip
        facts = sorted(
            (Fact(*event[:8], str(event[8]), event[9]) for event in events), key=lambda fact: fact.occurred_at
        )
        state = fold(flow_plan(order.flow_id), order.ordered_at, facts)
        assert (order.status, order.attempt, order.current_stage) == (state.status, state.attempt, state.current_stage)
        assert (order.promised_at, order.held_at, order.surprises) == (
            state.promised_at,
            state.held_at,
            state.surprises,
        )
        assert stored_runs(order) == {key: run_values(run) for key, run in state.runs.items()}


@pytest.fixture
def world() -> World:
    return World()


def test_single_reports_from_eight_senders(world):
    orders = [world.order() for _ in range(4)]
    rows = [row for number, order in enumerate(orders) for row in journey(order, number)] * 2
    random.Random(7).shuffle(rows)

    results = send_all(rows, lambda row: record_event(row, by=world.reporter, now=at(200)))

    outcomes = [result.outcome for result in results]
    assert (outcomes.count(ReportOutcome.CREATED), outcomes.count(ReportOutcome.DUPLICATE)) == (80, 80)
    assert StatusEvent.objects.count() == 84
    assert_like_once_in_order(orders)
    assert list(broken_seals()) == []


def test_overlapping_lists_from_eight_senders(world):
    orders = [world.order() for _ in range(4)]
    rows = [row for number, order in enumerate(orders) for row in journey(order, number)]
    lists = []
    for seed in range(SENDERS):
        random.Random(seed).shuffle(rows)
        lists.append(list(rows))

    results = send_all(lists, lambda some: record_events(some, by=world.reporter, now=at(200)))

    outcomes = [result.outcome for answer in results for result in answer]
    assert (outcomes.count(ReportOutcome.CREATED), outcomes.count(ReportOutcome.DUPLICATE)) == (80, 560)
    assert_like_once_in_order(orders)
    assert list(broken_seals()) == []


def test_one_id_for_two_orders_at_once_is_stored_once(world):
    orders = [world.order() for _ in range(SENDERS)]
    rows = [report(order, "started", "collection", 2) | {"source_event_id": "the same"} for order in orders]

    results = send_all(rows, lambda row: record_event(row, by=world.reporter, now=at(3)))

    outcomes = sorted(result.outcome for result in results)
    assert outcomes == [ReportOutcome.CONFLICT] * (SENDERS - 1) + [ReportOutcome.CREATED]
    assert StatusEvent.objects.filter(source_event_id="the same").count() == 1
