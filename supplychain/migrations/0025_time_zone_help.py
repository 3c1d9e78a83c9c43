"""What an empty time zone of a person means is said as it is: the zone of their sites, or UTC."""

from django.db import migrations, models

import supplychain.sites.models


def time_zone() -> models.CharField:
    """The field of a person and of its audit trail."""
    return models.CharField(
        blank=True,
        help_text="Empty: the zone of the person's sites; UTC where those differ, or without a site.",
        max_length=64,
        validators=[supplychain.sites.models.validate_time_zone],
    )


class Migration(migrations.Migration):
    dependencies = [("supplychain", "0023_old_donation_numbers")]

    operations = [
        migrations.AlterField(model_name=name, name="time_zone", field=time_zone()) for name in ("user", "userevent")
    ]
