"""An index of the orders that have not ended: what is counted of them no longer reads ten years of others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("supplychain", "0032_changes_without_constraint")]

    operations = [
        migrations.AddIndex(
            model_name="patientorder",
            index=models.Index(
                condition=models.Q(("status__in", ["cancelled", "closed"]), _negated=True),
                fields=["id"],
                name="orders_not_ended",
            ),
        ),
    ]
