"""A stage at work that needs longer than planned: whoever performs it says until when, and that is what counts."""

import pytest
import time_machine
from django.urls import reverse

from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.models import PatientOrder, StageRun, StatusEvent
from supplychain.orders.rules.agreed_ends import AGREED_END
from supplychain.people.statuses import Role
from supplychain.recording.actions import ReportRefused, report_by_person, withdraw_report
from tests.batches.judging import evaluate
from tests.dashboards.builders import TowerWorld, browser_of
from tests.supplychain.builders import at, make_user

pytestmark = pytest.mark.django_db
PLANNED, WORST = 12, 24  # of selection, which begins at hour 40


@pytest.fixture
def world() -> TowerWorld:
    return TowerWorld()


@pytest.fixture
def order(world) -> PatientOrder:
    """Selection runs since hour 40: planned to hour 52, at worst to hour 64."""
    order = world.order()
    world.say(order, "started", "collection", 2)
    world.say(order, "completed", "collection", 8)
    world.say(order, "started", "inbound", 10)
    world.say(order, "completed", "inbound", 34)
    world.say(order, "started", "selection", 40)
    return order


def extend(world: TowerWorld, order: PatientOrder, hours: float, until: float, **more) -> None:
    order.refresh_from_db()
    payload = {"planned_end_at": at(until)} | more
    report_by_person(
        order.pk, by=world.operations, kind="scheduled", stage="selection", occurred_at=at(hours), payload=payload,
        reason="Cells grow slowly", seen_version=order.version, token=f"t-{hours}", now=at(hours),
    )  # fmt: skip


def late(order: PatientOrder, hours: float) -> list[tuple[str, Severity]]:
    evaluate(hours)
    raised = Flag.objects.filter(order=order, stage="selection", cleared_at=None, code__in=("stage_late", "silent"))
    return sorted((flag.code, flag.severity) for flag in raised)


def why(order: PatientOrder, code: str = "stage_late") -> Flag:
    return Flag.objects.get(order=order, code=code, stage="selection", cleared_at=None)


LATE, SILENT = FlagCode.STAGE_LATE, FlagCode.SILENT


def test_a_new_end_is_what_counts_and_passing_it_flags_again(world, order):
    assert late(order, 53) == [(LATE, Severity.ATTENTION)]
    assert why(order).next_step == "Operations: find out what holds it up; report its end, or its new time."
    extend(world, order, 53, 60)
    assert late(order, 54) == []
    assert late(order, 60.5) == [(LATE, Severity.ATTENTION)]
    assert "12 h were planned" in why(order).why
    assert "it was agreed until 2026-03-04T20:00Z, moved once" in why(order).why
    assert late(order, 64.5) == [(SILENT, Severity.ATTENTION), (LATE, Severity.CRITICAL)]
    assert "as agreed, its end moved once," in why(order, "silent").why


def test_past_the_worst_case_what_was_agreed_stays_in_sight_without_an_alarm(world, order):
    extend(world, order, 50, 70)
    extend(world, order, 62, 90)
    assert late(order, 65) == [(LATE, Severity.ATTENTION)]
    flag = why(order)
    assert "it is agreed until 2026-03-06T02:00Z, moved twice" in flag.why
    assert flag.next_step == ("Operations: see that what follows is booked for then; if it ends earlier, report that.")
    assert flag.due == at(90)
    assert late(order, 90) == [(LATE, Severity.CRITICAL)]


def test_every_new_end_is_counted_and_the_newest_holds(world, order):
    for number, until in enumerate((60, 70, 65), 1):
        extend(world, order, 50 + number, until)
    run = StageRun.objects.get(order=order, stage__code="selection")
    assert (run.details["agreed_end_at"], run.details["agreed_times"]) == ("2026-03-05T01:00:00Z", 3)
    assert run.planned_end_at == at(65)


def test_an_earlier_end_than_planned_is_no_extension(world, order):
    extend(world, order, 41, 45)
    assert "agreed_end_at" not in StageRun.objects.get(order=order, stage__code="selection").details


def test_it_needs_a_reason_a_time_to_come_and_somebody_who_performs_the_stage(world, order):
    with pytest.raises(ReportRefused, match="had passed already"):
        extend(world, order, 53, 52)
    order.refresh_from_db()
    said = {"kind": "scheduled", "stage": "selection", "occurred_at": at(53), "payload": {"planned_end_at": at(60)},
            "seen_version": order.version, "token": "t", "now": at(53)}  # fmt: skip
    with pytest.raises(ReportRefused, match="Reason is missing"):
        report_by_person(order.pk, by=world.operations, **said)
    kari = make_user("kari-2", world.oslo, role=Role.SITE_COORDINATOR)
    with pytest.raises(ReportRefused, match="is reported by operations of the plant"):
        report_by_person(order.pk, by=kari, **said)


def test_page_dialog_and_history_say_it_in_one_way(world, order):
    extend(world, order, 53, 60)
    browser = browser_of(world.operations)
    with time_machine.travel(at(54), tick=False):
        page = browser.get(reverse("order", args=[order.pk])).text
        address = f"{reverse('report_event', args=[order.pk])}?kind=scheduled&stage=selection"
        dialog = browser.get(address).text
        listed = browser.get(reverse("orders")).text
    assert "takes longer than planned and agreed until 4 Mar 2026 20:00 UTC, moved once" in page
    assert "Cells grow slowly" in page
    for text in (page, dialog, listed):
        assert "Selection: new expected end" in text
    assert "Expected end now" in dialog


def test_a_time_beyond_the_cold_of_the_shipper_presses_at_once(world):
    order = world.order()
    for hours, kind, stage in (
        (2, "started", "collection"), (8, "completed", "collection"),
    ):  # fmt: skip
        world.say(order, kind, stage, hours)
    world.say(order, "started", "inbound", 10, payload={"qualified_until": at(130).isoformat()})
    evaluate(11)
    cold = Flag.objects.filter(order=order, code=FlagCode.HOLD_EXPIRING, cleared_at=None)
    assert not cold.exists()
    world.say(order, "scheduled", "inbound", 12, payload={"planned_delivery_at": at(140).isoformat()})
    evaluate(12.5)
    flag = cold.get()
    assert (flag.severity, flag.due) == (Severity.CRITICAL, at(130))
    assert "its end is agreed for 2026-03-08T04:00Z" in flag.why


def test_a_withdrawn_new_end_is_none(world, order):
    extend(world, order, 53, 60)
    event = StatusEvent.objects.filter(order=order).latest("position")
    withdraw_report(event.pk, by=world.operations, reason="Wrong order", now=at(54))
    assert "agreed_end_at" not in StageRun.objects.get(order=order, stage__code="selection").details
    assert (LATE, Severity.ATTENTION) in late(order, 55)


def test_held_work_that_was_to_have_ended_takes_its_new_end_as_the_hold_is_lifted(world, order):
    world.say(order, "held", "selection", 45)
    order.refresh_from_db()
    with time_machine.travel(at(60), tick=False):
        address = f"{reverse('report_event', args=[order.pk])}?kind=resumed&stage=selection"
        assert "Selection: expected end now" in browser_of(world.operations).get(address).text
    report_by_person(
        order.pk, by=world.operations, kind="resumed", stage="selection", occurred_at=at(60), reason="Suite is clean",
        payload={"selection-planned_end_at": at(70)}, seen_version=order.version, token="r", now=at(60),
    )  # fmt: skip
    assert late(order, 63) == []
    assert late(order, 70.5) == [(LATE, Severity.CRITICAL)]


def test_a_booking_that_is_heard_of_after_the_work_had_begun_is_no_agreed_end(world, order):
    """The start was reported late, so that it lies before the booking was said."""
    said = {"planned_start_at": at(88).isoformat(), "planned_end_at": at(94).isoformat()}
    world.say(order, "scheduled", "selection", 41, payload=said)
    run = StageRun.objects.get(order=order, stage__code="selection")
    assert AGREED_END not in run.details
    assert late(order, 64.5) == [(LATE, Severity.CRITICAL)]
