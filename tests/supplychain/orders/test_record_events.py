"""A reported event is stored once, folded in, and answered clearly."""

import pytest
from django.db import InternalError, connection

from supplychain.flows.queries import flow_plan
from supplychain.orders.actions.events import Reporter, record_event, record_events
from supplychain.orders.models import EventConflict, PatientOrder, StageRun, StatusEvent
from supplychain.orders.rules.fold import fold
from supplychain.orders.rules.states import Fact
from supplychain.orders.statuses import OrderStatus, ReportOutcome, StageStatus
from supplychain.people.statuses import Role
from supplychain.transport.models import Collection, Shipment
from tests.supplychain.builders import World, at, make_user, report
from tests.supplychain.due_orders import due_moment

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def run_of(order: PatientOrder, stage: str, attempt: int = 1) -> StageRun:
    return StageRun.objects.get(order=order, stage__code=stage, attempt=attempt)


def test_a_new_order_waits_for_its_first_stage(world):
    order = world.order(promised_at=at(500))

    assert (order.status, order.version, order.promised_at) == (OrderStatus.ORDERED, 1, at(500))
    assert order.current_stage == "collection"
    statuses = StageRun.objects.filter(order=order).values_list("stage__code", "status", "ready_at")
    assert list(statuses)[:2] == [
        ("collection", StageStatus.READY, at(0)),
        ("inbound", StageStatus.PENDING, None),
    ]


def test_an_event_moves_its_stage_and_makes_the_next_one_ready(world):
    order = world.order()

    results = record_events(
        [report(order, "started", "collection", 2, resource="chair 3"), report(order, "completed", "collection", 7)],
        by=world.reporter,
        now=at(7.5),
    )

    assert [result.outcome for result in results] == [ReportOutcome.CREATED, ReportOutcome.CREATED]
    run = run_of(order, "collection")
    assert (run.status, run.ready_at, run.started_at, run.completed_at, run.resource) == (
        StageStatus.COMPLETED, at(0), at(2), at(7), "chair 3",
    )  # fmt: skip
    assert (run_of(order, "inbound").status, run_of(order, "inbound").ready_at) == (StageStatus.READY, at(7))
    order.refresh_from_db()
    assert (order.status, order.version, order.current_stage) == (OrderStatus.IN_PROGRESS, 3, "inbound")
    # Due since it was ordered: a later event does not push it back in the queue.
    assert (due_moment(order), order.last_recorded_at, order.last_occurred_at) == (at(0), at(7.5), at(7))


def test_the_same_event_again_is_a_duplicate_and_changes_nothing(world):
    order = world.order()
    first = record_event(report(order, "started", "collection"), by=world.reporter, now=at(2))
    again = record_event(report(order, "started", "collection"), by=world.reporter, now=at(3))

    assert (again.outcome, again.event_id) == (ReportOutcome.DUPLICATE, first.event_id)
    order.refresh_from_db()
    assert (order.version, order.last_recorded_at) == (2, at(2))


def test_the_same_id_with_other_content_is_a_conflict_that_is_kept_once(world):
    order = world.order()
    first = record_event(report(order, "started", "collection"), by=world.reporter)
    other = report(order, "started", "collection") | {"occurred_at": at(3).isoformat()}
    results = [record_event(other, by=world.reporter) for _ in range(2)]

    assert [(result.outcome, result.event_id) for result in results] == [(ReportOutcome.CONFLICT, first.event_id)] * 2
    assert "new id" in results[0].reason
    conflict = EventConflict.objects.get()
    assert (conflict.event_id, conflict.report["kind"]) == (first.event_id, "started")
    assert StatusEvent.objects.filter(order=order).count() == 2


def test_another_reporter_may_use_the_same_id(world):
    order = world.order()
    world.stranger.sites.add(world.oslo)
    record_event(report(order, "started", "collection"), by=world.reporter)
    result = record_event(report(order, "started", "collection"), by=Reporter.of_source(world.stranger))
    assert result.outcome == ReportOutcome.CREATED


def test_a_late_event_gives_the_state_it_would_have_given_in_time(world):
    order = world.order()
    late = report(order, "completed", "collection", 7)
    record_event(report(order, "started", "inbound", 9), by=world.reporter, now=at(9))
    order.refresh_from_db()
    assert [surprise["reason"] for surprise in order.surprises] == ["before_predecessor"]

    record_event(late, by=world.reporter, now=at(10))

    order.refresh_from_db()
    run = run_of(order, "inbound")
    assert (order.surprises, run.status, run.ready_at, run.started_at) == ([], StageStatus.RUNNING, at(7), at(9))


def test_an_event_from_tomorrow_is_kept_and_surprises(world):
    order = world.order()
    result = record_event(report(order, "started", "collection", 26), by=world.reporter, now=at(2))
    order.refresh_from_db()
    assert result.outcome == ReportOutcome.CREATED
    assert [surprise["reason"] for surprise in order.surprises] == ["in_future"]


def test_a_new_attempt_reopens_the_stages_from_where_the_flow_says(world):
    order = world.order()
    rows = [
        report(order, "completed", "collection", 5),
        report(order, "completed", "inbound", 30),
        report(order, "started", "selection", 31),
        report(order, "failed", "selection", 40),
        report(order, "scheduled", "selection", 41, attempt=2, payload={"planned_start_at": at(60).isoformat()}),
        report(order, "started", "selection", 60),
    ]
    record_events(rows, by=world.reporter)
    order.refresh_from_db()

    assert (order.attempt, order.current_stage) == (2, "selection")
    first, second = run_of(order, "selection", 1), run_of(order, "selection", 2)
    assert (first.status, second.status) == (StageStatus.FAILED, StageStatus.RUNNING)
    assert (second.ready_at, second.started_at, second.planned_start_at) == (at(40), at(60), at(60))
    assert not StageRun.objects.filter(order=order, attempt=2, stage__code="inbound").exists()


def test_collection_and_shipment_follow_the_events(world):
    order = world.order()
    planned = {"planned_start_at": at(4).isoformat(), "donation_number": "G123498654321"}
    way = {"courier": "Cold Line", "tracking_number": "T-1", "planned_pickup_at": at(12).isoformat()}
    rows = [
        report(order, "scheduled", "collection", 1, payload=planned),
        report(order, "started", "collection", 4),
        report(order, "completed", "collection", 9),
        report(order, "scheduled", "inbound", 10, payload=way),
        report(order, "started", "inbound", 12.5),
    ]
    for row in rows:
        record_event(row, by=world.reporter)

    collection, shipment = Collection.objects.get(), Shipment.objects.get()
    assert (collection.status, collection.donation_number, collection.planned_start_at, collection.ended_at) == (
        "completed", "G123498654321", at(4), at(9),
    )  # fmt: skip
    assert (shipment.status, shipment.courier, shipment.planned_pickup_at, shipment.picked_up_at) == (
        "in_transit", "Cold Line", at(12), at(12.5),
    )  # fmt: skip
    assert (shipment.from_site, shipment.to_site) == (world.oslo, world.plant)


@pytest.mark.parametrize("statement", ["UPDATE {} SET kind = 'note'", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_database_refuses_to_change_facts(world, statement):
    world.order()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(InternalError, match="pgtrigger"):
            cursor.execute(statement.format("supplychain_statusevent"))


def test_a_late_fact_that_moves_an_attempt_takes_its_rows_along(world):
    order = world.order()
    rows = [
        report(order, "failed", "selection", 5),
        report(order, "started", "collection", 20, attempt=2),
        report(order, "started", "selection", 10, attempt=2),
        report(order, "started", "selection", 8, attempt=3),
    ]
    for row in rows:
        record_event(row, by=world.reporter, now=at(30))
    stored = set(StageRun.objects.filter(order=order).values_list("attempt", "stage__code", "status"))
    order.refresh_from_db()
    facts = [
        Fact(
            event.pk,
            event.kind,
            event.stage,
            event.attempt,
            event.occurred_at,
            event.recorded_at,
            "",
            {},
            "",
            str(event.pk),
        )
        for event in order.events.all()
    ]
    state = fold(flow_plan(order.flow_id), order.ordered_at, facts)
    assert stored == {(*key, run.status) for key, run in state.runs.items()}


def test_a_planned_shipment_whose_stage_is_skipped_is_withdrawn(world):
    order = world.order()
    record_event(report(order, "scheduled", "inbound", 1, payload={"courier": "Cold Line"}), by=world.reporter)
    assert Shipment.objects.count() == 1
    record_event(report(order, "skipped", "inbound", 2), by=world.reporter)
    assert Shipment.objects.count() == 0


def test_people_report_what_their_site_does_and_only_qa_releases(world):
    order = world.order()
    coordinator = Reporter.of_user(make_user("kari", world.oslo, role=Role.SITE_COORDINATOR))
    operator = Reporter.of_user(make_user("ola", world.plant))
    qa = Reporter.of_user(make_user("quynh", world.plant, role=Role.QA))
    said = report(order, "completed", "release", 3)

    assert record_event(report(order, "started", "collection", 1), by=coordinator).outcome == "created"
    refused = [record_event(said, by=person).reason for person in (coordinator, operator)]
    assert refused == ["stage: Release is reported by quality assurance of the plant."] * 2
    assert record_event(said, by=qa).outcome == "created"
