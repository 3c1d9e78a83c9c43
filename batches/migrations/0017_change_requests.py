from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("batches", "0016_handing_flags_on"),
        ("supplychain", "0023_old_donation_numbers"),
    ]

    operations = [
        migrations.AlterField(
            model_name="flag",
            name="code",
            field=models.CharField(
                choices=[
                    ("hold_expiring", "Permitted wait running out"),
                    ("stage_late", "Stage takes too long"),
                    ("promise_at_risk", "Promised date at risk"),
                    ("dose_at_risk", "Dose at risk"),
                    ("silent", "Expected news did not come"),
                    ("out_of_sequence", "Facts that do not fit"),
                    ("stage_failed", "Stage failed"),
                    ("on_hold", "On hold"),
                    ("change_asked", "The centre asks for a change"),
                    ("identity_shared", "One identifier on two orders"),
                    ("not_entitled", "Reported by a system without the right"),
                    ("evaluation_failed", "Could not be judged"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="flag",
            name="harm",
            field=models.PositiveSmallIntegerField(
                choices=[
                    (1, "A dose in doubt is out of our hands"),
                    (2, "Cells may be another patient's"),
                    (3, "Cells run out of time"),
                    (4, "Work failed"),
                    (5, "A hold or a request waits for a decision"),
                    (6, "Late or not reported"),
                    (7, "A dose may be lost later"),
                    (8, "A promised date is at risk"),
                ],
                default=6,
                help_text="What harm it is about, the worst first.",
            ),
        ),
    ]
