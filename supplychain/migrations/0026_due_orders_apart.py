"""What is due for judgement stands in narrow tables of its own; what was due before stays due."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# Nobody records between the carrying over and the end of the old column.
ALONE = "LOCK TABLE supplychain_patientorder IN ACCESS EXCLUSIVE MODE"
CARRY_OVER = """
    INSERT INTO supplychain_dueorder (order_id, due_at) SELECT id, evaluate_after FROM supplychain_patientorder;
    INSERT INTO supplychain_duemark (order_id, due_at, is_news)
        SELECT id, evaluate_after, true FROM supplychain_patientorder
        WHERE evaluate_after <= last_recorded_at ORDER BY evaluate_after;
    SET CONSTRAINTS ALL IMMEDIATE"""
CARRY_BACK = """
    UPDATE supplychain_patientorder o SET evaluate_after = LEAST(d.due_at, (
        SELECT min(m.due_at) FROM supplychain_duemark m WHERE m.order_id = o.id))
    FROM supplychain_dueorder d WHERE d.order_id = o.id;
    SET CONSTRAINTS ALL IMMEDIATE"""
# A queue: its rows live for less than a second, and claims read past those that are dead until they are cleared away.
CLEARED_OFTEN = """ALTER TABLE supplychain_duemark
    SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)"""
HAS_ITS_TURN = pgtrigger.compiler.Trigger(
    name="insert_has_its_turn",
    sql=pgtrigger.compiler.UpsertTriggerSql(
        func="INSERT INTO supplychain_dueorder (order_id) VALUES (NEW.id); RETURN NULL;",
        hash="fba432939a4bb7bc55e77c6c7239bc6ef8da04ec",
        operation="INSERT",
        pgid="pgtrigger_insert_has_its_turn_3d313",
        table="supplychain_patientorder",
        when="AFTER",
    ),
)
ORDER = "supplychain.patientorder"
PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies = [("supplychain", "0025_time_zone_help")]

    operations = [
        migrations.RunSQL(ALONE, migrations.RunSQL.noop),
        migrations.CreateModel(
            name="DueOrder",
            fields=[
                (
                    "order",
                    models.OneToOneField(
                        on_delete=PROTECT, primary_key=True, related_name="turn", serialize=False, to=ORDER
                    ),
                ),
                (
                    "due_at",
                    models.DateTimeField(
                        blank=True, help_text="When to look again though nothing was heard.", null=True
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="due_by_time")
                ],
            },
        ),
        migrations.CreateModel(
            name="DueMark",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("due_at", models.DateTimeField()),
                (
                    "is_news",
                    models.BooleanField(help_text="Something was heard of the order: judged before everything else."),
                ),
                (
                    "order",
                    models.ForeignKey(db_constraint=False, on_delete=PROTECT, related_name="+", to=ORDER),
                ),
            ],
            options={"indexes": [models.Index(fields=["is_news", "due_at", "id"], name="marks_in_turn")]},
        ),
        migrations.RunSQL(CLEARED_OFTEN, migrations.RunSQL.noop),
        migrations.RunSQL(CARRY_OVER, CARRY_BACK),
        migrations.RemoveIndex(model_name="patientorder", name="orders_due"),
        migrations.RemoveField(model_name="patientorder", name="evaluate_after"),
        pgtrigger.migrations.AddTrigger(model_name="patientorder", trigger=HAS_ITS_TURN),
    ]
