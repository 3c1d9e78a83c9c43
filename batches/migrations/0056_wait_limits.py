"""Between which waits of a pool an order's judgement stands. Open orders are judged anew, in turns, so that each gets
its limits."""

import django.db.models.deletion
from django.db import migrations, models

import supplychain.ids

JUDGE_ANEW = """INSERT INTO supplychain_duemark (order_id, due_at, is_news)
    SELECT id, now() + make_interval(secs => (row_number() OVER (ORDER BY id) - 1) / 250), false
    FROM supplychain_patientorder WHERE NOT status IN ('cancelled', 'closed')"""


class Migration(migrations.Migration):
    dependencies = [("batches", "0055_resources_that_differ"), ("supplychain", "0033_orders_not_ended")]

    operations = [
        migrations.CreateModel(
            name="PoolWaitLimit",
            fields=[
                (
                    "id",
                    models.UUIDField(default=supplychain.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("pool", models.CharField(help_text="Code of the pool at the site.", max_length=40)),
                ("low", models.FloatField()),
                ("high", models.FloatField()),
                (
                    "order",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="supplychain.patientorder",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="supplychain.site",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["site", "pool", "high"], include=("order",), name="wait_limits_exceeded"),
                    models.Index(
                        condition=models.Q(("low__gt", 0)),
                        fields=["site", "pool", "low"],
                        include=("order",),
                        name="wait_limits_undercut",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("order", "site", "pool"), name="one_wait_limit_per_order_and_pool"),
                    models.CheckConstraint(
                        condition=models.Q(("low__gte", 0), ("low__lte", models.F("high"))),
                        name="wait_limits_are_in_order",
                    ),
                ],
            },
        ),
        migrations.RunSQL(JUDGE_ANEW, migrations.RunSQL.noop),
    ]
