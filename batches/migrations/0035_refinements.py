"""What refines the forecast of a line, and the past weeks that it was tried on."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("batches", "0033_shown_verdicts"),
        ("supplychain", "0025_time_zone_help"),
    ]

    operations = [
        migrations.CreateModel(
            name="RefinementState",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "refinement",
                    models.CharField(
                        choices=[
                            ("frailty", "Frailty: an order that was slow in one stage is slow in the next"),
                            ("arrivals", "Random arrivals: orders to come are not evenly spread"),
                        ],
                        max_length=12,
                    ),
                ),
                ("is_used", models.BooleanField(default=False)),
                ("changed_at", models.DateTimeField(help_text="Since when it is used, or is not.")),
                ("why", models.CharField(max_length=500)),
                (
                    "orders",
                    models.PositiveIntegerField(default=0, help_text="Orders of the past that it was tried on."),
                ),
                (
                    "brier_without",
                    models.FloatField(blank=True, help_text="Of P(late) of the same forecasts without it.", null=True),
                ),
                ("brier_with", models.FloatField(blank=True, help_text="With it; 0–1, less is better.", null=True)),
                (
                    "learned",
                    models.JSONField(
                        blank=True, default=dict, help_text="What it rests on, learned from the line's past."
                    ),
                ),
                ("refreshed_at", models.DateTimeField()),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="refinements", to="supplychain.site"
                    ),
                ),
            ],
            options={
                "ordering": ["line", "refinement"],
                "constraints": [
                    models.UniqueConstraint(fields=("line", "refinement"), name="one_state_per_refinement")
                ],
            },
        ),
        migrations.CreateModel(
            name="ReplayedForecast",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("moment", models.DateTimeField()),
                ("paths", models.PositiveIntegerField()),
                ("orders", models.JSONField(default=list)),
                ("said", models.JSONField(default=dict)),
                ("made_at", models.DateTimeField()),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="replayed_forecasts",
                        to="supplychain.site",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("line", "moment"), name="one_replayed_forecast_per_moment")
                ],
            },
        ),
    ]
