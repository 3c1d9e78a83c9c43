"""Sentences of flags have room for two; of one class of harm what is critical stands first."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("batches", "0052_closed_pools_and_settled_flags"),
        ("supplychain", "0032_changes_without_constraint"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="flag",
            name="raised_flags_by_urgency",
        ),
        migrations.RemoveIndex(
            model_name="flag",
            name="raised_flags_of_orders",
        ),
        migrations.AlterField(
            model_name="flag",
            name="next_step",
            field=models.CharField(max_length=600),
        ),
        migrations.AlterField(
            model_name="flag",
            name="why",
            field=models.CharField(max_length=600),
        ),
        migrations.AlterField(
            model_name="flagchange",
            name="why",
            field=models.CharField(max_length=600),
        ),
        migrations.AddIndex(
            model_name="flag",
            index=models.Index(
                condition=models.Q(("cleared_at__isnull", True)),
                fields=["harm", "-severity", "act_by", "id"],
                name="raised_flags_by_urgency",
            ),
        ),
        migrations.AddIndex(
            model_name="flag",
            index=models.Index(
                condition=models.Q(("cleared_at__isnull", True)),
                fields=["order", "harm", "-severity", "act_by"],
                name="raised_flags_of_orders",
            ),
        ),
    ]
