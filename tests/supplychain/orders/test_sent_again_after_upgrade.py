"""What was taken before today's rules and is sent again is known; what is new is held against them."""

import pytest

from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.models import EventConflict, StatusEvent
from supplychain.orders.rules import reading as rules
from supplychain.people.statuses import Role
from tests.supplychain.builders import World, at, make_user, report

pytestmark = pytest.mark.django_db
# Payloads as an older version stored them, and what sends them.
OLD = {
    "a donation number as printed": ({"donation_number": "G1234 17 654321"}, ""),
    "a donation number as scanned": ({"donation_number": "=G12341765432100"}, ""),
    "a batch number with another blank": ({"batch_number": "PLA\u00a01"}, ""),
    "a check character that does not fit": ({"donation_number": "G1234 17 654321 0"}, ""),
    "a number that a spreadsheet rounded": ({"batch_number": "1.67683E+15"}, "spreadsheet"),
    "a number that was none": ({"batch_number": "N/A"}, "same for all"),
    "a number that lost a letter": ({"batch_number": "M\ufffd-1"}, "lost a character"),
    "a number with a hidden character": ({"batch_number": "B\u200b1"}, "hidden character"),
    "a moment without dashes": ({"planned_pickup_at": "20260303T100000Z"}, "no dashes"),
}


@pytest.fixture
def world() -> World:
    world = World()
    world.mine = world.order()
    return world


def stored_before(world: World, row: dict, monkeypatch) -> StatusEvent:
    """The event as a version without today's rules stored it."""
    with monkeypatch.context() as before:
        before.setattr(rules, "_plain_payload", lambda payload, problems: payload)
        before.setattr(rules, "_problems_of", lambda report: ())
        before.setattr("supplychain.orders.actions.events.register_identifiers", lambda *_, **__: None)
        return StatusEvent.objects.get(pk=record_event(row, by=world.reporter).event_id)


@pytest.mark.parametrize(("payload", "refusal"), OLD.values(), ids=OLD)
def test_it_is_known_and_of_a_new_id_refused(world, monkeypatch, payload, refusal):
    row = report(world.mine, "completed", "collection", payload=payload)
    before = stored_before(world, row, monkeypatch)
    again = record_event(row, by=world.reporter)
    assert (again.outcome, again.event_id, again.reason) == ("duplicate", before.pk, "")
    new = record_event(row | {"source_event_id": "another"}, by=world.reporter)
    assert (new.outcome, refusal in new.reason) == ("rejected" if refusal else "created", True)
    assert not EventConflict.objects.exists()


def test_a_moment_of_before_is_known(world, monkeypatch):
    row = report(world.mine, "started", "collection", 2)
    before = stored_before(world, row, monkeypatch)
    again = record_event(row | {"occurred_at": "20260302T100000Z"}, by=world.reporter)
    assert (again.outcome, again.event_id) == ("duplicate", before.pk)


@pytest.mark.parametrize("changes", [{"kind": "started"}, {"resource": "chair 2"}, {"order": "another"}])
def test_what_says_something_else_is_refused_as_before(world, monkeypatch, changes):
    world.order(coi="another")
    row = report(world.mine, "completed", "collection", payload={"batch_number": "1.67683E+15"})
    stored_before(world, row, monkeypatch)
    assert record_event(row | changes, by=world.reporter).outcome == "rejected"


def test_a_systems_own_member_named_override_is_its_own(world):
    row = report(world.mine, "started", "collection", payload={"override": True})
    assert record_event(row, by=world.reporter, now=at(2)).outcome == "created"
    by = Reporter.of_user(make_user("cora", world.oslo, role=Role.SITE_COORDINATOR))
    result = record_event(row, by=by, now=at(2))
    assert result.reason == "payload.override: must be a text of 1 to 1000 characters."
