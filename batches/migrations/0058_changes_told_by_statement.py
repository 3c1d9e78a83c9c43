"""The change feed is written once a statement: of a thousand changed orders at once, not one by one."""

import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("batches", "0057_outcome_cursor"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="flag",
            name="insert_is_told",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="flag",
            name="update_is_told",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="forecast",
            name="insert_is_told",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="prediction",
            name="insert_is_told",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="flag",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_is_told",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="INSERT INTO supplychain_changenotice (transaction, order_id, kind, subject, changed_at)\n            SELECT pg_current_xact_id()::text::bigint, n.order_id, 'flag', n.id, clock_timestamp()\n            FROM new_rows AS n; RETURN NULL;",
                    hash="7152690f45a477205e4875a09a62fd10b023b920",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_is_told_06c46",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="batches_flag",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="flag",
            trigger=pgtrigger.compiler.Trigger(
                name="update_is_told",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="INSERT INTO supplychain_changenotice (transaction, order_id, kind, subject, changed_at)\n            SELECT pg_current_xact_id()::text::bigint, n.order_id, 'flag', n.id, clock_timestamp()\n            FROM new_rows AS n JOIN old_rows AS o ON o.id = n.id AND n.* IS DISTINCT FROM o.*; RETURN NULL;",
                    hash="2d122f97cabe4c9889b99da09a386ddf01a74f20",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_is_told_ed11b",
                    referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                    table="batches_flag",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="forecast",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_is_told",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="INSERT INTO supplychain_changenotice (transaction, order_id, kind, subject, changed_at)\n            SELECT pg_current_xact_id()::text::bigint, n.order_id, 'forecast', n.id, clock_timestamp()\n            FROM new_rows AS n; RETURN NULL;",
                    hash="7ddb02fdb1f0b0e3eb4aa4bac204d3da3c377376",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_is_told_a132c",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="batches_forecast",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="prediction",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_is_told",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="INSERT INTO supplychain_changenotice (transaction, order_id, kind, subject, changed_at)\n            SELECT pg_current_xact_id()::text::bigint, n.order_id, 'forecast', n.id, clock_timestamp()\n            FROM new_rows AS n; RETURN NULL;",
                    hash="6acb4e52df65fc4cc7be3632e079ad18da279337",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_is_told_94918",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="batches_prediction",
                    when="AFTER",
                ),
            ),
        ),
    ]
