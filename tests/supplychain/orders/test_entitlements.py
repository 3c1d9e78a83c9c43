"""What a reporting system may say: kept always, counted where it may, flagged with its name where it may not."""

from importlib import import_module

import pgtrigger
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode
from supplychain.flows.statuses import StageKind
from supplychain.orders.actions.events import Reporter, record_event, record_events
from supplychain.orders.actions.seals import broken_seals
from supplychain.orders.models import PatientOrder, StageRun, StatusEvent
from supplychain.orders.rules.entitlements import OF_STAGES, OF_THE_ORDER, is_decision, lacked_scope
from supplychain.orders.statuses import OrderEventKind, OrderStatus, StageStatus
from supplychain.people.statuses import Role
from supplychain.systems.actions import USUAL_SCOPES
from supplychain.systems.models import SourceSystem
from supplychain.systems.statuses import ReportScope, SourceKind
from tests.supplychain.api_clients import client_of
from tests.supplychain.builders import World, at, make_source, make_user, plain_plan, report
from tests.supplychain.orders.entitled import a_system, flagged, status_of

FLOW = plain_plan()
pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def order(world) -> PatientOrder:
    return world.order()


def test_every_right_is_a_scope_that_a_system_can_be_given():
    assert set(ReportScope.values) <= set(settings.OAUTH2_PROVIDER["SCOPES"])
    assert {OF_STAGES[kind] for kind in StageKind} <= set(ReportScope)
    # People alone settle flags, resolve mismatches, decide on excursions and confirm as the second; whoever said
    # something may take it back, and what an identity check found needs the right to check.
    of_people = {OrderEventKind.SETTLED, OrderEventKind.RESOLVED, OrderEventKind.EXCURSION_DECIDED}
    of_people |= {OrderEventKind.WITNESSED}
    needs_none = of_people | {OrderEventKind.WITHDRAWN, OrderEventKind.MISMATCH}
    assert set(OF_THE_ORDER) == set(OrderEventKind) - needs_none
    assert all(settings.OAUTH2_PROVIDER["SCOPES"][scope.value] == scope.label for scope in ReportScope)


@pytest.mark.parametrize(
    ("kind", "may_not"),
    [
        (SourceKind.COURIER, {"collection", "selection", "harvest", "sterility", "release", "infusion"}),
        (SourceKind.LOGGER, {"collection", "selection", "harvest", "sterility", "release", "infusion"}),
        (SourceKind.LABORATORY, {"collection", "inbound", "selection", "harvest", "release", "infusion"}),
        (SourceKind.HOSPITAL, {"inbound", "selection", "harvest", "sterility", "release"}),
        (SourceKind.PLANT, {"collection", "infusion"}),
        (SourceKind.SPREADSHEET, set()),
    ],
)
def test_which_stages_a_kind_of_system_does_not_complete(kind, may_not):
    held = USUAL_SCOPES[kind]
    assert {code for code, plan in FLOW.stages.items() if lacked_scope(held, plan, "completed")} == may_not


@pytest.mark.parametrize(
    ("kind", "may_not"),
    [
        (SourceKind.COURIER, set(OF_THE_ORDER) - {OrderEventKind.HANDED_OVER}),
        (SourceKind.LABORATORY, set(OF_THE_ORDER)),
        (
            SourceKind.HOSPITAL,
            {
                OrderEventKind.CONFIRMED,
                OrderEventKind.PROMISED,
                OrderEventKind.CLOSED,
                OrderEventKind.ANSWERED,
                OrderEventKind.HELD,
                OrderEventKind.RESUMED,
            },
        ),
        (SourceKind.PLANT, {OrderEventKind.CHANGE_ASKED, OrderEventKind.TAKEN_BACK}),
    ],
)
def test_which_decisions_a_kind_of_system_does_not_take(kind, may_not):
    assert {one for one in OF_THE_ORDER if lacked_scope(USUAL_SCOPES[kind], None, one)} == may_not


def test_a_couriers_release_is_kept_flagged_with_its_name_and_does_not_count(world, order):
    courier = a_system(world, SourceKind.COURIER)
    answer = record_event(report(order, "completed", "release", 5), by=courier, now=at(6))
    assert answer.outcome == "created"
    assert answer.reason == (
        "Kept and flagged; it does not count until somebody says it who may: your system has not the right "
        "“Report dispositions; leave out manufacturing or tests” (events:release). An administrator gives it."
    )
    event = StatusEvent.objects.get(pk=answer.event_id)
    assert (event.lacked_scope, status_of(order, "release")) == ("events:release", StageStatus.PENDING)
    assert flagged(order) == [("release", "a-courier")]
    why = Flag.objects.get(code=FlagCode.NOT_ENTITLED).why
    assert why == (
        "Courier “a-courier” reported “Release: released”, which it has no right to report. It does not count."
    )
    assert list(broken_seals()) == []


def test_a_couriers_cancellation_leaves_the_order_open_and_watched(world, order):
    record_event(report(order, "cancelled", hours=5), by=a_system(world, SourceKind.COURIER), now=at(6))
    order.refresh_from_db()
    assert (order.status, order.cancelled_at) == (OrderStatus.ORDERED, None)
    assert flagged(order) == [("", "a-courier")]


def test_it_clears_when_the_report_was_withdrawn(world, order):
    courier = a_system(world, SourceKind.COURIER)
    made = record_event(report(order, "started", "selection", 1), by=courier, now=at(2))
    assert flagged(order) == [("selection", "a-courier")]
    payload = {"event": str(made.event_id), "reason": "Another patient's."}
    record_event(report(order, "withdrawn", "selection", 3, payload=payload), by=courier, now=at(4))
    assert (flagged(order), status_of(order, "selection")) == ([], StageStatus.PENDING)


def test_it_clears_when_somebody_says_the_same_who_may(world, order):
    courier = a_system(world, SourceKind.COURIER)
    record_event(report(order, "completed", "release", 5), by=courier, now=at(6))
    assert flagged(order) == [("release", "a-courier")]
    qa = Reporter.of_user(make_user("quynh", world.plant, role=Role.QA))
    record_event(report(order, "completed", "release", 7), by=qa, now=at(8))
    assert (flagged(order), status_of(order, "release")) == ([], StageStatus.COMPLETED)


def test_work_that_was_done_counts_whoever_says_it_and_is_flagged(world, order):
    record_event(report(order, "started", "collection", 1), by=a_system(world, SourceKind.COURIER), now=at(2))
    assert status_of(order, "collection") == StageStatus.RUNNING
    assert flagged(order) == [("collection", "a-courier")]
    assert Flag.objects.get(code=FlagCode.NOT_ENTITLED).why.endswith("It counts all the same.")


@pytest.mark.parametrize("kind", ["held", "failed"])
def test_what_stops_counts_whoever_says_it(world, order, kind):
    assert not is_decision(FLOW.stages["release"], kind)
    record_event(report(order, kind, "collection", 1), by=a_system(world, SourceKind.LABORATORY), now=at(2))
    assert status_of(order, "collection") in (StageStatus.HELD, StageStatus.FAILED)
    assert flagged(order) == [("collection", "a-laboratory")]


def test_who_lifts_a_hold_settles_that_somebody_without_the_right_had_set_it(world, order):
    record_event(report(order, "held", hours=1), by=a_system(world, SourceKind.COURIER), now=at(2))
    order.refresh_from_db()
    assert (order.status, flagged(order)) == (OrderStatus.ON_HOLD, [("", "a-courier")])
    record_event(report(order, "resumed", hours=3), by=world.reporter, now=at(4))
    order.refresh_from_db()
    assert (order.status, flagged(order)) == (OrderStatus.ORDERED, [])


def test_a_promise_said_before_does_not_confirm_another_one(world, order):
    promise = {"promised_at": at(900).isoformat()}
    record_event(report(order, "promised", hours=1, payload=promise), by=world.reporter, now=at(2))
    worse = {"promised_at": at(2000).isoformat()}
    record_event(report(order, "promised", hours=3, payload=worse), by=a_system(world, SourceKind.COURIER), now=at(4))
    order.refresh_from_db()
    assert (order.promised_at, flagged(order)) == (at(900), [("", "a-courier")])


def test_each_sender_is_a_flag_of_its_own(world, order):
    for code in ("polar", "halcyon"):
        record_event(report(order, "completed", "release", 5), by=a_system(world, SourceKind.COURIER, code), now=at(6))
    assert flagged(order) == [("release", "halcyon"), ("release", "polar")]


def test_a_bare_note_needs_no_right_but_a_number_does(world, order):
    courier = a_system(world, SourceKind.COURIER)
    record_event(report(order, "note", "release", 2, payload={"text": "at the door"}), by=courier, now=at(3))
    assert flagged(order) == []
    record_event(report(order, "note", "selection", 3, payload={"batch_number": "B-1"}), by=courier, now=at(4))
    assert flagged(order) == [("selection", "a-courier")]


def test_what_needs_no_right_clears_no_flag(world, order):
    courier, other = a_system(world, SourceKind.COURIER), a_system(world, SourceKind.LOGGER)
    said = report(order, "note", "selection", 3, payload={"batch_number": "B-1"})
    known = record_event(said, by=courier, now=at(4)).event_id
    for hours, by in ((5, courier), (6, other)):
        record_event(report(order, "note", "selection", hours, payload={"text": "fine"}), by=by, now=at(7))
    assert flagged(order) == [("selection", "a-courier")]
    maker = a_system(world, SourceKind.PLANT)
    SourceSystem.objects.filter(pk=maker.source.pk).update(scopes=["events:manufacturing"])
    maker.source.refresh_from_db()
    record_event(report(order, "failed", "selection", 8), by=world.reporter, now=at(8))
    record_event(report(order, "started", "selection", 9, attempt=2), by=maker, now=at(9))
    own = record_event(report(order, "note", "selection", 9.5), by=maker, now=at(10)).event_id
    for event, by in ((own, maker), (known, courier)):
        payload = {"event": str(event), "reason": "mine"}
        record_event(report(order, "withdrawn", "selection", 11, attempt=2, payload=payload), by=by, now=at(12))
    assert ("selection", maker.source.code) in flagged(order)


def test_any_order_of_arrival_gives_the_same_state(world, order):
    courier = a_system(world, SourceKind.COURIER)
    record_event(report(order, "started", "collection", 4), by=world.reporter, now=at(9))
    record_event(report(order, "cancelled", hours=2), by=courier, now=at(9))
    record_event(report(order, "completed", "collection", 6), by=world.reporter, now=at(9))
    record_event(report(order, "skipped", "collection", 3), by=courier, now=at(9))
    order.refresh_from_db()
    assert (order.status, status_of(order, "collection")) == (OrderStatus.IN_PROGRESS, StageStatus.COMPLETED)


def test_systems_with_the_right_and_people_are_never_flagged(world, order):
    record_events(
        [report(order, "started", "collection", 1), report(order, "completed", "collection", 3)], by=world.reporter
    )
    kari = Reporter.of_user(make_user("kari", world.oslo, role=Role.SITE_COORDINATOR))
    record_event(report(order, "note", "collection", 4), by=kari)
    assert (flagged(order), set(StatusEvent.objects.values_list("lacked_scope", flat=True))) == ([], {""})


def test_the_interface_says_so_to_the_sender(world, order):
    courier = make_source("polar", world.oslo, world.plant)
    client = client_of(courier, "events:write", "events:transport")
    answer = client.send("/api/v1/events/", report(order, "completed", "release", 1))
    assert answer.status_code == 201
    assert "events:release" in answer.json()["reason"]
    early = client.send("/api/v1/events/", report(order, "started", "inbound", 1)).json()["reason"]
    assert early == "Kept and flagged: “Inbound: handed to the courier” before Collection had ended."


def test_no_system_falls_silent_when_rights_come(world, order):
    """The migration gives what the kind usually reports, and what was reported so far."""
    courier = make_source("polar", world.oslo, world.plant)
    said = [("completed", "release"), ("cancelled", ""), ("note", "infusion")]
    record_events([report(order, *one) for one in said], by=Reporter.of_source(courier))
    reader = make_source("reader", world.oslo)
    SourceSystem.objects.filter(pk=courier.pk).update(kind=SourceKind.COURIER, scopes=["events:write", "orders:read"])
    SourceSystem.objects.filter(pk=reader.pk).update(scopes=["orders:read"])
    migration = import_module("supplychain.migrations.0012_rights_to_report")
    with connection.schema_editor() as editor:
        migration.grant_rights(apps, editor)
    courier.refresh_from_db()
    reader.refresh_from_db()
    assert courier.scopes == ["events:write", "orders:read", "events:cancel", "events:release", "events:transport"]
    assert reader.scopes == ["orders:read"]


def test_what_was_left_out_and_what_notes_said_counts_as_reported_so_far(world, order):
    laboratory = make_source("lims", world.oslo, world.plant)
    number = {"payload": {"batch_number": "B-1"}}
    rows = [report(order, "skipped", "sterility"), report(order, "note", "selection", **number)]
    record_events([*rows, report(order, "note", "infusion")], by=Reporter.of_source(laboratory))
    SourceSystem.objects.filter(pk=laboratory.pk).update(kind=SourceKind.LABORATORY, scopes=["events:write"])
    with connection.schema_editor() as editor:
        import_module("supplychain.migrations.0012_rights_to_report").grant_rights(apps, editor)
    laboratory.refresh_from_db()
    assert laboratory.scopes == ["events:write", "events:manufacturing", "events:quality_control", "events:release"]


def test_an_altered_right_breaks_the_seal(world, order):
    record_event(report(order, "cancelled", hours=2), by=a_system(world, SourceKind.COURIER), now=at(3))
    with pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute("UPDATE supplychain_statusevent SET lacked_scope = '' WHERE lacked_scope <> ''")
    assert [link.position for link in broken_seals()] == [2]


@pytest.mark.parametrize(
    ("sender", "kind", "stage"),
    [
        (SourceKind.COURIER, "completed", "sterility"),
        (SourceKind.COURIER, "skipped", "sterility"),
        (SourceKind.LOGGER, "completed", "infusion"),
        (SourceKind.LABORATORY, "started", "infusion"),
        (SourceKind.HOSPITAL, "started", "release"),
    ],
)
def test_no_verdict_counts_from_those_who_may_not_say_it(world, order, sender, kind, stage):
    answer = record_event(report(order, kind, stage, 5), by=a_system(world, sender), now=at(6))
    assert "it does not count until somebody says it who may" in answer.reason
    assert (status_of(order, stage), flagged(order)) == (StageStatus.PENDING, [(stage, f"a-{sender}")])


@pytest.mark.parametrize("kind", ["scheduled", "started", "completed", "note", "held"])
def test_without_the_right_numbers_plans_and_resources_change_nothing(world, order, kind):
    said = {"donation_number": "G123417654321", "planned_start_at": at(900).isoformat()}
    row = report(order, kind, "collection", 1, payload=said, resource="the courier's van")
    record_event(row, by=a_system(world, SourceKind.COURIER), now=at(2))
    run = StageRun.objects.get(order=order, stage__code="collection")
    assert (run.details, run.resource, run.planned_start_at) == ({}, "", None)
    assert not order.identifiers.filter(kind="donation").exists()
    assert flagged(order) == [("collection", "a-courier")]


def test_a_notes_resource_is_who_wrote_it(world, order):
    record_event(report(order, "started", "selection", 1, resource="suite 4"), by=world.reporter, now=at(2))
    record_event(report(order, "note", "selection", 3, resource="the van"), by=a_system(world, SourceKind.COURIER))
    record_event(report(order, "note", "selection", 3, resource="night shift"), by=world.reporter)
    assert StageRun.objects.get(order=order, stage__code="selection").resource == "suite 4"
