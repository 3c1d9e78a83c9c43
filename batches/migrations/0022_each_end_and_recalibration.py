from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import F, Q


def copy_to_the_other_end(apps: StateApps, _: BaseDatabaseSchemaEditor) -> None:
    """Until now both ends were moved by the same hours."""
    apps.get_model("batches", "CalibrationState").objects.update(widening_high_hours=F("widening_low_hours"))
    moved = apps.get_model("batches", "Prediction").objects.exclude(widened_low_hours=0)
    moved.update(widened_high_hours=F("widened_low_hours"))


class Migration(migrations.Migration):
    dependencies = [("batches", "0021_promises_are_scored_when_they_pass")]

    operations = [
        migrations.RemoveConstraint(model_name="calibrationstate", name="never_narrowed"),
        migrations.RenameField(model_name="calibrationstate", old_name="widening_hours", new_name="widening_low_hours"),
        migrations.AlterField(
            model_name="calibrationstate",
            name="widening_low_hours",
            field=models.FloatField(default=0, help_text="By how much the 80 % interval begins earlier."),
        ),
        migrations.AddField(
            model_name="calibrationstate",
            name="widening_high_hours",
            field=models.FloatField(default=0, help_text="By how much the 80 % interval ends later."),
        ),
        migrations.AddField(
            model_name="calibrationstate",
            name="late_intercept",
            field=models.FloatField(default=0, help_text="P(late): log-odds said = intercept + slope · simulated."),
        ),
        migrations.AddField(model_name="calibrationstate", name="late_slope", field=models.FloatField(default=1)),
        migrations.AddField(
            model_name="calibrationstate",
            name="late_why",
            field=models.CharField(
                blank=True, default="", help_text="What the simulation's P(late) was worth.", max_length=500
            ),
            preserve_default=False,
        ),
        migrations.RenameField(model_name="prediction", old_name="widened_hours", new_name="widened_low_hours"),
        migrations.AlterField(
            model_name="prediction",
            name="widened_low_hours",
            field=models.FloatField(default=0, help_text="By how much past errors moved its beginning."),
        ),
        migrations.AddField(
            model_name="prediction",
            name="widened_high_hours",
            field=models.FloatField(default=0, help_text="By how much past errors moved its end."),
        ),
        migrations.AddField(
            model_name="prediction",
            name="p_late_simulated",
            field=models.FloatField(
                blank=True, help_text="The same by the futures alone, before past errors corrected it.", null=True
            ),
        ),
        migrations.RunPython(copy_to_the_other_end, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name="calibrationstate",
            constraint=models.CheckConstraint(
                condition=Q(widening_low_hours__gte=0, widening_high_hours__gte=0), name="never_narrowed"
            ),
        ),
        migrations.AddConstraint(
            model_name="calibrationstate",
            constraint=models.CheckConstraint(condition=Q(late_slope__gt=0), name="late_slope_keeps_the_order"),
        ),
    ]
