from typing import Any

from django.db import migrations


def forget_addresses(apps: Any, schema_editor: Any) -> None:
    """allauth wrote them at every forgotten password. Administrators write addresses down, on the person alone."""
    apps.get_model("account", "EmailAddress").objects.all().delete()


def forget_tokens(apps: Any, schema_editor: Any) -> None:
    """What systems were given stays good: it is known by its checksum. The database itself keeps no token."""
    apps.get_model("oauth2_provider", "AccessToken").objects.exclude(token="").update(token="")


class Migration(migrations.Migration):
    dependencies = [
        ("supplychain", "0018_identifiers"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("oauth2_provider", "0022_refreshtoken_token_family_index"),
    ]

    operations = [
        migrations.RunPython(forget_addresses, migrations.RunPython.noop),
        migrations.RunPython(forget_tokens, migrations.RunPython.noop),
    ]
