"""A critical flag about identity, a test or the dose tells people no, by every way in, until QA decides."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from batches.flags.actions.people import FlagActionRefused, settle_flag
from batches.flags.models import Flag
from batches.flags.queries.stops import raised_stops
from batches.judgement.statuses import FlagCode, Severity
from supplychain.audit.refusals import Refused
from supplychain.custody.actions.links import make_link
from supplychain.orders.actions.events import Reporter, record_event, record_events
from supplychain.orders.models import StatusEvent
from supplychain.orders.statuses import OrderStatus, ReportOutcome
from supplychain.people.statuses import Role
from supplychain.recording.actions import OrderReport, report_many_by_person
from tests.batches.flags.interlocked import (
    NUMBER,
    TO_INFUSION,
    InterlockWorld,
    failed_after_infusion,
    judged,
    mixed_up,
    refusal,
    say,
    told,
)
from tests.dashboards.builders import raise_flag
from tests.supplychain.builders import at, make_user, report
from tests.supplychain.due_orders import due_by_time

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> InterlockWorld:
    return InterlockWorld()


@pytest.mark.parametrize("is_judged", [True, False])
def test_a_mixed_up_order_takes_no_report_of_operations(world, is_judged):
    order = mixed_up(world)
    if is_judged:
        judged()
    why = refusal(order, world.operator, "started", "selection", payload={"batch_number": "B1"})
    assert why.startswith(f"Stopped by a critical flag: Donation identification number {NUMBER} also stands on order ")
    assert why.endswith("Only quality assurance may go on, with a reason, or settle the flag: call them.")


def test_no_driver_takes_over_what_a_critical_flag_stops(world):
    """A link made before the flag opens on what to do, one after it is not made, and the custody page says why."""
    first = world.order()
    said = report(first, "completed", "collection", 5, payload={"donation_number": NUMBER})
    record_event(said, by=world.reporter, now=at(5))
    _, token = make_link(first.pk, "inbound:at_pickup", by=world.operator, now=timezone.now())
    mixed_up(world)
    judged()
    page = Client().get(f"/driver/{token}/").content.decode()
    assert "Do not take this shipment over. Stay where you are. Call" in page
    assert "I have it now" not in page
    assert NUMBER not in page
    with pytest.raises(Refused, match="Not now: .*: pickup. Stopped by a critical flag: Donation"):
        make_link(first.pk, "inbound:at_pickup", by=world.operator, now=timezone.now())
    desk = Client()
    desk.force_login(world.operator)
    custody = desk.get(f"/orders/{first.pk}/custody/").content.decode()
    assert "<strong>Critical: " in custody
    assert ": pickup.</strong> Stopped by a critical flag: " in custody
    assert not re.search(r"New link: [^<]+: pickup", custody)


def test_what_was_recorded_while_a_report_waited_for_the_order_keeps_it_back_too(world):
    """The other transaction read its clock later than this one, and made the order due then."""
    order = mixed_up(world)
    due_by_time([order], at(400.001))
    why = refusal(order, world.operator, "started", "selection", payload={"batch_number": "B1"}, now=at(400))
    assert why.startswith("Stopped by a critical flag: ")


@pytest.mark.parametrize(("kind", "stage"), [("held", ""), ("note", "inbound"), ("cancelled", "")])
def test_what_stops_or_puts_right_is_never_kept_back(world, kind, stage):
    order = mixed_up(world)
    judged()
    said = {"reason": "labels are compared", "payload": {"note": "labels are compared", "cells": "told"}}
    assert say(order, world.operator, kind, stage, **said).outcome == ReportOutcome.CREATED


def test_every_way_in_of_a_person_obeys_and_no_system_does(world):
    order = mixed_up(world)
    judged()
    by = Reporter.of_user(world.operator)
    row = report(order, "started", "selection", 31)
    assert record_event(row, by=by, now=at(400)).outcome == ReportOutcome.REJECTED
    order.refresh_from_db()
    many = [OrderReport(order.pk, None, order.version, {"batch_number": "B1"})]
    said = {"by": world.operator, "kind": "started", "stage": "selection", "occurred_at": at(31), "now": at(400)}
    assert report_many_by_person(many, token="T", **said)[0].outcome == ReportOutcome.REJECTED
    assert record_event(row, by=world.reporter, now=at(400)).outcome == ReportOutcome.CREATED


def test_quality_assurance_goes_on_with_a_reason_that_is_part_of_the_fact(world):
    order = mixed_up(world)
    judged()
    batch = {"batch_number": "B1"}
    assert refusal(order, world.both, "started", "selection", payload=batch) == (
        "Why it may go on although it is flagged is missing."
    )
    why = "both bags were typed again: the other label is wrong"
    say(order, world.both, "started", "selection", payload=batch | {"override": why})
    assert StatusEvent.objects.filter(order=order).latest("position").payload["override"] == why


def test_what_those_who_do_it_may_not_say_quality_assurance_says_alone(world):
    """Else nobody could record where the cells of a doubtful order are."""
    order = mixed_up(world)
    why = "the bag is here and kept apart"
    quality = Reporter.of_user(world.quality)
    judged()
    batch = {"batch_number": "B1"}
    assert refusal(order, world.quality, "started", "selection", payload=batch).endswith("it is flagged is missing.")
    bare = record_event(report(order, "started", "selection", 31), by=quality, now=at(400))
    assert bare.reason.endswith("Quality assurance gives a reason why it may go on all the same.")
    say(order, world.quality, "started", "selection", payload=batch | {"override": why})
    row = report(order, "completed", "selection", 43, payload={"override": why})
    assert record_event(row, by=quality, now=at(400)).outcome == ReportOutcome.CREATED


def test_without_such_a_flag_an_override_gives_no_right(world):
    order = world.order()
    row = report(order, "started", "collection", 1, payload={"override": "because I say so"})
    result = record_event(row, by=Reporter.of_user(world.quality), now=at(400))
    assert result.outcome == ReportOutcome.REJECTED
    assert "is reported by" in result.reason


def test_a_dialog_shows_the_worst_flag_first_however_young(world):
    order = world.order()
    raise_flag(order, FlagCode.PROMISE_AT_RISK, severity=Severity.CRITICAL, since=at(1))
    raise_flag(order, FlagCode.ON_HOLD, severity=Severity.CRITICAL, since=at(9), due=at(20))
    raise_flag(order, FlagCode.STAGE_FAILED, severity=Severity.CRITICAL, since=at(10))
    words = [stop.words for stop in raised_stops([order.pk])]
    assert words == [code.label for code in (FlagCode.STAGE_FAILED, FlagCode.ON_HOLD, FlagCode.PROMISE_AT_RISK)]


def test_an_override_of_somebody_else_changes_nothing(world):
    order = mixed_up(world)
    judged()
    row = report(order, "started", "selection", 31, payload={"override": "it is fine"})
    result = record_event(row, by=Reporter.of_user(world.operator), now=at(400))
    assert result.reason.endswith("Only quality assurance may go on, with a reason, or settle the flag: call them.")
    assert record_event(row, by=Reporter.of_user(world.both), now=at(400)).outcome == ReportOutcome.CREATED


@pytest.mark.parametrize("is_judged", [True, False])
def test_an_order_with_a_failed_test_is_closed_only_once_the_flag_is_settled(world, is_judged):
    order = failed_after_infusion(world)
    if is_judged:
        judged()
    for person in (world.operator, world.quality):
        assert refusal(order, person, "closed", hours=310).endswith(
            "Quality assurance of the plant settles the flag first; then the order can be closed."
        )
    judged()
    flag = Flag.objects.get(order=order, code="stage_failed")
    with pytest.raises(FlagActionRefused, match="quality assurance of the plant"):
        settle_flag(flag.pk, by=world.operator, reason="fine", now=at(401))
    settle_flag(flag.pk, by=world.quality, reason="Physician alarmed, deviation D-17 opened.", now=at(401))
    say(order, world.operator, "closed", hours=402, now=at(403))
    order.refresh_from_db()
    assert order.status == OrderStatus.CLOSED


def test_a_failure_and_the_closing_in_one_list_do_not_slip_through(world):
    order = world.order()
    told(world, order, *TO_INFUSION)
    rows = [report(order, "failed", "sterility", 300), report(order, "closed", "", 301)]
    failed, closed = record_events(rows, by=Reporter.of_user(world.both), now=at(302))
    assert (failed.outcome, closed.outcome) == (ReportOutcome.CREATED, ReportOutcome.REJECTED)


@pytest.mark.parametrize(
    ("stage", "kind", "attempt", "why"),
    [
        ("release", "completed", 2, "Release is reported by quality assurance"),
        ("release", "completed", 9, "Release is reported by quality assurance"),
        ("sterility", "skipped", 2, "Sterility is reported by quality assurance"),
        ("sterility", "completed", 2, "Stopped by a critical flag"),
        ("infusion", "completed", 2, "Infusion is reported by"),
        ("collection", "completed", 2, "Collection is reported by"),
        ("selection", "started", 9, "the newest attempt is 1; the next one is 2"),
        ("selection", "started", 2, ""),
        ("selection", "scheduled", 2, ""),
        ("collection", "scheduled", 2, ""),
    ],
)
def test_the_number_of_a_new_attempt_opens_no_way_round_rights_and_flags(world, stage, kind, attempt, why):
    order = world.order()
    told(world, order, *TO_INFUSION[:9], ("failed", "sterility", 60))
    judged(61)
    row = report(order, kind, stage, 100, attempt=attempt, payload={"duration_confirmed": True})
    said = record_event(row, by=Reporter.of_user(world.operator), now=at(101))
    assert (said.outcome == ReportOutcome.CREATED) == (not why)
    assert why in said.reason


def test_the_dose_of_an_attempt_that_failed_is_not_given_once_another_has_begun(world):
    order = world.order()
    told(world, order, *TO_INFUSION[:11], ("failed", "sterility", 85))
    record_event(report(order, "started", "selection", 86, attempt=2), by=world.reporter, now=at(86))
    judged(87)
    nurse = Reporter.of_user(make_user("nora", world.oslo, role=Role.SITE_COORDINATOR))
    said = record_event(report(order, "started", "infusion", 88, attempt=1), by=nurse, now=at(88))
    assert (said.outcome, said.reason[:45]) == (ReportOutcome.REJECTED, "Stopped by a critical flag: Sterility failed.")


@pytest.mark.parametrize("nothing", [" ", "\u200b", "\u00a0\u2060", "\u202e"])
def test_a_reason_that_nobody_can_see_is_none(world, nothing):
    order = mixed_up(world)
    judged(31)
    row = report(order, "started", "selection", 32, payload={"override": nothing})
    assert "payload.override" in record_event(row, by=Reporter.of_user(world.both), now=at(32)).reason
    with pytest.raises(FlagActionRefused):
        settle_flag(Flag.objects.filter(order=order).first().pk, by=world.quality, reason=nothing, now=at(33))
