from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("batches", "0020_reviews_that_fail")]

    operations = [
        migrations.AddField(
            model_name="prediction",
            name="missed_promise",
            field=models.BooleanField(blank=True, help_text="No dose was ready by the promise.", null=True),
        ),
        migrations.AlterField(
            model_name="prediction",
            name="was_late",
            field=models.BooleanField(blank=True, help_text="The same, unless it was withdrawn by then.", null=True),
        ),
        migrations.AddField(
            model_name="prediction",
            name="promise_settled_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When that was certain: the promise, or the dose or withdrawal before it.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="prediction",
            name="promise_scored_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="prediction",
            index=models.Index(
                condition=Q(promise_scored_at__isnull=True), fields=["promised_at"], name="promises_to_score"
            ),
        ),
        migrations.AddIndex(
            model_name="prediction",
            index=models.Index(fields=["line", "promised_at"], name="predictions_by_promise"),
        ),
    ]
