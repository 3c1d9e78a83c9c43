from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("batches", "0025_raised_flags_of_orders")]

    operations = [
        migrations.AddField(
            model_name="flag",
            name="remedy",
            field=models.CharField(
                choices=[
                    ("own", "Somebody can act on the order itself"),
                    ("line", "The order waits for a place: only its line can change that"),
                    ("tell", "It cannot be changed any more: the centre is to be told"),
                ],
                default="own",
                help_text="What can still be done about it.",
                max_length=4,
            ),
        ),
        migrations.AddField(
            model_name="flag",
            name="cause",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Code of the pool at the plant for a place in which the order waits.",
                max_length=40,
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="flag",
            constraint=models.CheckConstraint(
                condition=models.Q(("cause", ""), ("remedy", "line"), _connector="OR"),
                name="only_what_waits_for_its_line_has_a_cause",
            ),
        ),
    ]
