"""Identifiers stored before there was one canonical form: kept as they are, and said where two would be one."""

import importlib

import pytest
from django.apps import apps
from django.db import connection

from supplychain.identifiers.rules.codes import read_code
from supplychain.identifiers.statuses import IdentifierKind
from supplychain.orders.actions.events import record_event
from supplychain.orders.models import Identifier, StageRun
from supplychain.orders.queries import orders_read
from supplychain.orders.statuses import ReportOutcome
from supplychain.transport.models import Collection
from tests.supplychain.builders import World, at, report

pytestmark = pytest.mark.django_db
comparable = importlib.import_module("supplychain.migrations.0023_old_donation_numbers")
migration = importlib.import_module("supplychain.migrations.0018_identifiers")

AS_BEFORE = """SET CONSTRAINTS ALL IMMEDIATE; DROP INDEX one_order_per_issued_number;
    ALTER TABLE supplychain_identifier DROP CONSTRAINT identifier_is_canonical"""
# Where these migrations noted what is due.
DUE_AS_BEFORE = "ALTER TABLE supplychain_patientorder ADD COLUMN evaluate_after timestamptz"
AS_AFTER = """SET CONSTRAINTS ALL IMMEDIATE;
    CREATE UNIQUE INDEX ON supplychain_identifier (kind, issuer, key, reuse) WHERE kind IN ('coi', 'hospital_order')"""


def test_two_orders_told_apart_by_spelling_are_kept_and_named(capsys):
    world = World()
    orders = [world.order(coi=f"CO-{number}", patient_reference=f"p-{number}") for number in range(4)]
    with connection.cursor() as cursor:
        cursor.execute(AS_BEFORE)
    for number, (order, value) in enumerate(zip(orders, ("ABC-1", "abc-1 ", "ABC-2", "X\u200b"), strict=True)):
        given = {"kind": IdentifierKind.HOSPITAL_ORDER, "issuer": "oslo", "value": value}
        Identifier.objects.create(order=order, recorded_at=at(number), **given)

    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; {DUE_AS_BEFORE}")
    migration.keep_apart(apps, connection.schema_editor())
    with connection.cursor() as cursor:
        cursor.execute(AS_AFTER)

    told = capsys.readouterr().out
    assert "LOOK AT THIS: hospital order number “abc-1” of “oslo” stands on 2 orders (CO-0, CO-1)" in told
    assert "CO-2" not in told
    kept = Identifier.objects.filter(kind="hospital_order").order_by("recorded_at")
    assert list(kept.values_list("value", "reuse", "likeness")) == [
        ("ABC-1", 0, "abc-1"), ("abc-1 ", 1, "abc-1"), ("ABC-2", 0, "abc-2"), ("X\u200b", 0, "x"),
    ]  # fmt: skip
    said = record_event(report("ABC-1", "note", "collection"), by=world.reporter, now=at(9))
    assert (said.outcome, "leads to 2 orders" in said.reason) == (ReportOutcome.REJECTED, True)


def test_a_number_that_a_cancelled_order_had_before_is_no_collision(capsys):
    world = World()
    for number in range(2):
        order = world.order(hospital_order_number="H-1", source_event_id=f"e-{number}")
        record_event(report(order, "cancelled", hours=number + 1), by=world.reporter)
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; {DUE_AS_BEFORE}")
    migration.keep_apart(apps, connection.schema_editor())
    assert capsys.readouterr().out == ""
    assert sorted(Identifier.objects.filter(kind="hospital_order").values_list("reuse", flat=True)) == [0, 1]


OLD = {
    "G1234 17 654321": "G123417654321",
    "=G12341765432200": "G123417654322",
    "g1234-17-654323": "G123417654323",
    "G123417654324": "G123417654324",
    "12345": "12345",
    "=G12341765432599": "=G12341765432599",
}


@pytest.mark.parametrize(("typed", "number"), OLD.items())
def test_a_donation_number_of_before_is_found_in_the_one_form_where_that_is_certain(typed, number, monkeypatch):
    world = World()
    order = world.order()
    with monkeypatch.context() as before:
        for place in ("reading.numbers_of", "meaning.donation_number"):
            before.setattr(f"supplychain.orders.rules.{place}", lambda said: {} if isinstance(said, dict) else said)
        said = report(order, "completed", "collection", payload={"donation_number": typed})
        record_event(said, by=world.reporter, now=at(2))
    assert (Identifier.objects.get(kind="donation").value, Collection.objects.get().donation_number) == (typed, typed)
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; {DUE_AS_BEFORE}")

    comparable.make_comparable(apps, connection.schema_editor())

    values = Identifier.objects.filter(kind="donation").values_list("value", flat=True)
    assert set(values) == {typed, number}
    scanned = orders_read(read_code(number), [world.plant.pk]) if not number.startswith("=") else {order.pk}
    assert (scanned, Collection.objects.get().donation_number) == ({order.pk}, number)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(evaluate_after) FROM supplychain_patientorder WHERE id = %s", [order.pk])
        assert cursor.fetchone() == (1,)
    kept = StageRun.objects.get(order=order, stage__code="collection").details
    late = report(order, "note", "collection", 0.5, payload={"text": "late: everything is folded anew"})
    record_event(late, by=world.reporter, now=at(9))
    anew = StageRun.objects.get(order=order, stage__code="collection").details
    assert (kept["donation_number"], anew["donation_number"]) == (number, number)
