"""The change feed is written once a statement, not once a row; an index of stage runs goes that no statement needs."""

import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("supplychain", "0034_newest_of_resources"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="stagerun", name="pool_arrivals"),
        pgtrigger.migrations.RemoveTrigger(
            model_name="patientorder",
            name="insert_is_told",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="patientorder",
            name="update_is_told",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="patientorder",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_is_told",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="INSERT INTO supplychain_changenotice (transaction, order_id, kind, subject, changed_at)\n            SELECT pg_current_xact_id()::text::bigint, n.id, 'order', n.id, clock_timestamp()\n            FROM new_rows AS n; RETURN NULL;",
                    hash="2fe1a3a78a857a54cf9c027a80ba0765ab1a59b4",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_is_told_88024",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="supplychain_patientorder",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="patientorder",
            trigger=pgtrigger.compiler.Trigger(
                name="update_is_told",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="INSERT INTO supplychain_changenotice (transaction, order_id, kind, subject, changed_at)\n            SELECT pg_current_xact_id()::text::bigint, n.id, 'order', n.id, clock_timestamp()\n            FROM new_rows AS n JOIN old_rows AS o ON o.id = n.id AND n.version IS DISTINCT FROM o.version; RETURN NULL;",
                    hash="80182a1b2ff380b2b4837d4cdf1ce2387bd2a250",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_is_told_3fab7",
                    referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                    table="supplychain_patientorder",
                    when="AFTER",
                ),
            ),
        ),
    ]
