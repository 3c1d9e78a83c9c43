"""A centre cancels by itself until work has begun, by every way in; then it asks and the plant decides."""

import pytest

from supplychain.orders.actions.events import Reporter, record_event, record_events
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.orders.statuses import OrderStatus
from supplychain.people.statuses import Role
from supplychain.systems.statuses import ReportScope, SourceKind
from tests.supplychain.builders import World, at, make_user, report
from tests.supplychain.orders.entitled import a_system, flagged


@pytest.fixture
def world(db) -> World:
    return World()


@pytest.fixture
def order(world) -> PatientOrder:
    return world.order()


@pytest.fixture(params=["system", "system with every right", "coordinator"])
def centre(request, world) -> Reporter:
    if request.param == "coordinator":
        return Reporter.of_user(make_user("kari", world.oslo, role=Role.SITE_COORDINATOR))
    hospital = a_system(world, SourceKind.HOSPITAL)
    if request.param != "system":
        hospital.source.scopes = [*hospital.source.scopes, ReportScope.HOLD, ReportScope.PROMISE]
    return hospital


def status(order: PatientOrder) -> str:
    order.refresh_from_db()
    return order.status


def test_a_centre_cancels_until_work_has_begun(world, order, centre):
    assert record_event(report(order, "cancelled", hours=2), by=centre, now=at(2)).outcome == "created"
    assert status(order) == OrderStatus.CANCELLED


def test_an_order_that_was_held_before_anything_began_is_cancelled_by_its_centre(world, order, centre):
    record_event(report(order, "held", hours=1), by=world.reporter, now=at(1))
    assert record_event(report(order, "cancelled", hours=2), by=centre, now=at(2)).outcome == "created"


@pytest.mark.parametrize("kind", ["started", "completed", "failed"])
def test_after_work_has_begun_it_is_told_to_ask(world, order, centre, kind):
    record_event(report(order, kind, "collection"), by=world.reporter, now=at(1))
    refused = record_event(report(order, "cancelled", hours=2), by=centre, now=at(2))
    assert refused.outcome == "rejected"
    assert "ask" in refused.reason
    if centre.source:
        assert "change_asked" in refused.reason
    assert (status(order), StatusEvent.objects.filter(kind="cancelled").count()) == (OrderStatus.IN_PROGRESS, 0)
    asked = report(order, "change_asked", hours=3, payload={"wish": "cancel", "cause": "patient"})
    assert record_event(asked, by=centre, now=at(3)).outcome == "created"


def test_what_the_same_list_says_ahead_has_begun_too(world, order):
    hospital = a_system(world, SourceKind.HOSPITAL)
    rows = [report(order, "started", "collection"), report(order, "cancelled", hours=2)]
    assert [one.outcome for one in record_events(rows, by=hospital, now=at(3))] == ["created", "rejected"]


def test_a_cancellation_that_was_taken_is_known_when_it_comes_again(world, order):
    hospital = a_system(world, SourceKind.HOSPITAL)
    row = report(order, "cancelled", hours=2)
    record_event(row, by=hospital, now=at(2))
    record_event(report(order, "started", "collection", 1), by=hospital, now=at(3))
    assert record_event(row, by=hospital, now=at(4)).outcome == "duplicate"


def test_what_has_ended_is_not_asked_for(world, order):
    hospital = a_system(world, SourceKind.HOSPITAL)
    record_event(report(order, "completed", "infusion"), by=world.reporter, now=at(1))
    assert "Call the plant" in record_event(report(order, "cancelled", hours=2), by=hospital, now=at(2)).reason


@pytest.mark.parametrize("kind", [SourceKind.PLANT, SourceKind.SPREADSHEET])
def test_the_plant_decides_at_any_time(world, order, kind):
    record_event(report(order, "started", "collection"), by=world.reporter, now=at(1))
    answer = record_event(report(order, "cancelled", hours=2), by=a_system(world, kind), now=at(2))
    assert (answer.outcome, answer.reason, status(order)) == ("created", "", OrderStatus.CANCELLED)


def test_a_hold_of_a_hospitals_system_stops_the_order_and_is_flagged(world, order):
    hospital = a_system(world, SourceKind.HOSPITAL)
    held = record_event(report(order, "held"), by=hospital, now=at(1))
    assert (held.outcome, status(order)) == ("created", OrderStatus.ON_HOLD)
    assert "events:hold" in held.reason
    resumed = record_event(report(order, "resumed", hours=2), by=hospital, now=at(2))
    assert ("does not count" in resumed.reason, status(order)) == (True, OrderStatus.ON_HOLD)
    assert flagged(order) != []


def test_a_system_that_takes_back_its_collection_is_told_that_a_person_must_confirm(world, order):
    hospital = a_system(world, SourceKind.HOSPITAL)
    said = record_event(report(order, "completed", "collection"), by=hospital, now=at(1))
    back = report(order, "withdrawn", "collection", 2, payload={"event": str(said.event_id), "reason": "Wrong box"})
    answer = record_event(back, by=hospital, now=at(2))
    assert answer.outcome == "created"
    assert "a second person must confirm" in answer.words
    order.refresh_from_db()
    assert order.withdrawn_events == []
