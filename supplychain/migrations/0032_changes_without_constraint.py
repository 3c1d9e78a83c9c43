"""A change notice is written by the database from the changed row, whose order is under a constraint already."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("supplychain", "0026_due_orders_apart")]

    operations = [
        migrations.AlterField(
            model_name="changenotice",
            name="order",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="supplychain.patientorder",
            ),
        ),
    ]
