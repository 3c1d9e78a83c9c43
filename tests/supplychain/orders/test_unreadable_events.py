"""Which order a reported event is about, and what cannot be read: refused with a reason, at the cost of no good row."""

import pytest

from supplychain import moments
from supplychain.orders.actions.events import Reporter, record_event, record_events
from supplychain.orders.models import Identifier
from supplychain.orders.rules import reading as rules
from supplychain.orders.statuses import ReportOutcome
from supplychain.transport.models import Shipment
from tests.supplychain.builders import World, at, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def test_another_sites_order_looks_unknown(world):
    order = world.order()
    stranger = Reporter.of_source(world.stranger)
    foreign = record_event(report(order, "started", "collection"), by=stranger)
    unknown = record_event(report("NOWHERE", "started", "collection"), by=stranger)

    assert foreign.outcome == unknown.outcome == ReportOutcome.REJECTED
    assert foreign.reason == unknown.reason.replace("NOWHERE", str(order.pk))


def test_any_identifier_leads_to_the_order(world):
    order = world.order(coi="CO26TEST", hospital_order_number="H-77")
    said = {"donation_number": "G123498654321", "batch_number": "NAB"}
    record_event(report(order, "completed", "collection", 2, payload=said), by=world.reporter)

    names = ["CO26TEST", "H-77", "G123498654321", "NAB"]
    results = [record_event(report(name, "note", "inbound"), by=world.reporter) for name in names]

    assert [result.order_id for result in results] == [order.pk] * 4
    assert sorted(Identifier.objects.values_list("kind", flat=True)) == ["batch", "coi", "donation", "hospital_order"]


def test_an_identifier_of_two_orders_is_not_guessed(world):
    for number in ("1", "2"):
        order = world.order(coi=f"COI{number}")
        record_event(report(order, "note", "collection", payload={"donation_number": "D1"}), by=world.reporter)
    result = record_event(report("D1", "started", "collection"), by=world.reporter)
    assert (result.outcome, "2 orders" in result.reason) == (ReportOutcome.REJECTED, True)


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"occurred_at": "yesterday"}, "occurred_at"),
        ({"occurred_at": "2026-03-02T08:00:00"}, "occurred_at"),
        ({"occurred_at": "9999-12-31T23:00:00-05:00"}, "occurred_at"),
        ({"kind": "finished"}, "use one of"),
        ({"kind": "confirmed"}, "kind"),
        ({"stage": "shipping"}, "use one of collection"),
        ({"attempt": 0}, "attempt"),
        ({"surprise": 1}, "surprise"),
        ({"source_event_id": ""}, "source_event_id"),
        ({"source_event_id": 7}, "source_event_id"),
        ({"resource": "a\x00b"}, "NUL"),
        ({"payload": {"note": "\ud800"}}, "half a character"),
        ({"payload": {"note": "x" * 17_000}}, "16 KiB"),
        ({"payload": {"planned_start_at": "2026-03-02"}}, "planned_start_at"),
        ({"payload": {"batch_number": 12}}, "batch_number"),
        ({"payload": [1]}, "payload"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason_and_costs_no_good_row(world, change, hint):
    order = world.order()
    bad = report(order, "started", "collection") | change
    results = record_events([bad, report(order, "started", "collection", 3)], by=world.reporter)
    assert [result.outcome for result in results] == [ReportOutcome.REJECTED, ReportOutcome.CREATED]
    assert hint in results[0].reason


def test_an_identifier_that_looks_like_an_order_id_leads_to_its_order(world):
    coi = "3f2b8a52-0d2c-4b7e-9d43-0d9c3c2b1a00"
    order = world.order(coi=coi)
    results = record_events([report(coi, "note", "inbound"), report(order, "note", "inbound")], by=world.reporter)
    assert [result.order_id for result in results] == [order.pk] * 2


def test_a_chain_of_identity_leads_to_its_order_whatever_else_was_labelled_with_it(world):
    mine, other = world.order(coi="COI-A"), world.order(coi="COI-B")
    record_event(report(mine, "note", "collection", payload={"donation_number": "COI-B"}), by=world.reporter)
    assert record_event(report("COI-B", "started", "collection"), by=world.reporter).order_id == other.pk


@pytest.mark.parametrize("offset", ["+23:00", "-16:00"])
def test_an_offset_that_no_place_has_is_refused_and_costs_no_other_row(world, offset):
    order = world.order()
    rows = [
        report(order, "started", "collection") | {"occurred_at": f"2026-03-02T10:00:00{offset}"},
        report(order, "note", "collection", 3, payload={"qualified_until": f"2026-03-02T10:00:00{offset}"}),
        report(order, "started", "collection", 4),
    ]
    results = record_events(rows, by=world.reporter)
    assert [result.outcome for result in results] == ["rejected", "rejected", "created"]
    assert "offset" in results[0].reason


@pytest.mark.parametrize("moment", ["2026-03-02 10:00+00", "2026-03-02t10:00:00.5z", "2026-03-02T10:00:00+0100"])
def test_every_spelling_of_a_moment_is_taken(world, moment):
    order = world.order()
    said = {"planned_pickup_at": moment, "courier": "Cold Line"}
    assert record_event(report(order, "scheduled", "inbound", payload=said), by=world.reporter).outcome == "created"
    assert Shipment.objects.get().planned_pickup_at.date() == at(0).date()


def test_what_the_database_cannot_store_costs_no_other_row(world, monkeypatch):
    for module in (rules, moments):
        monkeypatch.setattr(module, "moment_problem", lambda moment: "")
    order = world.order()
    bad = report(order, "started", "collection") | {"occurred_at": "2026-03-02T10:00:00+23:00"}
    results = record_events([bad, report(order, "started", "collection", 4)], by=world.reporter)
    assert [result.outcome for result in results] == ["rejected", "created"]
