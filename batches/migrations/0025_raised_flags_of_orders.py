"""An index for the most urgent flag of each order: the order list opens sorted by it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("batches", "0024_alarm_mails")]

    operations = [
        migrations.AddIndex(
            model_name="flag",
            index=models.Index(
                condition=models.Q(("cleared_at__isnull", True)),
                fields=["order", "harm", "act_by"],
                name="raised_flags_of_orders",
            ),
        ),
    ]
