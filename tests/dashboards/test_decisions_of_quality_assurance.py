"""What quality assurance decided of a flag is said by every page that shows the flag, instead of what it asked for."""

import re
from datetime import UTC

import pytest
import time_machine
from django.urls import reverse

from batches.flags.actions.people import settle_flag
from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode
from batches.notifications.actions.notifications import tell_due_flips
from supplychain.orders.models import PatientOrder
from supplychain.people.models import Membership
from supplychain.people.statuses import Role
from supplychain.words import moment_words
from tests.batches.judging import evaluate, make_due
from tests.dashboards.builders import TowerWorld, browser_of
from tests.supplychain.builders import at, make_user

pytestmark = pytest.mark.django_db
NOW = 40
STOPPED = "use no material until this is cleared"


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(at(NOW), tick=False):
        yield


@pytest.fixture
def world() -> TowerWorld:
    world = TowerWorld()
    world.quality = make_user("quynh", world.plant, role=Role.QA)
    Membership.objects.create(user=world.operations, site=world.oslo, role=Role.OPERATIONS)
    return world


@pytest.fixture
def order(world) -> PatientOrder:
    """An order whose donation number stands on another patient's, its cells collected."""
    orders = [world.order(), world.order(patient_reference="pseudonym-2")]
    for one in orders:
        world.say(one, "started", "collection", 4)
        world.say(one, "completed", "collection", 5, payload={"donation_number": "G123417654321"})
    make_due(orders, NOW)
    evaluate(NOW)
    tell_due_flips(now=at(NOW))
    return orders[0]


def pages(world: TowerWorld, order: PatientOrder) -> dict[str, str]:
    """The words of every page that shows the order's flag, without markup."""
    asked = {
        "order": (world.quality, reverse("order", args=[order.pk])),
        "tower": (world.quality, reverse("control_tower")),
        "inbox": (world.quality, reverse("inbox") + "?view=all"),
        "centre": (world.coordinator, reverse("site")),
    }
    texts = {name: browser_of(person).get(url).text for name, (person, url) in asked.items()}
    return {name: " ".join(re.sub(r"<[^>]+>", " ", text).split()) for name, text in texts.items()}


def decide(world: TowerWorld, order: PatientOrder) -> None:
    for flag in Flag.objects.filter(code=FlagCode.IDENTITY_SHARED, cleared_at=None):
        settle_flag(flag.pk, by=world.quality, reason="Labels compared, both right.", now=at(NOW))


def test_every_page_says_the_decision_and_no_longer_what_the_flag_asked_for(world, order):
    before = pages(world, order)
    assert [name for name, text in before.items() if "Labels compared" in text] == []
    assert STOPPED in before["centre"]
    assert "Until it is settled" in before["order"]
    decide(world, order)
    after = pages(world, order)
    assert [name for name, text in after.items() if "Quality assurance decided" not in text] == []
    assert [name for name, text in after.items() if "both right" not in text] == []
    assert STOPPED not in after["centre"]
    evaluate(NOW)
    told = [said["centre"].count("Settled: An identifier") for said in (before, pages(world, order))]
    assert told == [0, 2]
    assert "Until it is settled" not in after["order"]


def test_a_report_that_the_flag_stops_is_no_way_out_of_my_centre(world, order):
    address = f"{reverse('report_event', args=[order.pk])}?kind="
    before = browser_of(world.coordinator).get(reverse("site")).text
    decide(world, order)
    after = browser_of(world.coordinator).get(reverse("site")).text
    assert [one.count(f"stage=inbound&amp;next={reverse('site')}") for one in (before, after)] == [0, 2]
    assert [one.count("Only quality assurance may go on") for one in (before, after)] == [2, 0]
    assert address in after


def test_lists_say_that_it_is_settled_by_whom_and_when_not_that_it_was_acknowledged(world, order):
    decide(world, order)
    Flag.objects.exclude(code=FlagCode.IDENTITY_SHARED).update(cleared_at=at(NOW))
    asked = {"orders": {}, "handover": {"site": "plant"}}
    texts = {name: browser_of(world.quality).get(reverse(name), given).text for name, given in asked.items()}
    words = {name: " ".join(re.sub(r"<[^>]+>", " ", text).split()) for name, text in texts.items()}
    when = moment_words(at(NOW), UTC)
    assert f"settled by {world.quality}, {when.replace(' 2026', '')}" in words["orders"]
    assert "· acknowledged" not in words["orders"]
    assert f"; settled by {world.quality}, {when} : “Labels compared, both right.”" in words["handover"]


def test_what_is_settled_is_critical_in_no_count(world, order):
    """Its severity is history: tile, list, file and REST count what still asks for something."""
    for one in PatientOrder.objects.all():
        world.say(one, "started", "inbound", 6)
    make_due(PatientOrder.objects.all(), NOW)
    evaluate(NOW)
    browser = browser_of(world.quality)

    def critical() -> tuple[int, int, int]:
        tower = browser.get(reverse("control_tower")).context["counts"]
        listed = browser.get(f"{reverse('orders')}?flags=critical").context["lines"]
        told = browser.get("/api/v1/orders/?flagged=critical").json()["results"]
        return tower.critical, len(listed), len(told)

    assert critical() == (2, 2, 2)
    decide(world, order)
    assert critical() == (0, 0, 0)
    settled = Flag.objects.filter(code=FlagCode.IDENTITY_SHARED, cleared_at=None)
    assert {flag.severity_words for flag in settled} == {"Settled"}
