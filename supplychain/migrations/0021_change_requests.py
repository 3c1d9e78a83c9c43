from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("supplychain", "0020_sign_in_resets"),
    ]

    operations = [
        migrations.AddField(
            model_name="patientorder",
            name="change_request",
            field=models.JSONField(
                blank=True,
                help_text="What the treatment centre asked of the plant last, and what became of it.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="statusevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("scheduled", "Scheduled"),
                    ("started", "Started"),
                    ("completed", "Completed"),
                    ("failed", "Failed"),
                    ("held", "Held"),
                    ("resumed", "Resumed"),
                    ("skipped", "Skipped"),
                    ("note", "Note"),
                    ("withdrawn", "Report withdrawn"),
                    ("ordered", "Ordered"),
                    ("confirmed", "Confirmed"),
                    ("promised", "Promised"),
                    ("cancelled", "Cancelled"),
                    ("closed", "Closed"),
                    ("settled", "Flag settled"),
                    ("change_asked", "Change asked for"),
                    ("taken_back", "Request taken back"),
                    ("answered", "Request answered"),
                ],
                max_length=12,
            ),
        ),
    ]
