"""Flags say that cells were too warm or too cold."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("batches", "0058_changes_told_by_statement"),
    ]

    operations = [
        migrations.AlterField(
            model_name="flag",
            name="code",
            field=models.CharField(
                choices=[
                    ("hold_expiring", "Permitted wait running out"),
                    ("stage_late", "Stage takes too long"),
                    ("promise_at_risk", "Date at risk"),
                    ("dose_at_risk", "Dose at risk"),
                    ("silent", "Expected news did not come"),
                    ("out_of_sequence", "Facts that do not fit"),
                    ("stage_failed", "Stage failed"),
                    ("on_hold", "On hold"),
                    ("change_asked", "The centre asks for a change"),
                    ("identity_shared", "One identifier on two orders"),
                    ("donation_number", "Donation number in doubt"),
                    ("excursion", "Cells too warm or too cold"),
                    ("not_entitled", "Reported by a system without the right"),
                    ("evaluation_failed", "Could not be judged"),
                ],
                max_length=20,
            ),
        ),
    ]
