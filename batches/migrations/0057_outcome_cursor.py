"""Outcomes are kept up to date from the change feed: up to where they are."""

from django.db import migrations, models


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
    ]
