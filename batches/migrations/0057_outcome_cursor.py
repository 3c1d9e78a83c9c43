"""Outcomes are kept up to date from the change feed: up to where they are. What was made in a suite, newest first."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("batches", "0055_resources_that_differ")]

    operations = [
        migrations.CreateModel(
            name="OutcomeCursor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("database", models.CharField(max_length=60)),
                ("transaction", models.BigIntegerField()),
                ("read_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_outcome_cursor")],
            },
        ),
        migrations.AlterField(
            model_name="batch",
            name="suite",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="batches",
                to="batches.suite",
            ),
        ),
        migrations.AddIndex(
            model_name="batch",
            index=models.Index(
                F("suite"),
                F("started_at").desc(nulls_last=True),
                name="batches_of_suite",
                condition=Q(suite__isnull=False),
            ),
        ),
    ]
