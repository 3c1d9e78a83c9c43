"""What was due while the orders' own rows said so is due after the change to tables of its own, and back."""

import importlib

import pytest
from django.db import connection

from supplychain.orders.models import DueMark, DueOrder
from tests.supplychain.builders import World, at
from tests.supplychain.due_orders import due_moment, nothing_due

pytestmark = pytest.mark.django_db
migration = importlib.import_module("supplychain.migrations.0026_due_orders_apart")


def test_due_orders_are_carried_over_and_back():
    world = World()
    heard, later, never = (world.order() for _ in range(3))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE supplychain_patientorder ADD COLUMN evaluate_after timestamptz")
        for order, due, recorded in ((heard, at(1), at(2)), (later, at(9), at(2)), (never, None, at(2))):
            cursor.execute(
                "UPDATE supplychain_patientorder SET evaluate_after = %s, last_recorded_at = %s WHERE id = %s",
                [due, recorded, order.pk],
            )
    nothing_due()
    DueOrder.objects.all().delete()

    with connection.cursor() as cursor:
        cursor.execute(migration.CARRY_OVER)
    assert set(DueOrder.objects.values_list("order", "due_at")) == {
        (heard.pk, at(1)), (later.pk, at(9)), (never.pk, None),
    }  # fmt: skip
    assert list(DueMark.objects.values_list("order", "due_at", "is_news")) == [(heard.pk, at(1), True)]

    DueOrder.objects.filter(order=later).update(due_at=at(5))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE supplychain_patientorder SET evaluate_after = NULL")
        cursor.execute(migration.CARRY_BACK)
        cursor.execute("SELECT id, evaluate_after FROM supplychain_patientorder")
        assert dict(cursor.fetchall()) == {heard.pk: at(1), later.pk: at(5), never.pk: None}
    assert due_moment(later) == at(5)
