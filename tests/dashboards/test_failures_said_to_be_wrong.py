"""A failure that one person calls wrong asks every page for the second person before a new attempt: cells may live."""

import re

import pytest
import time_machine
from django.urls import reverse

from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.people.statuses import Role
from supplychain.recording.actions import withdraw_report
from tests.batches.judging import evaluate, make_due
from tests.dashboards.builders import TowerWorld, browser_of
from tests.supplychain.builders import at, make_user

pytestmark = pytest.mark.django_db
NOW = 40
MADE = (("started", "collection", 1), ("completed", "collection", 5), ("started", "inbound", 6),
        ("completed", "inbound", 13), ("started", "selection", 20))  # fmt: skip
FIRST = "a second person confirms that the failure report is wrong, or keeps it"
AGREE = "agree with QA and the treating physician on a new attempt"


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(at(NOW), tick=False):
        yield


@pytest.fixture
def world() -> TowerWorld:
    world = TowerWorld()
    world.quality = make_user("quynh", world.plant, role=Role.QA)
    return world


def doubted(world: TowerWorld) -> PatientOrder:
    """An order whose selection was reported failed, and somebody said that the report is wrong."""
    order = world.order()
    for said in MADE:
        world.say(order, *said)
    world.say(order, "failed", "selection", 35)
    make_due([order], NOW)
    evaluate(NOW)
    withdraw_report(failure_of(order).pk, by=world.operations, reason="Wrong order.", now=at(NOW))
    judged(order)
    return order


def failure_of(order: PatientOrder) -> StatusEvent:
    return StatusEvent.objects.get(order=order, kind="failed")


def judged(order: PatientOrder) -> None:
    make_due([order], NOW)
    evaluate(NOW)
    order.refresh_from_db()


def words(person, address: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", browser_of(person).get(address).text).split())


def test_every_page_asks_for_the_second_person_and_none_for_a_new_attempt(world):
    order = doubted(world)
    flag = Flag.objects.get(order=order, code=FlagCode.STAGE_FAILED)
    assert FIRST in flag.next_step
    assert "is said to be wrong" in flag.why
    page = words(world.quality, reverse("order", args=[order.pk]))
    coming = page.partition("What happens next")[2][:700]
    assert FIRST in coming
    assert AGREE not in page.partition("Events")[0]
    for address in (reverse("control_tower"), f"{reverse('control_tower')}?wall=1"):
        said = words(world.quality, address)
        assert FIRST in said or "is said to be wrong" in said
        assert AGREE not in said
    api = browser_of(world.quality).get("/api/v1/flags/").text
    assert AGREE not in api


def test_the_centre_reads_that_its_failure_is_said_to_be_wrong(world):
    order = world.order()
    world.say(order, "started", "collection", 1)
    world.say(order, "failed", "collection", 5)
    judged(order)
    withdraw_report(failure_of(order).pk, by=world.coordinator, reason="Wrong order.", now=at(NOW))
    judged(order)
    page = words(world.coordinator, reverse("site"))
    assert "is said to be wrong: a second person of quality assurance" in page
    assert "agree with the plant what comes next" not in page


def test_a_confirmed_withdrawal_leaves_the_stage_as_late_as_it_is(world):
    order = doubted(world)
    withdraw_report(failure_of(order).pk, by=world.quality, reason="Yes, another order.", now=at(NOW))
    judged(order)
    standing = Flag.objects.filter(order=order, cleared_at=None, stage="selection").values_list("code", flat=True)
    assert FlagCode.STAGE_FAILED not in standing
    assert FlagCode.STAGE_LATE in standing
