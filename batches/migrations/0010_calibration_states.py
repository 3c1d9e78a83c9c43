import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("batches", "0009_bottleneck_verdicts"),
        ("supplychain", "0008_words_for_people"),
    ]

    operations = [
        migrations.CreateModel(
            name="CalibrationState",
            fields=[
                (
                    "line",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="calibration_state",
                        serialize=False,
                        to="supplychain.site",
                    ),
                ),
                ("model", models.CharField(help_text="Version of the model that was scored.", max_length=20)),
                ("is_used", models.BooleanField(default=True)),
                ("changed_at", models.DateTimeField(help_text="Since when it is used, or is not.")),
                ("why", models.CharField(max_length=500)),
                ("orders", models.PositiveIntegerField(help_text="Scored orders behind the choice.")),
                ("brier", models.FloatField(blank=True, help_text="Of P(late), 0–1; less is better.", null=True)),
                (
                    "baseline_brier",
                    models.FloatField(blank=True, help_text="Of the plain medians, on the same orders.", null=True),
                ),
                (
                    "widening_hours",
                    models.FloatField(default=0, help_text="By how much the 80 % interval is widened each way."),
                ),
                (
                    "interval_orders",
                    models.PositiveIntegerField(default=0, help_text="Scored orders behind the widening."),
                ),
                ("refreshed_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("widening_hours__gte", 0)), name="never_narrowed")
                ],
            },
        ),
    ]
