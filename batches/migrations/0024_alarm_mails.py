from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("batches", "0023_doses_to_stop"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="mail", name="one_open_mail_per_person"),
        migrations.AddField(model_name="mail", name="is_alarm", field=models.BooleanField(default=False)),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.UniqueConstraint(
                condition=models.Q(("given_up_at__isnull", True), ("sent_at__isnull", True)),
                fields=("person", "is_alarm"),
                name="one_open_mail_per_person",
            ),
        ),
    ]
