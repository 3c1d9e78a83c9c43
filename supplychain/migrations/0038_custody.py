"""Who holds the cells of an order, and links for drivers whose courier has no system."""

import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.manager
import pgtrigger.compiler
import pgtrigger.migrations
import supplychain.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pghistory", "0007_auto_20250421_0444"),
        ("supplychain", "0037_materials"),
    ]

    operations = [
        migrations.CreateModel(
            name="HandOverLink",
            fields=[
                (
                    "id",
                    models.UUIDField(default=supplychain.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("stage", models.CharField(max_length=40)),
                ("attempt", models.PositiveSmallIntegerField()),
                (
                    "end",
                    models.CharField(choices=[("at_pickup", "Pickup"), ("at_delivery", "Delivery")], max_length=12),
                ),
                ("token_hash", models.CharField(editable=False, max_length=64, unique=True)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                ("driver", models.CharField(blank=True, max_length=80)),
                (
                    "event",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="What was reported with it.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="supplychain.statusevent",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hand_over_links",
                        to="supplychain.patientorder",
                    ),
                ),
                (
                    "revoked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "driver's link",
                "verbose_name_plural": "drivers' links",
                "ordering": ["-made_at"],
            },
        ),
        migrations.CreateModel(
            name="HandOverLinkEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=supplychain.ids.new_id, editable=False, serialize=False)),
                ("stage", models.CharField(max_length=40)),
                ("attempt", models.PositiveSmallIntegerField()),
                (
                    "end",
                    models.CharField(choices=[("at_pickup", "Pickup"), ("at_delivery", "Delivery")], max_length=12),
                ),
                ("token_hash", models.CharField(editable=False, max_length=64)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                ("driver", models.CharField(blank=True, max_length=80)),
                (
                    "event",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="What was reported with it.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="supplychain.statusevent",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="supplychain.patientorder",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="history",
                        related_query_name="history",
                        to="supplychain.handoverlink",
                    ),
                ),
                (
                    "revoked_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CustodyEntry",
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
                (
                    "id",
                    models.UUIDField(default=supplychain.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(help_text="Place in the order's chain of custody, from 1."),
                ),
                (
                    "holder",
                    models.CharField(
                        choices=[
                            ("collection_site", "The collection site"),
                            ("courier", "A courier"),
                            ("plant", "The plant"),
                            ("infusion_site", "The infusion site"),
                            ("other", "Somebody else (named as the place)"),
                            ("infused", "Given to the patient"),
                            ("destroyed", "Destroyed"),
                        ],
                        max_length=20,
                    ),
                ),
                ("name", models.CharField(blank=True, help_text="Name of the courier.", max_length=80)),
                ("place", models.CharField(blank=True, help_text="Where in the holder's house.", max_length=80)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(blank=True, help_text="Empty: holds them still.", null=True)),
                (
                    "stage",
                    models.CharField(
                        blank=True, help_text="Stage whose report says so; empty: none does.", max_length=40
                    ),
                ),
                ("attempt", models.PositiveSmallIntegerField(default=1)),
                ("kind", models.CharField(blank=True, max_length=12)),
                (
                    "gap",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unknown_giver", "Given by one who did not hold them"),
                            ("unreported", "The hand-over before this one was not reported"),
                            ("other_courier", "Given by another courier than took them"),
                            ("other_place", "Taken from another place than they were put"),
                            ("nobody", "Nobody is known to have held them for a time"),
                            ("twice", "Two people are said to have taken them"),
                            ("backwards", "They went back to who gave them"),
                            ("after_end", "Handed over after their custody had ended"),
                            ("broken_seal", "Found with a broken seal"),
                        ],
                        max_length=16,
                    ),
                ),
                ("gap_said", models.JSONField(blank=True, default=dict, help_text="What is amiss, for its flag.")),
                (
                    "event",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="The hand-over that says so; empty: none does.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="supplychain.statusevent",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="custody",
                        to="supplychain.patientorder",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="supplychain.site",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "custody entries",
                "ordering": ["order", "position"],
                "abstract": False,
                "base_manager_name": "everything",
                "indexes": [
                    models.Index(
                        django.db.models.functions.text.Upper("name"),
                        models.OrderBy(models.F("since"), descending=True),
                        condition=models.Q(
                            ("until__isnull", True),
                            ("withdrawn_at__isnull", True),
                            models.Q(("name", ""), _negated=True),
                        ),
                        name="custody_by_courier",
                    ),
                    models.Index(
                        condition=models.Q(models.Q(("gap", ""), _negated=True), ("withdrawn_at__isnull", True)),
                        fields=["order"],
                        name="custody_gaps",
                    ),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everything", django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddConstraint(
            model_name="handoverlink",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("event__isnull", True), ("used_at__isnull", True)),
                    models.Q(("event__isnull", False), ("used_at__isnull", False)),
                    _connector="OR",
                ),
                name="link_used_for_a_report",
            ),
        ),
        migrations.AddConstraint(
            model_name="handoverlink",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("revoked_at__isnull", True), ("revoked_by__isnull", True)),
                    models.Q(("revoked_at__isnull", False), ("revoked_by__isnull", False)),
                    _connector="OR",
                ),
                name="link_revoked_by_somebody",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="handoverlink",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "supplychain_handoverlinkevent" ("attempt", "driver", "end", "event_id", "expires_at", "id", "made_at", "made_by_id", "order_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoked_at", "revoked_by_id", "stage", "token_hash", "used_at") VALUES (NEW."attempt", NEW."driver", NEW."end", NEW."event_id", NEW."expires_at", NEW."id", NEW."made_at", NEW."made_by_id", NEW."order_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."revoked_at", NEW."revoked_by_id", NEW."stage", NEW."token_hash", NEW."used_at"); RETURN NULL;',
                    hash="541317803beb173acfe468cca9f46ba78245cae7",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_6c454",
                    table="supplychain_handoverlink",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="handoverlink",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "supplychain_handoverlinkevent" ("attempt", "driver", "end", "event_id", "expires_at", "id", "made_at", "made_by_id", "order_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoked_at", "revoked_by_id", "stage", "token_hash", "used_at") VALUES (NEW."attempt", NEW."driver", NEW."end", NEW."event_id", NEW."expires_at", NEW."id", NEW."made_at", NEW."made_by_id", NEW."order_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."revoked_at", NEW."revoked_by_id", NEW."stage", NEW."token_hash", NEW."used_at"); RETURN NULL;',
                    hash="9812442127a2d850499b4c2046e602fe407499b4",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_aee4e",
                    table="supplychain_handoverlink",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="handoverlink",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "supplychain_handoverlinkevent" ("attempt", "driver", "end", "event_id", "expires_at", "id", "made_at", "made_by_id", "order_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoked_at", "revoked_by_id", "stage", "token_hash", "used_at") VALUES (OLD."attempt", OLD."driver", OLD."end", OLD."event_id", OLD."expires_at", OLD."id", OLD."made_at", OLD."made_by_id", OLD."order_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."revoked_at", OLD."revoked_by_id", OLD."stage", OLD."token_hash", OLD."used_at"); RETURN NULL;',
                    hash="0392e9bd231aeb04d6bba83dbea1cd61dd3935d4",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_2dd73",
                    table="supplychain_handoverlink",
                    when="AFTER",
                ),
            ),
        ),
    ]
