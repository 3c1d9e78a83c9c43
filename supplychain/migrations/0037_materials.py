"""Materials, what they were made from and the lots that went into them; what can be said of an order says so."""

import django.db.models.manager
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("supplychain", "0036_identity_checks"),
    ]

    operations = [
        migrations.CreateModel(
            name="LotUse",
            fields=[
                (
                    "withdrawn_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When a late fact took it back; empty: it stands.",
                        null=True,
                    ),
                ),
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("stage", models.CharField(blank=True, max_length=64)),
                (
                    "expires_at",
                    models.DateTimeField(blank=True, help_text="Of the lot, as this report says.", null=True),
                ),
                ("used_at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everything",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everything", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Material",
            fields=[
                (
                    "withdrawn_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When a late fact took it back; empty: it stands.",
                        null=True,
                    ),
                ),
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=200)),
                ("number", models.CharField(max_length=64)),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("collection_bag", "Collection bag"),
                            ("intermediate", "Intermediate"),
                            ("final_bag", "Final bag"),
                            ("vial", "Vial"),
                            ("cassette", "Cassette"),
                            ("sample", "Sample"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "component",
                    models.CharField(blank=True, help_text="Which cells, such as CD4 or CD8.", max_length=64),
                ),
                ("stage", models.CharField(blank=True, help_text="Code of the stage that made it.", max_length=64)),
                ("storage", models.CharField(blank=True, max_length=64)),
                ("volume_ml", models.FloatField(blank=True, null=True)),
                ("cells", models.BigIntegerField(blank=True, null=True)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("made_at", models.DateTimeField(blank=True, null=True)),
                (
                    "status",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("quarantine", "Quarantine"),
                            ("released", "Released"),
                            ("rejected", "Rejected"),
                            ("shipped", "Shipped"),
                            ("infused", "Infused"),
                            ("destroyed", "Destroyed"),
                        ],
                        max_length=12,
                    ),
                ),
                ("status_at", models.DateTimeField(blank=True, null=True)),
                ("status_reason", models.CharField(blank=True, max_length=500)),
                (
                    "doubts",
                    models.JSONField(blank=True, default=list, help_text="What of it does not fit (MaterialDoubt)."),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everything",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everything", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="MaterialParent",
            fields=[
                (
                    "withdrawn_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When a late fact took it back; empty: it stands.",
                        null=True,
                    ),
                ),
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everything",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everything", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Lot",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=[("reagent", "Reagent"), ("vector", "Vector")], max_length=8)),
                ("product", models.CharField(max_length=64)),
                ("number", models.CharField(max_length=64)),
                ("key", models.CharField(help_text="Its number, to look up.", max_length=200)),
            ],
            options={
                "indexes": [models.Index(fields=["key"], name="lots_by_number")],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lot",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="ff8a5c72c5e06d41e7d87dbe3263c84bff2793b7",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_a40bd",
                    table="supplychain_lot",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lot",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="6b89d9d6c0814dea6b5434dde8a26afd7efbe2b4",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_26c25",
                    table="supplychain_lot",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="lotuse",
            name="lot",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="uses", to="supplychain.lot"
            ),
        ),
        migrations.AddField(
            model_name="lotuse",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="lot_uses", to="supplychain.patientorder"
            ),
        ),
        migrations.AddField(
            model_name="material",
            name="order",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="materials",
                to="supplychain.patientorder",
            ),
        ),
        migrations.AddField(
            model_name="lotuse",
            name="material",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lot_uses",
                to="supplychain.material",
            ),
        ),
        migrations.AddField(
            model_name="materialparent",
            name="child",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="parent_links", to="supplychain.material"
            ),
        ),
        migrations.AddField(
            model_name="materialparent",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="supplychain.patientorder"
            ),
        ),
        migrations.AddField(
            model_name="materialparent",
            name="parent",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="child_links", to="supplychain.material"
            ),
        ),
        migrations.AddIndex(
            model_name="material",
            index=models.Index(fields=["key"], name="materials_by_number"),
        ),
        migrations.AddConstraint(
            model_name="material",
            constraint=models.UniqueConstraint(fields=("order", "key"), name="one_material_per_number"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="material",
            trigger=pgtrigger.compiler.Trigger(
                name="never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="0aea71728bb39ac5faf4433e302478d545f6f9d0",
                    operation="DELETE",
                    pgid="pgtrigger_never_deleted_0f714",
                    table="supplychain_material",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="material",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="1d9f785e92688ff733c8f842df4e9532fb42dd9f",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_b76d8",
                    table="supplychain_material",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="lotuse",
            index=models.Index(
                condition=models.Q(("withdrawn_at__isnull", True)), fields=["lot", "order"], name="uses_of_lot"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lotuse",
            trigger=pgtrigger.compiler.Trigger(
                name="never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="ff2695bd91d35ca54c7a3084a4b3012d9bee4398",
                    operation="DELETE",
                    pgid="pgtrigger_never_deleted_b0608",
                    table="supplychain_lotuse",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lotuse",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="9279348b3eff6ecff1f86e46f3665d85508bd043",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_4c694",
                    table="supplychain_lotuse",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="materialparent",
            trigger=pgtrigger.compiler.Trigger(
                name="never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="c9f5b37307f020ded2036f62234277274d9fd110",
                    operation="DELETE",
                    pgid="pgtrigger_never_deleted_88960",
                    table="supplychain_materialparent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="materialparent",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="d50fe0dc4463060d1219dee289dd1944892742a4",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_def0d",
                    table="supplychain_materialparent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
