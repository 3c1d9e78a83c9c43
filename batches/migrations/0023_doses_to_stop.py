from django.db import migrations, models

HARMS = [
    (0, "A dose in doubt can still be stopped"),
    (1, "A dose in doubt was given"),
    (2, "Cells may be another patient's"),
    (3, "Cells run out of time"),
    (4, "Work failed"),
    (5, "A hold or a request waits for a decision"),
    (6, "Late, or its reports are missing or in doubt"),
    (7, "A dose may be lost later"),
    (8, "A promised date is at risk"),
]
# The next judgement says it from the facts.
JUDGE_ANEW = """
    UPDATE supplychain_patientorder SET evaluate_after = now()
    WHERE id IN (SELECT order_id FROM batches_flag WHERE cleared_at IS NULL AND harm = 1)"""


class Migration(migrations.Migration):
    dependencies = [("batches", "0022_each_end_and_recalibration")]
    run_before = [("supplychain", "0026_due_orders_apart")]  # the column that it writes is gone then

    operations = [
        migrations.AlterField(
            model_name="flag",
            name="harm",
            field=models.PositiveSmallIntegerField(
                choices=HARMS, default=6, help_text="What harm it is about, the worst first."
            ),
        ),
        migrations.RunSQL(JUDGE_ANEW, migrations.RunSQL.noop),
    ]
