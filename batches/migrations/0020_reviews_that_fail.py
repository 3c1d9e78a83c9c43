from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("batches", "0019_donation_numbers_in_doubt"),
    ]

    operations = [
        migrations.AddField(
            model_name="poolstate",
            name="failing_since",
            field=models.DateTimeField(blank=True, help_text="Since when no review could be made.", null=True),
        ),
        migrations.AddField(
            model_name="poolstate",
            name="failing_why",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddConstraint(
            model_name="poolstate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("failing_since__isnull", True), ("failing_why", "")),
                    ("failing_since__isnull", False),
                    _connector="OR",
                ),
                name="failing_review_has_a_beginning",
            ),
        ),
    ]
