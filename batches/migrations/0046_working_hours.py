"""Working hours: another refinement of the forecast."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("batches", "0045_visits_of_pools")]

    operations = [
        migrations.AlterField(
            model_name="refinementstate",
            name="refinement",
            field=models.CharField(
                choices=[
                    ("frailty", "Frailty: an order that was slow in one stage is slow in the next"),
                    ("endings", "Failures by attempt and time: how likely a stage fails hangs on both"),
                    ("arrivals", "Random arrivals: orders to come are not evenly spread"),
                    ("hours", "Working hours: a stage begins in the hours of the week in which its site begins it"),
                ],
                max_length=12,
            ),
        ),
    ]
