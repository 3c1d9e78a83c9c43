"""What orders did in pools, packed for reviews; when the evidence of a pool was worked out."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("batches", "0042_ends_by_attempt_and_time"),
        ("supplychain", "0026_due_orders_apart"),
    ]

    operations = [
        migrations.AddField(
            model_name="poolstate",
            name="measured_at",
            field=models.DateTimeField(blank=True, help_text="When `evidence` was worked out.", null=True),
        ),
        migrations.CreateModel(
            name="VisitCursor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("database", models.CharField(max_length=60)),
                ("transaction", models.BigIntegerField()),
                ("read_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_visit_cursor")],
            },
        ),
        migrations.CreateModel(
            name="PoolVisit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pool", models.CharField(help_text="Code of the pool at the site.", max_length=40)),
                (
                    "until",
                    models.BigIntegerField(
                        help_text="Windows that opened later have nothing of it: microseconds since 1970."
                    ),
                ),
                ("held", models.BinaryField()),
                ("waits", models.BinaryField()),
                ("stays", models.BinaryField()),
                (
                    "order",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="supplychain.patientorder",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="supplychain.site",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["site", "pool", "until"], name="visits_of_pool")],
                "constraints": [
                    models.UniqueConstraint(fields=("order", "site", "pool"), name="one_visit_per_order_and_pool")
                ],
            },
        ),
    ]
