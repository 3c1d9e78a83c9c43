"""A dose to be stopped stands by when it may be given, one that is being given before all. The database cannot change a
generated column: it is made anew."""

from django.db import migrations, models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Coalesce

HARMS = [
    (0, "A dose in doubt is being given"),
    (1, "A dose in doubt can still be stopped"),
    (2, "A dose in doubt was given"),
    (3, "Cells may be another patient's"),
    (4, "Cells run out of time"),
    (5, "Work failed"),
    (6, "A hold or a request waits for a decision"),
    (7, "Late, or its reports are missing or in doubt"),
    (8, "A dose may be lost later"),
    (9, "The date of a dose is at risk"),
    (10, "Settled by quality assurance"),
]
# Infusions under way stand before what was the worst class so far; the next judgement says of which order they are.
MAKE_ROOM = "UPDATE batches_flag SET harm = harm + 1"
MAKE_NONE = "UPDATE batches_flag SET harm = greatest(harm - 1, 0)"
JUDGE_ANEW = """INSERT INTO supplychain_duemark (order_id, due_at, is_news)
    SELECT DISTINCT order_id, now(), false FROM batches_flag WHERE cleared_at IS NULL"""


class Migration(migrations.Migration):
    dependencies = [("batches", "0066_signing_notices")]

    operations = [
        migrations.RemoveIndex(model_name="flag", name="raised_flags_by_urgency"),
        migrations.RemoveIndex(model_name="flag", name="raised_flags_of_orders"),
        migrations.RemoveField(model_name="flag", name="act_by"),
        migrations.AddField(
            model_name="flag",
            name="reaches_at",
            field=models.DateTimeField(
                blank=True,
                help_text="From when on a dose in doubt that can still be stopped may be given.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="flag",
            name="act_by",
            field=models.GeneratedField(
                db_persist=True,
                expression=Coalesce("reaches_at", "due", Case(When(severity="critical", then=F("since")))),
                help_text="The latest moment to act; empty: nothing presses.",
                null=True,
                output_field=models.DateTimeField(null=True),
            ),
        ),
        migrations.AlterField(
            model_name="flag",
            name="harm",
            field=models.PositiveSmallIntegerField(
                choices=HARMS, default=7, help_text="What harm it is about, the worst first."
            ),
        ),
        migrations.RunSQL(MAKE_ROOM, MAKE_NONE),
        migrations.RunSQL(JUDGE_ANEW, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="flag",
            index=models.Index(
                condition=Q(cleared_at__isnull=True),
                fields=["harm", "-severity", "act_by", "id"],
                name="raised_flags_by_urgency",
            ),
        ),
        migrations.AddIndex(
            model_name="flag",
            index=models.Index(
                condition=Q(cleared_at__isnull=True),
                fields=["order", "harm", "-severity", "act_by"],
                name="raised_flags_of_orders",
            ),
        ),
    ]
