"""What somebody is told about a report that may be wrong, and what is taken back with it."""

import pytest
import time_machine
from django.urls import reverse

from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.people.statuses import Role
from tests.dashboards.builders import TowerWorld, browser_of
from tests.supplychain.builders import at, make_user

pytestmark = pytest.mark.django_db
OWN = "withdrawn on the order’s page"
CALL = "you cannot take it back yourself"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(at(50), tick=False):
        yield


@pytest.fixture
def world() -> TowerWorld:
    return TowerWorld()


def form(user, order: PatientOrder, kind: str, stage: str = "") -> str:
    return browser_of(user).get(f"{reverse('report_event', args=[order.pk])}?kind={kind}&stage={stage}").text


def test_who_cannot_withdraw_a_report_is_told_whom_to_call(world):
    order = world.order()
    page = form(world.coordinator, order, "cancelled")
    assert CALL in page
    assert "perations of the plant or quality assurance of the plant withdraw it (two of them)" in page
    assert OWN not in page
    assert "This ends the order for good" in page
    own = form(world.coordinator, order, "started", "collection")
    assert (OWN in own, "until a second person has confirmed" in own, CALL in own) == (True, True, False)
    assert "until a second person" not in form(world.operations, order, "confirmed")


def test_a_cancellation_while_cells_are_in_hand_is_asked_about(world):
    order = world.order()
    world.say(order, "completed", "collection", 20)
    world.say(order, "started", "inbound", 26)
    page = form(world.operations, order, "cancelled")
    assert "The patient’s cells are in hand: Inbound under way" in page
    order.refresh_from_db()
    data = {
        "kind": "cancelled", "stage": "", "attempt": "", "token": "5b0f7d1e-2b0c-4a52-9e1c-6a5f4f2f0a11",
        f"seen_version-{order.pk}": str(order.version), "occurred_at": f"{at(50):%Y-%m-%dT%H:%M}", "reason": "Died",
    }  # fmt: skip
    client, address = browser_of(world.operations), reverse("report_event", args=[order.pk])
    assert client.post(address, data).status_code == 422
    assert client.post(address, data | {"cells": "told"}).status_code == 302
    assert StatusEvent.objects.get(order=order, kind="cancelled").payload == {"cells": "told", "reason": "Died"}


def test_a_cancellation_before_anything_was_taken_asks_nothing(world):
    assert "cells are in hand" not in form(world.operations, world.order(), "cancelled")


def delivered(world: TowerWorld) -> tuple[PatientOrder, StatusEvent, StatusEvent]:
    """An order, its delivery, and the start of what came after."""
    order = world.order()
    for hours, (kind, stage) in enumerate(
        [("completed", "collection"), ("started", "inbound"), ("completed", "inbound"), ("started", "selection")], 20
    ):
        world.say(order, kind, stage, hours)
    found = [StatusEvent.objects.get(order=order, kind=kind, stage=stage)
             for kind, stage in (("completed", "inbound"), ("started", "selection"))]  # fmt: skip
    return order, *found


def test_what_rests_on_a_wrong_report_is_shown_and_taken_back_with_it(world):
    order, delivery, start = delivered(world)
    client, address = browser_of(world.operations), reverse("withdraw_event", args=[order.pk, delivery.pk])
    page = client.get(address).text
    assert "Later reports rest on it" in page
    assert "Selection started" in page
    answer = client.post(address, {"reason": "Another box", "also": [str(start.pk)]}, follow=True)
    assert f"Recorded for {order.coi}: the report is withdrawn." in answer.text
    order.refresh_from_db()
    assert set(order.withdrawn_events) == {str(delivery.pk), str(start.pk)}
    assert order.current_stage == "inbound"


def test_what_stays_is_said_to_stand_without_its_forerunner(world):
    order, delivery, _ = delivered(world)
    address = reverse("withdraw_event", args=[order.pk, delivery.pk])
    browser_of(world.operations).post(address, {"reason": "Another box"})
    order.refresh_from_db()
    texts = [one["text"] for one in order.surprises if one["reason"] == "before_predecessor"]
    assert texts == ["Selection started before Inbound had ended"]


def test_nothing_is_offered_that_rests_on_nothing_or_may_not_be_taken_back(world):
    order, delivery, start = delivered(world)
    kari = make_user("anne", world.oslo, role=Role.SITE_COORDINATOR)
    for user, event in ((world.operations, start), (kari, delivery)):
        page = browser_of(user).get(reverse("withdraw_event", args=[order.pk, event.pk])).text
        assert "Later reports rest on it" not in page
