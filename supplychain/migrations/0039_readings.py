"""Readings of loggers, in partitions by month; what they say of shipments; decisions on excursions."""

import django.db.models.deletion
import django.db.models.manager
import pgtrigger.compiler
import pgtrigger.migrations
import supplychain.ids
from django.conf import settings
from django.db import migrations, models

# BRIN: readings of one month lie one behind the other in the order of time, so that a range of it is found in an index
# of a few pages. What a page asks is found by the key. Other months than those made so far land in the last partition.
READINGS_SQL = """
CREATE TABLE supplychain_loggerreading (
    shipment_id uuid NOT NULL, logger varchar(40) NOT NULL, read_at timestamptz NOT NULL,
    temperature numeric(5, 2) NOT NULL, delivery_id uuid NOT NULL,
    PRIMARY KEY (shipment_id, logger, read_at)
) PARTITION BY RANGE (read_at);
CREATE INDEX readings_by_time ON supplychain_loggerreading USING brin (read_at);
CREATE TABLE supplychain_loggerreading_other PARTITION OF supplychain_loggerreading DEFAULT;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("supplychain", "0038_custody"),
    ]

    operations = [
        migrations.AddField(
            model_name="stage",
            name="storage",
            field=models.JSONField(
                blank=True, default=dict, help_text="At which temperature the cells are kept meanwhile."
            ),
        ),
        migrations.CreateModel(
            name="ReadingDelivery",
            fields=[
                (
                    "id",
                    models.UUIDField(default=supplychain.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("received_at", models.DateTimeField()),
                (
                    "file_name",
                    models.CharField(blank=True, help_text="Empty: sent through the interface.", max_length=200),
                ),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("size", models.PositiveBigIntegerField(default=0, help_text="Bytes of the file.")),
                ("zone", models.CharField(blank=True, max_length=64)),
                ("unit", models.CharField(blank=True, max_length=1)),
                ("date_order", models.CharField(blank=True, max_length=5)),
                ("logger", models.CharField(blank=True, max_length=40)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("asks", "Waits for an answer"),
                            ("taken", "Readings taken"),
                            ("refused", "Cannot be read"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "problem",
                    models.CharField(blank=True, help_text="What is asked, or why it cannot be read.", max_length=400),
                ),
                ("readings", models.PositiveIntegerField(default=0, help_text="Readings in it.")),
                ("fresh", models.PositiveIntegerField(default=0, help_text="Those that were not known.")),
                (
                    "differing",
                    models.PositiveIntegerField(default=0, help_text="Those with another temperature than was known."),
                ),
                ("faulty", models.PositiveIntegerField(default=0, help_text="Lines that are no reading.")),
                ("behind", models.PositiveIntegerField(default=0, help_text="Lines behind the last reading.")),
                ("is_cut", models.BooleanField(default=False, help_text="It ends in the middle of a reading.")),
                (
                    "faults",
                    models.JSONField(blank=True, default=list, help_text="Some of what could not be read or differs."),
                ),
                (
                    "understood",
                    models.JSONField(blank=True, default=dict, help_text="First and last moment, lowest and highest."),
                ),
                (
                    "shipment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="supplychain.shipment",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="supplychain.sourcesystem",
                    ),
                ),
                (
                    "user",
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
                "ordering": ["-received_at"],
            },
        ),
        # Django makes no table in partitions; each month's is made when its first reading comes (actions/partitions.py).
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(READINGS_SQL, "DROP TABLE supplychain_loggerreading")],
            state_operations=[
                migrations.CreateModel(
                    name="LoggerReading",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "shipment_id",
                                "logger",
                                "read_at",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("logger", models.CharField(max_length=40)),
                        ("read_at", models.DateTimeField()),
                        ("temperature", models.DecimalField(decimal_places=2, help_text="°C", max_digits=5)),
                        (
                            "shipment",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="readings",
                                to="supplychain.shipment",
                            ),
                        ),
                        (
                            "delivery",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="supplychain.readingdelivery",
                            ),
                        ),
                    ],
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReadingFilePart",
            fields=[
                (
                    "id",
                    models.UUIDField(default=supplychain.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveIntegerField()),
                ("content", models.BinaryField()),
                (
                    "delivery",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="supplychain.readingdelivery",
                    ),
                ),
            ],
            options={
                "ordering": ["delivery", "number"],
            },
        ),
        migrations.CreateModel(
            name="Excursion",
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
                ("logger", models.CharField(max_length=40)),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField()),
                ("worst", models.DecimalField(decimal_places=2, max_digits=5)),
                ("broken", models.JSONField(default=list)),
                ("digest", models.CharField(max_length=16)),
                ("found_at", models.DateTimeField()),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="excursions",
                        to="supplychain.patientorder",
                    ),
                ),
                (
                    "shipment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="excursions",
                        to="supplychain.shipment",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everything",
                "constraints": [
                    models.UniqueConstraint(fields=("shipment", "logger"), name="one_excursion_per_logger")
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everything", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="LoggerRecord",
            fields=[
                (
                    "id",
                    models.UUIDField(default=supplychain.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("logger", models.CharField(max_length=40)),
                ("count", models.PositiveIntegerField(default=0)),
                ("outside", models.PositiveIntegerField(default=0)),
                ("first_at", models.DateTimeField(blank=True, null=True)),
                ("last_at", models.DateTimeField(blank=True, null=True)),
                ("lowest", models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ("highest", models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                (
                    "mean_kinetic",
                    models.FloatField(blank=True, help_text="Highest over 24 hours; empty: not applicable.", null=True),
                ),
                (
                    "is_judged",
                    models.BooleanField(
                        default=False, help_text="The flow says at which temperature the cells are kept."
                    ),
                ),
                ("gaps", models.JSONField(blank=True, default=list)),
                ("points", models.JSONField(blank=True, default=list)),
                ("judged_at", models.DateTimeField()),
                (
                    "shipment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="records", to="supplychain.shipment"
                    ),
                ),
            ],
            options={
                "ordering": ["shipment", "logger"],
                "constraints": [models.UniqueConstraint(fields=("shipment", "logger"), name="one_record_per_logger")],
            },
        ),
        migrations.AddConstraint(
            model_name="readingdelivery",
            constraint=models.UniqueConstraint(
                condition=models.Q(("sha256", ""), _negated=True),
                fields=("shipment", "sha256"),
                name="one_delivery_per_reading_file",
            ),
        ),
        migrations.AddConstraint(
            model_name="readingdelivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("source__isnull", False), ("user__isnull", True)),
                    models.Q(("source__isnull", True), ("user__isnull", False)),
                    _connector="OR",
                ),
                name="readings_sent_by_one",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="loggerreading",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="c8270fe16ee8bf662a09c810a299a5f394b87b34",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_4f974",
                    table="supplychain_loggerreading",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="loggerreading",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="e8ac93489aad4193f77a69a9dfaee56bf601988a",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_2d1d6",
                    table="supplychain_loggerreading",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="readingfilepart",
            constraint=models.UniqueConstraint(fields=("delivery", "number"), name="one_part_per_number"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="readingfilepart",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="e49a254879dfd1ff085940ebb547480daf393b7b",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_f4beb",
                    table="supplychain_readingfilepart",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="readingfilepart",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="53b00f5ac0ff394382f967cd15c9cf7aef604c26",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_0831d",
                    table="supplychain_readingfilepart",
                    when="BEFORE",
                ),
            ),
        ),
    ]
