"""Who may open a new attempt, and what counts of reports about one that nobody opened."""

import pytest

from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.actions.events import record_event
from supplychain.orders.models import PatientOrder, StageRun, StatusEvent
from supplychain.orders.rules.entitlements import lacked_scope
from supplychain.orders.statuses import StageStatus
from supplychain.systems.statuses import ReportScope, SourceKind
from tests.batches.judging import evaluate
from tests.supplychain.builders import World, at, plain_plan, report
from tests.supplychain.orders.entitled import a_system, flagged, status_of

FLOW = plain_plan()


pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def order(world) -> PatientOrder:
    return world.order()


def test_a_note_opens_no_attempt_for_a_system_without_the_right(world, order):
    courier = a_system(world, SourceKind.COURIER)
    record_event(report(order, "failed", "selection", 5), by=world.reporter, now=at(6))
    record_event(report(order, "note", "selection", 7, attempt=2, payload={"text": "again"}), by=courier, now=at(8))
    order.refresh_from_db()
    assert (order.attempt, flagged(order)) == (1, [("selection", "a-courier")])


def test_a_new_attempt_is_opened_by_those_who_may_and_then_counts_for_all(world, order):
    courier = a_system(world, SourceKind.COURIER)
    record_event(report(order, "failed", "selection", 5), by=world.reporter, now=at(6))
    record_event(report(order, "started", "inbound", 7, attempt=2), by=courier, now=at(8))
    order.refresh_from_db()
    assert (order.attempt, flagged(order)) == (1, [("inbound", "a-courier")])
    record_event(report(order, "started", "collection", 6.5, attempt=2), by=world.reporter, now=at(9))
    order.refresh_from_db()
    run = StageRun.objects.get(order=order, stage__code="inbound", attempt=2)
    assert (order.attempt, run.status, flagged(order)) == (2, StageStatus.RUNNING, [])


def test_the_flag_says_that_work_in_an_attempt_nobody_opened_does_not_count(world, order):
    courier = a_system(world, SourceKind.COURIER)
    record_event(report(order, "failed", "selection", 5), by=world.reporter, now=at(6))
    record_event(report(order, "started", "selection", 7, attempt=2), by=courier, now=at(8))
    order.refresh_from_db()
    assert (order.attempt, flagged(order)) == (1, [("selection", "a-courier")])
    assert Flag.objects.get(code=FlagCode.NOT_ENTITLED).why.endswith("It does not count.")


def test_the_flag_says_that_work_in_an_attempt_that_was_opened_counts(world, order):
    courier = a_system(world, SourceKind.COURIER)
    record_event(report(order, "failed", "selection", 5), by=world.reporter, now=at(6))
    record_event(report(order, "started", "collection", 6.5, attempt=2), by=world.reporter, now=at(7))
    record_event(report(order, "started", "selection", 7, attempt=2), by=courier, now=at(8))
    assert flagged(order) == [("selection", "a-courier")]
    assert Flag.objects.get(code=FlagCode.NOT_ENTITLED).why.endswith("It counts all the same.")


def test_of_several_reports_the_flag_says_that_some_do_not_count(world, order):
    courier = a_system(world, SourceKind.COURIER)
    record_event(report(order, "held", "selection", 1), by=courier, now=at(2))
    record_event(report(order, "skipped", "selection", 3), by=courier, now=at(4))
    assert flagged(order) == [("selection", "a-courier")]
    assert Flag.objects.get(code=FlagCode.NOT_ENTITLED).why.endswith("Some of them do not count.")


def test_an_attempt_that_was_opened_later_does_not_make_an_earlier_report_count(world, order):
    courier = a_system(world, SourceKind.COURIER)
    record_event(report(order, "failed", "selection", 5), by=world.reporter, now=at(6))
    record_event(report(order, "started", "inbound", 7, attempt=2), by=courier, now=at(8))
    record_event(report(order, "started", "collection", 7.5, attempt=2), by=world.reporter, now=at(9))
    run = StageRun.objects.get(order=order, stage__code="inbound", attempt=2)
    assert (run.started_at, flagged(order)) == (None, [("inbound", "a-courier")])


def test_a_withdrawal_that_names_the_attempt_opens_none(world, order):
    courier = a_system(world, SourceKind.COURIER)
    record_event(report(order, "failed", "selection", 5), by=world.reporter, now=at(6))
    wrong = record_event(report(order, "started", "harvest", 6), by=world.reporter, now=at(6))
    payload = {"event": str(wrong.event_id), "reason": "another order"}
    row = report(order, "withdrawn", "harvest", 6.5, attempt=2, payload=payload)
    assert record_event(row, by=world.reporter, now=at(7)).outcome == "created"
    record_event(report(order, "started", "inbound", 7, attempt=2), by=courier, now=at(8))
    order.refresh_from_db()
    assert (order.attempt, flagged(order)) == (1, [("inbound", "a-courier")])


def test_a_bare_note_opens_no_new_attempt_for_those_who_may_not(world, order):
    courier = a_system(world, SourceKind.COURIER)
    record_event(report(order, "failed", "selection", 5), by=world.reporter, now=at(6))
    said = record_event(report(order, "note", "selection", 7, attempt=2), by=courier, now=at(8))
    order.refresh_from_db()
    assert (order.attempt, status_of(order, "selection")) == (1, StageStatus.FAILED)
    assert (StatusEvent.objects.get(pk=said.event_id).lacked_scope, flagged(order)) == (
        ReportScope.NEW_ATTEMPT,
        [("selection", "a-courier")],
    )


def test_a_bare_note_of_a_new_attempt_needs_no_right_to_the_stage():
    assert lacked_scope([], FLOW.stages["selection"], "note", says_details=False) == ""
    may_open = [ReportScope.NEW_ATTEMPT]
    assert lacked_scope(may_open, FLOW.stages["selection"], "note", opens_attempt=True, says_details=False) == ""


@pytest.mark.parametrize("kind", ["started", "completed", "failed", "held", "resumed", "skipped", "scheduled", "note"])
def test_what_names_an_attempt_that_does_not_exist_counts_for_no_other_one(world, order, kind):
    record_event(report(order, "held", "release", 1), by=world.reporter, now=at(2))
    before = StageRun.objects.get(order=order, stage__code="release")
    said = {"planned_start_at": at(90).isoformat()}
    row = report(order, kind, "release", 5, attempt=9, payload=said, resource="desk 2")
    assert record_event(row, by=world.reporter, now=at(6)).outcome == "created"
    after = StageRun.objects.get(order=order, stage__code="release")
    order.refresh_from_db()
    same = ("status", "started_at", "completed_at", "failed_at", "held_at", "planned_start_at", "details", "resource")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
    evaluate(20)
    flag = Flag.objects.get(order=order, code=FlagCode.OUT_OF_SEQUENCE, cleared_at=None)
    assert (order.attempt, flag.severity) == (1, Severity.CRITICAL)
    assert "names attempt 9, but attempt 1 is the newest: it does not count" in flag.why
