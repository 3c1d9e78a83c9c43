"""Each flag names the plant of its order, so that lists count flags by it without reading their orders."""

from typing import Any

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models, transaction

CHUNK = 5_000
# Not one flag changed for anybody: nothing is told.
FILL = """UPDATE batches_flag f SET plant_id = o.plant_id FROM supplychain_patientorder o
    WHERE o.id = f.order_id AND f.id IN (SELECT id FROM batches_flag WHERE plant_id IS NULL LIMIT %s)"""
QUIET = "ALTER TABLE batches_flag DISABLE TRIGGER USER"
LOUD = "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE batches_flag ENABLE TRIGGER USER"


def fill(apps: Any, schema_editor: Any) -> None:
    """Part by part, each in a transaction of its own."""
    filled = CHUNK
    while filled == CHUNK:
        with transaction.atomic(), schema_editor.connection.cursor() as cursor:
            cursor.execute(QUIET)
            cursor.execute(FILL, [CHUNK])
            filled = cursor.rowcount
            cursor.execute(LOUD)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("batches", "0053_longer_sentences_critical_first"),
        ("supplychain", "0032_changes_without_constraint"),
    ]

    operations = [
        migrations.AddField(
            model_name="flag",
            name="plant",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="supplychain.site",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="flag",
            trigger=pgtrigger.compiler.Trigger(
                name="has_its_plant",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.plant_id IS NULL)",
                    func="NEW.plant_id = (SELECT plant_id FROM supplychain_patientorder WHERE id = NEW.order_id);\n            RETURN NEW;",
                    hash="4cadd9dba71a648c6827c212e08f17b4c28e35e4",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_has_its_plant_38c60",
                    table="batches_flag",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="flag",
            name="plant",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="supplychain.site",
            ),
        ),
        migrations.AddIndex(
            model_name="flag",
            index=models.Index(
                condition=models.Q(("cleared_at__isnull", True), ("remedy", "line")),
                fields=["plant", "cause", "order"],
                include=("id", "code", "acknowledged_at"),
                name="raised_flags_of_lines",
            ),
        ),
    ]
