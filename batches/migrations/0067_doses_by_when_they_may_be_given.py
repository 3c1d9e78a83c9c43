"""A dose to be stopped stands by when it may be given. The database cannot change a generated column: it is made anew."""

from django.db import migrations, models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Coalesce


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
