"""Resources that differ: another refinement of the forecast. Only the choices change, no table."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("batches", "0054_plants_of_flags")]

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
                    ("resources", "Resources: a stage takes longer in one suite, device or lane than in another"),
                ],
                max_length=12,
            ),
        ),
    ]
