from django.db import migrations, models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Coalesce

# As far as the row says it; the next judgement, which all orders with raised flags are due for, says it from the facts.
SAY_HARM = """
    UPDATE batches_flag SET harm = CASE
        WHEN evidence ? 'dose' THEN 1
        WHEN code = 'identity_shared' AND severity = 'critical' THEN 2
        WHEN code = 'hold_expiring' THEN 3
        WHEN code IN ('stage_failed', 'evaluation_failed') THEN 4
        WHEN code = 'on_hold' THEN 5
        WHEN code = 'dose_at_risk' THEN 7
        WHEN code = 'promise_at_risk' THEN 8
        ELSE 6 END"""
JUDGE_ANEW = """
    UPDATE supplychain_patientorder SET evaluate_after = now()
    WHERE id IN (SELECT order_id FROM batches_flag WHERE cleared_at IS NULL)"""
HARMS = [
    (1, "A dose in doubt is out of our hands"),
    (2, "Cells may be another patient's"),
    (3, "Cells run out of time"),
    (4, "Work failed"),
    (5, "A hold waits for a decision"),
    (6, "Late or not reported"),
    (7, "A dose may be lost later"),
    (8, "A promised date is at risk"),
]


class Migration(migrations.Migration):
    dependencies = [("batches", "0014_changes_are_told")]

    operations = [
        migrations.RemoveIndex(model_name="flag", name="raised_flags_by_slack"),
        migrations.AddField(
            model_name="flag",
            name="harm",
            field=models.PositiveSmallIntegerField(
                choices=HARMS, default=6, help_text="What harm it is about, the worst first."
            ),
        ),
        migrations.AddField(
            model_name="flag",
            name="act_by",
            field=models.GeneratedField(
                db_persist=True,
                expression=Coalesce("due", Case(When(severity="critical", then=F("since")))),
                help_text="The latest moment to act; empty: nothing presses.",
                null=True,
                output_field=models.DateTimeField(null=True),
            ),
        ),
        migrations.RunSQL(f"{SAY_HARM}; {JUDGE_ANEW}", migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="flag",
            index=models.Index(
                condition=Q(cleared_at__isnull=True), fields=["harm", "act_by", "id"], name="raised_flags_by_urgency"
            ),
        ),
    ]
