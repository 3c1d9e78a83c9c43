"""What verdicts on a line are worth, tried on simulated lines of its own rates."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("batches", "0035_refinements"),
        ("supplychain", "0025_time_zone_help"),
    ]

    operations = [
        migrations.CreateModel(
            name="VerdictTrial",
            fields=[
                ("lease", models.UUIDField(blank=True, editable=False, null=True)),
                ("leased_until", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "line",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="verdict_trial",
                        serialize=False,
                        to="supplychain.site",
                    ),
                ),
                ("intercept", models.FloatField(default=0.0)),
                ("slope", models.FloatField(default=1.0)),
                (
                    "may_be_firm",
                    models.BooleanField(
                        default=False, help_text="Of firm ones enough were right, and enough were firm."
                    ),
                ),
                ("lines", models.PositiveIntegerField(default=0, help_text="Simulated lines.")),
                ("verdicts", models.PositiveIntegerField(default=0, help_text="Verdicts on them that named a pool.")),
                (
                    "firm",
                    models.PositiveIntegerField(
                        default=0, help_text="Firm ones, by a curve that those lines had not taught."
                    ),
                ),
                ("firm_right", models.PositiveIntegerField(default=0)),
                (
                    "rows",
                    models.JSONField(
                        blank=True, default=list, help_text="The same by how much the planted pool was slower."
                    ),
                ),
                ("made_at", models.DateTimeField(blank=True, null=True)),
                (
                    "why",
                    models.CharField(blank=True, help_text="Why the newest trial came to nothing.", max_length=200),
                ),
                (
                    "basis",
                    models.CharField(blank=True, help_text="Fingerprint of its places and flows.", max_length=16),
                ),
                ("due_at", models.DateTimeField()),
                (
                    "progress",
                    models.JSONField(blank=True, default=list, help_text="Verdicts of the trial under way, by line."),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["due_at"], name="verdict_trials_due")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("firm_right__lte", models.F("firm")), ("firm__lte", models.F("verdicts"))),
                        name="verdict_trial_counts_add_up",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("made_at__isnull", False), models.Q(("lines", 0), ("may_be_firm", False)), _connector="OR"
                        ),
                        name="verdict_trial_has_its_moment",
                    ),
                ],
            },
        ),
    ]
