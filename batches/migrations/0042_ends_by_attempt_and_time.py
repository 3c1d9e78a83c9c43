"""How stages end by attempt and time: learned with their hours, and a refinement of the forecast."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("batches", "0039_verdict_trials")]

    operations = [
        migrations.AddField(
            model_name="learnedduration",
            name="ends",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="Shares that fail first and again, hours of the completed and of the failed; empty without failures.",
            ),
        ),
        migrations.AlterField(
            model_name="refinementstate",
            name="refinement",
            field=models.CharField(
                choices=[
                    ("frailty", "Frailty: an order that was slow in one stage is slow in the next"),
                    ("endings", "Failures by attempt and time: how likely a stage fails hangs on both"),
                    ("arrivals", "Random arrivals: orders to come are not evenly spread"),
                ],
                max_length=12,
            ),
        ),
    ]
