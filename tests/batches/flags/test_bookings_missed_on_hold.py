"""What was booked for a moment that passed during a hold needs a new appointment: it could not have begun."""

import pytest
import time_machine
from django.urls import reverse

from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.models import PatientOrder, StageRun
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
