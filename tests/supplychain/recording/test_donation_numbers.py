"""Donation numbers that people record: of ISBT 128 form and of the collection centre, or with a reason that is kept."""

import pytest
import time_machine
from django.urls import reverse

from supplychain.identifiers.rules.characters import identifier_problem
from supplychain.orders.models import StatusEvent
from supplychain.people.statuses import Role
from supplychain.recording.actions import ReportRefused, report_by_person
from tests.dashboards.builders import TowerWorld, browser_of
from tests.supplychain.builders import at, make_user

pytestmark = pytest.mark.django_db
NOW = at(50)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def world() -> TowerWorld:
    world = TowerWorld()
    world.oslo.facilities = ["G1234", "G1235"]
    world.oslo.save()
    return world


def collected(world: TowerWorld, **payload) -> dict:
    order = world.order()
    world.say(order, "started", "collection", 49)
    order.refresh_from_db()
    report_by_person(
        order.pk, by=world.coordinator, kind="completed", stage="collection", occurred_at=NOW, payload=payload,
        seen_version=order.version, token="t", now=NOW,
    )  # fmt: skip
    return StatusEvent.objects.get(order=order, kind="completed").payload


@pytest.mark.parametrize(
    "typed", ["G123426654321", "g1235 26 654321", "=G12341765432170", "=+02000=G12341765432170=<S1234100"]
)
def test_a_number_of_the_centre_is_taken(world, typed):
    assert set(collected(world, donation_number=typed)) == {"donation_number"}


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("12345", "is no donation number in ISBT 128 form"),
        ("DON-7", "is no donation number in ISBT 128 form"),
        ("Z999926654321", "was given by facility Z9999, the collection centre is G1234 or G1235"),
    ],
)
def test_another_number_needs_a_reason_that_is_kept(world, typed, why):
    with pytest.raises(ReportRefused, match=why) as refused:
        collected(world, donation_number=typed)
    assert refused.value.field == "donation_number"
    said = collected(world, donation_number=typed, donation_reason="Old labels until May")
    assert said == {"donation_number": typed, "donation_reason": "Old labels until May"}


def test_a_number_that_another_order_of_the_centre_bears_needs_a_reason_too(world):
    """It was taken without a word, and stopped both orders."""
    number = "G123426654321"
    collected(world, donation_number=number)
    with pytest.raises(ReportRefused, match="stands on another order of this collection centre") as refused:
        collected(world, donation_number="g1234 26 654321")
    assert refused.value.field == "donation_number"
    assert set(collected(world, donation_number=number, donation_reason="Two bags of one collection")) == {
        "donation_number", "donation_reason",
    }  # fmt: skip


def test_the_form_asks_for_the_reason_where_another_order_of_the_centre_bears_it(world):
    collected(world, donation_number="G123426654321")
    order, client = world.order(), browser_of(world.coordinator)
    world.say(order, "started", "collection", 49)
    order.refresh_from_db()
    said = {
        "kind": "completed", "stage": "collection", "token": "6f0e4cbe-0000-4000-8000-000000000002",
        "occurred_at": "2026-03-04T10:00", f"seen_version-{order.pk}": order.version,
        "donation_number": "G123426654321",
    }  # fmt: skip
    asked = client.post(reverse("report_event", args=[order.pk]), said)
    assert (asked.status_code, "stands on another order of this collection centre" in asked.text) == (422, True)


@pytest.mark.parametrize("typed", ["G123498654321K", "=G12341765432171", "=G1234", "1.67683E+15", "A\u200bB"])
def test_no_reason_makes_a_misread_number_right(world, typed):
    with pytest.raises(ReportRefused):
        collected(world, donation_number=typed, donation_reason="I am sure")


def test_the_form_asks_for_the_reason_only_where_there_is_a_doubt(world):
    order, client = world.order(), browser_of(world.coordinator)
    world.say(order, "started", "collection", 49)
    address = reverse("report_event", args=[order.pk])
    page = client.get(address, {"kind": "completed", "stage": "collection"}).text
    assert "Why it is right though it looks wrong" not in page
    order.refresh_from_db()
    said = {
        "kind": "completed", "stage": "collection", "token": "6f0e4cbe-0000-4000-8000-000000000001",
        "occurred_at": "2026-03-04T10:00", f"seen_version-{order.pk}": order.version, "donation_number": "12345",
    }  # fmt: skip
    asked = client.post(address, said)
    assert (asked.status_code, "Why it is right though it looks wrong" in asked.text) == (422, True)
    assert "say why below" in asked.text
    assert client.post(address, said | {"donation_reason": "Old labels"}).status_code == 302


@pytest.mark.parametrize(
    ("is_required", "instead"), [(True, "enter the number itself."), (False, "enter the number, or leave it empty.")]
)
def test_what_must_be_given_is_not_said_to_be_left_empty(is_required, instead):
    assert identifier_problem("n/a", is_required=is_required).endswith(instead)


def test_a_release_names_the_decision_signed_elsewhere(world):
    order = world.order()
    for hours, (kind, stage) in enumerate(
        [("completed", "collection"), ("completed", "inbound"), ("completed", "selection"), ("completed", "harvest"),
         ("started", "release")], 1,
    ):  # fmt: skip
        world.say(order, kind, stage, hours)
    order.refresh_from_db()
    qa = make_user("qa", world.plant, role=Role.QA)
    client = browser_of(qa)
    page = client.get(reverse("report_event", args=[order.pk]), {"kind": "completed", "stage": "release"}).text
    assert "Recorded here, signed in your quality system" in page
    said = {"by": qa, "kind": "completed", "stage": "release", "occurred_at": NOW, "token": "t", "now": NOW}
    with pytest.raises(ReportRefused, match="Reference in your quality system is missing"):
        report_by_person(order.pk, seen_version=order.version, **said)
    with pytest.raises(ReportRefused, match=r"enter the number itself\.$"):
        report_by_person(order.pk, seen_version=order.version, payload={"release_reference": "n/a"}, **said)
    report_by_person(order.pk, seen_version=order.version, payload={"release_reference": "QMS-17"}, **said)
    assert StatusEvent.objects.get(order=order, kind="completed", stage="release").payload == {
        "release_reference": "QMS-17"
    }
