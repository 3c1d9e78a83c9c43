"""A flag that quality assurance settled stands in a class of harm of its own, behind all others."""

from django.db import migrations, models

HARMS = [
    (0, "A dose in doubt can still be stopped"),
    (1, "A dose in doubt was given"),
    (2, "Cells may be another patient's"),
    (3, "Cells run out of time"),
    (4, "Work failed"),
    (5, "A hold or a request waits for a decision"),
    (6, "Late, or its reports are missing or in doubt"),
    (7, "A dose may be lost later"),
    (8, "The date of a dose is at risk"),
    (9, "Settled by quality assurance"),
]


class Migration(migrations.Migration):
    dependencies = [("batches", "0048_dates_wanted_or_promised")]

    operations = [
        migrations.AlterField(
            model_name="flag",
            name="harm",
            field=models.PositiveSmallIntegerField(
                choices=HARMS, default=6, help_text="What harm it is about, the worst first."
            ),
        ),
    ]
