"""People and the sites they belong to."""

from typing import Any

import pghistory
from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models

from supplychain.ids import new_id
from supplychain.models.sites import Site, validate_time_zone
from supplychain.statuses import Role


@pghistory.track(exclude=["password", "last_login"])
class User(AbstractUser):
    """A person who signs in; sees only the sites of their memberships."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    time_zone = models.CharField(
        max_length=64, blank=True, validators=[validate_time_zone], help_text="Empty: the zone of the first site."
    )

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def site_ids(self, *roles: Role) -> list[Any]:
        """Ids of the sites this person belongs to, in any of `roles` (none named: in whichever)."""
        memberships = self.memberships.filter(role__in=roles) if roles else self.memberships.all()
        return list(memberships.values_list("site_id", flat=True).distinct())


@pghistory.track()
class Membership(models.Model):
    """A person's role at a site; every right follows from it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    site = models.ForeignKey(Site, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "site", "role"], name="one_membership_per_role")]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()} at {self.site}"
