"""Sites: where patients are treated, cells are collected and doses are made."""

from zoneinfo import available_timezones

import pghistory
from django.core.exceptions import ValidationError
from django.db import models

from supplychain.ids import new_id
from supplychain.sites.statuses import SiteKind


def validate_time_zone(name: str) -> None:
    """Refuse a name that is not in the IANA time zone database."""
    if name not in available_timezones():
        raise ValidationError(f"“{name}” is no IANA time zone; write for example Europe/Oslo.")


@pghistory.track()
class Site(models.Model):
    """A treatment centre, collection centre or manufacturing plant; times are shown in its zone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(unique=True, help_text="Short and lasting; systems and files name the site by it.")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=SiteKind.choices)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    telephone = models.CharField(
        max_length=40,
        blank=True,
        help_text="Answered day and night. Shown to those whose orders are made or treated here.",
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name
