"""What names a suite, shipper or courier is found whichever capitals were used, the newest first, however many there are."""

from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies = [("supplychain", "0033_orders_not_ended")]

    operations = [
        migrations.RemoveIndex(model_name="shipment", name="shipments_in_shipper"),
        migrations.RemoveIndex(model_name="shipment", name="shipments_of_courier"),
        migrations.RemoveIndex(model_name="stagerun", name="runs_with_resource"),
        migrations.AddIndex(
            model_name="shipment",
            index=models.Index(
                Upper("shipper_number"),
                F("picked_up_at").desc(nulls_last=True),
                name="shipments_by_shipper",
                condition=~Q(shipper_number=""),
            ),
        ),
        migrations.AddIndex(
            model_name="shipment",
            index=models.Index(
                Upper("courier"),
                F("picked_up_at").desc(nulls_last=True),
                name="shipments_by_courier",
                condition=~Q(courier=""),
            ),
        ),
        migrations.AddIndex(
            model_name="stagerun",
            index=models.Index(
                F("site"),
                Upper("resource"),
                F("started_at").desc(nulls_last=True),
                name="runs_of_resource",
                condition=~Q(resource=""),
            ),
        ),
    ]
