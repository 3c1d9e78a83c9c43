"""Whoever promises a date sees what stands and what is expected, and says that a date is meant that is too early."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from batches.forecasts.queries.ready import ready_forecasts
from supplychain.orders.models import PatientOrder
from supplychain.recording.actions import ReportRefused, report_by_person
from tests.batches.judging import evaluate
from tests.dashboards.builders import TowerWorld, browser_of
from tests.supplychain.api_clients import client_of, session_of
from tests.supplychain.builders import at, report

pytestmark = pytest.mark.django_db
NOW = 30


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(at(NOW), tick=False):
        yield


@pytest.fixture
def world() -> TowerWorld:
    return TowerWorld()


@pytest.fixture
def order(world) -> PatientOrder:
    """Under way to the plant, promised later than it is expected."""
    order = world.order(promised_at=at(400))
    world.say(order, "completed", "collection", 20)
    world.say(order, "started", "inbound", 26)
    evaluate(NOW)
    order.refresh_from_db()
    return order


def first(order: PatientOrder):
    ready = ready_forecasts([order.pk], at(NOW))[order.pk]
    return ready.ready_from or ready.ready_at


def filled(order: PatientOrder, promised_at) -> dict[str, str]:
    return {
        "kind": "promised", "stage": "", "attempt": "", "token": "5b0f7d1e-2b0c-4a52-9e1c-6a5f4f2f0a11",
        f"seen_version-{order.pk}": str(order.version), "occurred_at": f"{at(NOW):%Y-%m-%dT%H:%M}",
        "promised_at": f"{promised_at:%Y-%m-%dT%H:%M}", "reason": "The patient comes sooner",
    }  # fmt: skip


def test_the_form_shows_what_is_promised_and_what_is_expected(world, order):
    page = browser_of(world.operations).get(f"{reverse('report_event', args=[order.pk])}?kind=promised").text
    assert "Until now wanted by" in page
    assert "Dose ready: about" in page


def test_a_date_that_can_hardly_be_kept_is_asked_about(world, order):
    client, address = browser_of(world.operations), reverse("report_event", args=[order.pk])
    too_soon = first(order) - 2 * (at(12) - at(0))
    asked = client.post(address, filled(order, too_soon))
    assert asked.status_code == 422
    assert "too early: the dose is hardly ready before" in asked.text
    assert "The date is meant, although it is too early" in asked.text
    meant = client.post(address, filled(order, too_soon) | {"is_soon_meant": "on"})
    order.refresh_from_db()
    assert (meant.status_code, order.promised_at) == (302, too_soon.replace(second=0, microsecond=0))


def test_a_date_that_can_be_kept_is_not(world, order):
    later = first(order) + (at(24) - at(0))
    answer = browser_of(world.operations).post(reverse("report_event", args=[order.pk]), filled(order, later))
    assert answer.status_code == 302


def test_the_action_asks_too(world, order):
    given = {"by": world.operations, "kind": "promised", "occurred_at": at(NOW), "seen_version": order.version}
    given |= {"token": "t", "reason": "Sooner", "payload": {"promised_at": at(40)}, "now": at(NOW)}
    with pytest.raises(ReportRefused) as refused:
        report_by_person(order.pk, **given)
    assert refused.value.field == "is_soon_meant"
    assert report_by_person(order.pk, **given, is_soon_meant=True).outcome == "created"


def promised(client, order: PatientOrder, moment, **said):
    body = {"promised_at": moment.isoformat()} | said
    return client.send(f"/api/v1/orders/{order.pk}/", body, "PATCH", if_match="*")


@pytest.mark.parametrize("who", ["plant", "operations"])
def test_the_interface_asks_for_the_reason_too(world, order, who):
    client = session_of(world.operations) if who == "operations" else client_of(world.source)
    too_soon = first(order) - timedelta(days=2)
    for said in ({}, {"reason": "ok"}):
        asked = promised(client, order, too_soon, **said)
        assert asked.status_code == 422
        assert "too early: the dose is hardly ready before" in asked.json()["errors"]["promised_at"][0]
        assert "say in reason why" in asked.json()["errors"]["promised_at"][0]
    assert "had passed" in promised(client, order, at(NOW - 1), reason="As agreed").json()["errors"]["promised_at"][0]
    assert promised(client, order, first(order) + timedelta(days=1)).status_code == 200
    assert promised(client, order, too_soon, reason="The patient comes sooner").status_code == 200
    order.refresh_from_db()
    assert order.promised_at == too_soon


def test_a_person_is_asked_of_an_event_as_well_and_a_system_is_heard(world, order):
    said = report(order, "promised", hours=NOW - 1, payload={"promised_at": at(40).isoformat()})
    asked = session_of(world.operations).send("/api/v1/events/", said)
    assert (asked.status_code, list(asked.json()["errors"])) == (422, ["payload.promised_at"])
    assert client_of(world.source).send("/api/v1/events/", said).status_code == 201
