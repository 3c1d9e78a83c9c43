"""Administrators are told once when the pools of a site cannot be reviewed, until it works again."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import supplychain.ids


class Migration(migrations.Migration):
    dependencies = [
        ("batches", "0029_acting_costs"),
        ("supplychain", "0025_time_zone_help"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReviewNotice",
            fields=[
                (
                    "id",
                    models.UUIDField(default=supplychain.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("failing_since", models.DateTimeField(help_text="Since when no review could be made.")),
                ("why", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField()),
                (
                    "ended_at",
                    models.DateTimeField(blank=True, help_text="When a review succeeded again.", null=True),
                ),
                (
                    "mail",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="notices",
                        to="batches.mail",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="supplychain.site"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="reviewnotice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("site", "person"),
                name="one_open_review_notice",
            ),
        ),
    ]
