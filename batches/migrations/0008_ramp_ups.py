import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import supplychain.ids


class Migration(migrations.Migration):
    dependencies = [
        ("batches", "0007_learned_durations_and_predictions"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("supplychain", "0008_words_for_people"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Scenario",
            fields=[
                (
                    "id",
                    models.UUIDField(default=supplychain.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=80)),
                (
                    "base",
                    models.CharField(
                        choices=[
                            ("clean", "A line running steadily at its own rate"),
                            ("live", "The line as it stands now"),
                        ],
                        default="clean",
                        max_length=8,
                    ),
                ),
                ("weeks", models.PositiveSmallIntegerField(default=52, help_text="Measured weeks.")),
                ("replications", models.PositiveSmallIntegerField(default=100)),
                ("changes", models.JSONField(blank=True, default=list)),
                ("costs", models.JSONField(blank=True, default=dict)),
                ("is_shared", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                ("edited_at", models.DateTimeField()),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="scenarios", to="supplychain.site"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: kept by the program for everybody of the line.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="scenarios",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-edited_at"],
            },
        ),
        migrations.CreateModel(
            name="ScenarioEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=supplychain.ids.new_id, editable=False, serialize=False)),
                ("name", models.CharField(max_length=80)),
                (
                    "base",
                    models.CharField(
                        choices=[
                            ("clean", "A line running steadily at its own rate"),
                            ("live", "The line as it stands now"),
                        ],
                        default="clean",
                        max_length=8,
                    ),
                ),
                ("weeks", models.PositiveSmallIntegerField(default=52, help_text="Measured weeks.")),
                ("replications", models.PositiveSmallIntegerField(default=100)),
                ("changes", models.JSONField(blank=True, default=list)),
                ("costs", models.JSONField(blank=True, default=dict)),
                ("is_shared", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                ("edited_at", models.DateTimeField()),
                (
                    "line",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="supplychain.site",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="Empty: kept by the program for everybody of the line.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                        to="batches.scenario",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ScenarioRun",
            fields=[
                (
                    "id",
                    models.UUIDField(default=supplychain.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("compare", "What the changes come to"), ("search", "The cheapest plan for a target")],
                        default="compare",
                        max_length=8,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("cancelled", "Cancelled"),
                            ("failed", "Failed"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("done", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField()),
                ("requested_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("cancel_requested", models.BooleanField(default=False)),
                ("lease", models.UUIDField(blank=True, null=True)),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                (
                    "tries",
                    models.PositiveSmallIntegerField(default=0, help_text="Chunks begun since one was last finished."),
                ),
                ("fingerprint", models.CharField(max_length=16)),
                ("inputs", models.JSONField()),
                ("partial", models.JSONField(blank=True, default=dict)),
                ("result", models.JSONField(blank=True, default=dict)),
                ("error", models.CharField(blank=True, max_length=300)),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "scenario",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="runs",
                        to="batches.scenario",
                    ),
                ),
            ],
            options={
                "ordering": ["-requested_at"],
            },
        ),
        migrations.AddIndex(
            model_name="scenario",
            index=models.Index(fields=["line", "-edited_at"], name="scenarios_of_line"),
        ),
        migrations.AddConstraint(
            model_name="scenario",
            constraint=models.CheckConstraint(
                condition=models.Q(("replications__range", (10, 400)), ("weeks__range", (1, 260))), name="scenario_size"
            ),
        ),
        migrations.AddConstraint(
            model_name="scenario",
            constraint=models.UniqueConstraint(
                condition=models.Q(("owner__isnull", True)),
                fields=("line", "name"),
                name="one_program_scenario_per_name",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="scenario",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "batches_scenarioevent" ("base", "changes", "costs", "created_at", "edited_at", "id", "is_shared", "line_id", "name", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "replications", "weeks") VALUES (NEW."base", NEW."changes", NEW."costs", NEW."created_at", NEW."edited_at", NEW."id", NEW."is_shared", NEW."line_id", NEW."name", NEW."owner_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."replications", NEW."weeks"); RETURN NULL;',
                    hash="4d53045714ae7583e76a4f22da7b4d798de2e571",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_4a1a3",
                    table="batches_scenario",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="scenario",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "batches_scenarioevent" ("base", "changes", "costs", "created_at", "edited_at", "id", "is_shared", "line_id", "name", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "replications", "weeks") VALUES (NEW."base", NEW."changes", NEW."costs", NEW."created_at", NEW."edited_at", NEW."id", NEW."is_shared", NEW."line_id", NEW."name", NEW."owner_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."replications", NEW."weeks"); RETURN NULL;',
                    hash="2799c6450b2803572ad5377a7f7b4bc172fd47f0",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_fa029",
                    table="batches_scenario",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="scenario",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "batches_scenarioevent" ("base", "changes", "costs", "created_at", "edited_at", "id", "is_shared", "line_id", "name", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "replications", "weeks") VALUES (OLD."base", OLD."changes", OLD."costs", OLD."created_at", OLD."edited_at", OLD."id", OLD."is_shared", OLD."line_id", OLD."name", OLD."owner_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."replications", OLD."weeks"); RETURN NULL;',
                    hash="064db50f65e61be596b8ac42ddb443ec5f637292",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_a4fad",
                    table="batches_scenario",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="scenariorun",
            index=models.Index(fields=["scenario", "-requested_at"], name="runs_of_scenario"),
        ),
        migrations.AddIndex(
            model_name="scenariorun",
            index=models.Index(
                condition=models.Q(("status__in", ["queued", "running"])), fields=["leased_until"], name="runs_to_work"
            ),
        ),
        migrations.AddConstraint(
            model_name="scenariorun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["queued", "running"])),
                fields=("scenario",),
                name="one_open_run_per_scenario",
            ),
        ),
        migrations.AddConstraint(
            model_name="scenariorun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("finished_at__isnull", True), ("status__in", ["queued", "running"])),
                    models.Q(("finished_at__isnull", False), ("status__in", ["done", "cancelled", "failed"])),
                    _connector="OR",
                ),
                name="ended_runs_have_their_end",
            ),
        ),
    ]
