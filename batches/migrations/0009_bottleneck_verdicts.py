"""What the verdict on a line rests on is kept with each pool: a line without a bottleneck has no period to keep it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("batches", "0008_ramp_ups")]

    operations = [
        migrations.AddField(
            model_name="poolstate",
            name="evidence",
            field=models.JSONField(
                blank=True, default=dict, help_text="Use, active periods, check: docs/judgement.md."
            ),
        ),
    ]
