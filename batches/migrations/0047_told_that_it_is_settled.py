"""People who were told of a doubt are told that quality assurance settled it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("batches", "0046_working_hours")]

    operations = [
        migrations.AlterField(
            model_name="notification",
            name="kind",
            field=models.CharField(
                choices=[
                    ("raised", "Raised"),
                    ("became_critical", "Became critical"),
                    ("escalated", "Escalated to you"),
                    ("assigned", "Assigned to you"),
                    ("eased", "No longer critical"),
                    ("settled", "Settled by quality assurance"),
                    ("cleared", "Cleared"),
                ],
                max_length=16,
            ),
        ),
    ]
