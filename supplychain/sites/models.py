"""Sites: where patients are treated, cells are collected and doses are made."""

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models

from supplychain.identifiers.rules.donation_numbers import FACILITY
from supplychain.ids import new_id
from supplychain.names import NameField
from supplychain.sites.statuses import SiteKind
from supplychain.time_zones import time_zones


def validate_time_zone(name: str) -> None:
    """Refuse a name that is no place of the IANA time zone database, nor UTC."""
    if name not in time_zones():
        raise ValidationError(f"“{name}” is no IANA time zone; write for example Europe/Oslo.")


def validate_facility(number: str) -> None:
    """Refuse what is no facility identification number of ISBT 128."""
    if not FACILITY.fullmatch(number):
        # Without the number: Django fills in the words of a list's entry, in which a “%” would stand for a value.
        text = (
            "This is no facility number: ICCBBA gives five characters such as G1234, with which donation numbers begin."
        )
        raise ValidationError(text)


@pghistory.track()
class Site(models.Model):
    """A treatment centre, collection centre or manufacturing plant; times are shown in its zone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(unique=True, help_text="Short and lasting; systems and files name the site by it.")
    name = NameField(max_length=120)
    kind = models.CharField(max_length=20, choices=SiteKind.choices)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    telephone = models.CharField(
        max_length=40,
        blank=True,
        help_text="Answered day and night. Shown to those whose orders are made or treated here.",
    )
    facilities = ArrayField(
        models.CharField(max_length=5, validators=[validate_facility]),
        default=list,
        blank=True,
        verbose_name="facility numbers",
        help_text="With which its donation numbers begin (ISBT 128), such as G1234; several with commas between.",
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name
