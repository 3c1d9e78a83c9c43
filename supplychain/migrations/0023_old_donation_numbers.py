"""Donation numbers of open orders that were stored as typed become comparable: they stand in the one form as well.

What the events say stays as it is; the fold reads it in the same form (orders/rules/meaning.py). A number whose form is
not certain is left alone: its order is judged anew, and the flag `donation_number` names it.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from supplychain.identifiers.rules.characters import likeness
from supplychain.identifiers.rules.donation_numbers import donation_number
from supplychain.ids import new_id

OPEN_SQL = """SELECT i.id, i.order_id, i.value FROM supplychain_identifier i
    JOIN supplychain_patientorder o ON o.id = i.order_id
    WHERE i.kind = 'donation' AND o.cancelled_at IS NULL AND o.closed_at IS NULL ORDER BY i.recorded_at, i.id"""
ADD_SQL = """INSERT INTO supplychain_identifier (id, order_id, kind, issuer, value, likeness, reuse, recorded_at)
    SELECT v.new_id, i.order_id, i.kind, i.issuer, v.value, v.likeness, 0, i.recorded_at
    FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[]) AS v(id, new_id, value, likeness)
    JOIN supplychain_identifier i ON i.id = v.id ON CONFLICT DO NOTHING"""
RUNS_SQL = """UPDATE supplychain_stagerun r SET details = r.details || jsonb_build_object('donation_number', v.value)
    FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS v(order_id, typed, value)
    WHERE r.order_id = v.order_id AND r.details ->> 'donation_number' = v.typed"""
COLLECTIONS_SQL = """UPDATE supplychain_collection c SET donation_number = v.value
    FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS v(order_id, typed, value)
    JOIN supplychain_stagerun r ON r.order_id = v.order_id
    WHERE c.stage_run_id = r.id AND c.donation_number = v.typed"""
DUE_SQL = "UPDATE supplychain_patientorder SET evaluate_after = now() WHERE id = ANY(%s::uuid[])"


def make_comparable(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Add the number in its one form where that is certain; have every open order with a donation number judged."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(OPEN_SQL)
        rows = cursor.fetchall()
        old = [(*row, number) for row in rows if (number := donation_number(row[2])) != row[2]]
        if old:
            ids, orders, typed, numbers = ([str(part) for part in parts] for parts in zip(*old, strict=True))
            cursor.execute(ADD_SQL, [ids, [str(new_id()) for _ in old], numbers, [likeness(one) for one in numbers]])
            cursor.execute(RUNS_SQL, [orders, typed, numbers])
            cursor.execute(COLLECTIONS_SQL, [orders, typed, numbers])
        cursor.execute(DUE_SQL, [sorted({str(row[1]) for row in rows})])


class Migration(migrations.Migration):
    dependencies = [("supplychain", "0022_one_person_per_username")]
    operations = [migrations.RunPython(make_comparable, migrations.RunPython.noop)]
