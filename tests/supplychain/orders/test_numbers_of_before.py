"""Identifiers stored before there was one canonical form: kept as they are, and said where two would be one."""

import importlib

import pytest
from django.apps import apps
from django.db import connection

from supplychain.identifiers.statuses import IdentifierKind
from supplychain.orders.actions.events import record_event
from supplychain.orders.models import Identifier
from supplychain.orders.statuses import ReportOutcome
from tests.supplychain.builders import World, at, report

pytestmark = pytest.mark.django_db
migration = importlib.import_module("supplychain.migrations.0018_identifiers")

AS_BEFORE = """SET CONSTRAINTS ALL IMMEDIATE; DROP INDEX one_order_per_issued_number;
    ALTER TABLE supplychain_identifier DROP CONSTRAINT identifier_is_canonical"""
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
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
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
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    migration.keep_apart(apps, connection.schema_editor())
    assert capsys.readouterr().out == ""
    assert sorted(Identifier.objects.filter(kind="hospital_order").values_list("reuse", flat=True)) == [0, 1]


def test_donation_numbers_of_open_orders_that_are_stored_as_typed_are_named(capsys):
    world = World()
    for number, value in enumerate(("G1234 17 654321", "G123417654322")):
        order = world.order(coi=f"CO-{number}", patient_reference=f"p-{number}")
        Identifier.objects.create(order=order, recorded_at=at(1), kind=IdentifierKind.DONATION, value=value)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    migration.keep_apart(apps, connection.schema_editor())
    told = capsys.readouterr().out
    assert "donation number “G1234 17 654321” of order CO-0 is stored as it was typed" in told
    assert ("report “G123417654321” anew" in told, "CO-1" in told) == (True, False)
