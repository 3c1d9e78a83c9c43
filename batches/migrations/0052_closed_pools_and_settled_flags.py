"""A pool that has no place is closed, not clear; a decision on a flag is told apart from an acknowledgement."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("batches", "0051_settled_flags")]

    operations = [
        migrations.AlterField(
            model_name="poolstate",
            name="condition",
            field=models.CharField(
                choices=[
                    ("clear", "Clear"),
                    ("catching_up", "Catching up"),
                    ("steady_backlog", "Steady backlog"),
                    ("falling_behind", "Falling behind"),
                    ("closed", "Closed"),
                    ("stuck", "Stuck"),
                ],
                default="clear",
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="flagchange",
            name="kind",
            field=models.CharField(
                choices=[
                    ("raised", "Raised"),
                    ("raised_again", "Raised again"),
                    ("severity_changed", "Severity changed"),
                    ("acknowledged", "Acknowledged"),
                    ("commented", "Commented"),
                    ("settled", "Settled"),
                    ("taken_on", "Taken on"),
                    ("assigned", "Assigned"),
                    ("given_back", "Given back"),
                    ("cleared", "Cleared"),
                ],
                max_length=16,
            ),
        ),
    ]
