"""What was booked for a moment that passed during a hold needs a new appointment: it could not have begun."""

import pytest
import time_machine
from django.urls import reverse

from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.models import PatientOrder, StageRun
from supplychain.people.models import Membership, User
from supplychain.people.statuses import Role
from supplychain.recording.actions import ReportRefused, report_by_person
from tests.batches.judging import evaluate
from tests.dashboards.builders import TowerWorld, browser_of
from tests.supplychain.builders import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> TowerWorld:
    return TowerWorld()


@pytest.fixture
def order(world) -> PatientOrder:
    """Booked for hour 20; on hold from hour 10 to hour 60."""
    order = world.order()
    world.say(order, "scheduled", "collection", 2, payload={"planned_start_at": at(20).isoformat()})
    world.say(order, "held", hours=10)
    return order


def run_of(order: PatientOrder) -> StageRun:
    return StageRun.objects.get(order=order, stage__code="collection")


def silent(order: PatientOrder, hours: float) -> list[Flag]:
    evaluate(hours)
    return list(Flag.objects.filter(order=order, code=FlagCode.SILENT, cleared_at=None))


def test_a_booking_that_passed_during_the_hold_is_none_any_more(world, order):
    world.say(order, "resumed", hours=60)
    run = run_of(order)
    assert (run.planned_start_at, run.details) == (None, {"missed_start_at": "2026-03-03T04:00:00Z"})
    (flag,) = silent(order, 61)
    assert flag.severity == Severity.ATTENTION
    assert "needs a new appointment" in flag.why
    assert "nobody has said so" not in flag.why
    assert "book a new date for Collection" in flag.next_step


@pytest.mark.parametrize(("kind", "payload"), [
    ("scheduled", {"planned_start_at": at(90).isoformat()}), ("started", {}),
])  # fmt: skip
def test_a_new_date_or_its_start_ends_that(world, order, kind, payload):
    world.say(order, "resumed", hours=60)
    world.say(order, kind, "collection", 62, payload=payload)
    assert silent(order, 63) == []


def test_a_booking_after_the_hold_or_missed_before_it_stays(world):
    for booked, held in ((80, 10), (5, 10)):
        order = world.order(patient_reference=f"P-{booked}")
        world.say(order, "scheduled", "collection", 2, payload={"planned_start_at": at(booked).isoformat()})
        world.say(order, "held", hours=held)
        world.say(order, "resumed", hours=60)
        assert run_of(order).planned_start_at == at(booked)


def test_a_hold_of_the_stage_is_the_same(world):
    order = world.order()
    world.say(order, "scheduled", "collection", 2, payload={"planned_start_at": at(20).isoformat()})
    world.say(order, "held", "collection", 10)
    world.say(order, "resumed", "collection", 60)
    assert "missed_start_at" in run_of(order).details


def test_the_dialog_of_the_resumption_says_so(world, order):
    with time_machine.travel(at(60), tick=False):
        page = browser_of(world.operations).get(f"{reverse('report_event', args=[order.pk])}?kind=resumed").text
    assert "Booked while it was on hold, and passed: Collection, 3 Mar 2026 04:00 UTC." in page
    assert "It needs a new appointment" in page


def lift(world, order, **given):
    """Operations lifts the hold at hour 60, with what is typed into the fields for new dates."""
    order.refresh_from_db()
    report_by_person(
        order.pk, by=given.pop("by", world.operations), kind="resumed", occurred_at=at(60), payload=given,
        reason="All clear", seen_version=order.version, token="t", now=at(60),
    )  # fmt: skip


def dialog(person, order: PatientOrder, kind: str = "resumed", stage: str = "") -> str:
    address = f"{reverse('report_event', args=[order.pk])}?kind={kind}&stage={stage}"
    with time_machine.travel(at(60), tick=False):
        return browser_of(person).get(address).text


@pytest.fixture
def both(world) -> User:
    """Operations of the plant who also books for the centre."""
    Membership.objects.create(user=world.operations, site=world.oslo, role=Role.SITE_COORDINATOR)
    return User.objects.get(pk=world.operations.pk)


def test_the_new_date_may_be_given_as_the_hold_is_lifted(world, order, both):
    page = dialog(both, order)
    assert "Collection: booked start" in page
    assert "May be left for later" in page
    lift(world, order, by=both, **{"collection-planned_start_at": at(90)})
    run = run_of(order)
    assert (run.planned_start_at, "missed_start_at" in run.details) == (at(90), False)
    assert silent(order, 61) == []


def test_only_who_may_book_is_offered_the_field(world, order):
    page = dialog(world.operations, order)
    assert "Collection: booked start" not in page
    assert "It needs a new appointment" in page


def test_a_new_date_that_cannot_be_stops_the_whole_report(world, order, both):
    for given, problem in (
        ({"collection-planned_start_at": at(50)}, "had passed already"),
        ({"collection-planned_end_at": at(95)}, "An end alone is no appointment"),
    ):
        with pytest.raises(ReportRefused, match=problem) as refused:
            lift(world, order, by=both, **given)
        assert refused.value.field in given
    order.refresh_from_db()
    assert order.held_at == at(10)


def test_a_hold_of_a_stage_takes_the_new_date_too(world):
    order = world.order()
    world.say(order, "scheduled", "collection", 2, payload={"planned_start_at": at(20).isoformat()})
    world.say(order, "held", "collection", 10)
    with time_machine.travel(at(60), tick=False):
        address = f"{reverse('report_event', args=[order.pk])}?kind=resumed&stage=collection"
        browser = browser_of(world.coordinator)
        page = browser.get(address)
        form = page.context["form"]
        typed = {"collection-planned_start_at": "2026-03-06T10:00", "reason": "All clear again", "kind": "resumed",
                 "stage": "collection", "attempt": "1", "token": str(form["token"].value()),
                 f"seen_version-{order.pk}": form[f"seen_version-{order.pk}"].value(),
                 "shown_at": at(60).isoformat(), "occurred_at": "2026-03-04T20:00"}  # fmt: skip
        answer = browser.post(reverse("report_event", args=[order.pk]), typed)
    assert answer.status_code == 302
    run = run_of(order)
    assert run.status == "ready"
    assert run.planned_start_at is not None
    assert "missed_start_at" not in run.details


def test_until_then_every_page_says_that_it_must_be_booked(world, order):
    world.say(order, "resumed", hours=60)
    assert len(silent(order, 61)) == 1
    with time_machine.travel(at(61), tick=False):
        page = browser_of(world.operations).get(reverse("order", args=[order.pk])).text
        centre = browser_of(world.coordinator).get(reverse("site")).text
    assert "Collection can start, and needs a new appointment: 3 Mar 2026 04:00 UTC passed during the hold" in page
    assert "if Collection can begin at once: no new appointment is booked" in page
    assert "Book a new date for Collection and report it, or that it has begun." in centre
    assert ", which passed during the hold" in centre
    assert "Collection booked" in centre


def test_what_cannot_begin_yet_is_asked_for_too(world):
    order = world.order()
    world.say(order, "scheduled", "infusion", 2, payload={"planned_start_at": at(20).isoformat()})
    world.say(order, "held", hours=10)
    assert silent(order, 30) == []
    world.say(order, "resumed", hours=60)
    asked = [flag for flag in silent(order, 61) if flag.stage == "infusion"]
    assert [flag.next_step for flag in asked] == [
        "Site coordinator: book a new date for Infusion and report it, or that it has begun."
    ]
    with time_machine.travel(at(61), tick=False):
        centre = browser_of(world.coordinator).get(reverse("site")).text
    assert "Book a new date for Infusion and report it, or that it has begun." in centre
