"""People and the sites they belong to."""

from collections.abc import Sequence
from typing import Any

import pghistory
from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.functional import cached_property

from supplychain.ids import new_id
from supplychain.names import NameField, validate_username
from supplychain.people.statuses import ACTING_ROLES, Role, Theme
from supplychain.sites.models import Site, validate_time_zone

USERNAME_TAKEN = "Somebody has this user name, be it in other capitals. Choose another."


class People(UserManager):
    """Everybody, found by their user name in whatever capitals."""

    use_in_migrations = False

    def get_by_natural_key(self, username: str | None) -> "User":
        """The one person of this user name, as single sign-on, passwords and `createsuperuser` ask for them."""
        return self.of_name(username or "").get()

    def of_name(self, username: str) -> models.QuerySet:
        """The person of this user name, or nobody; the constraint's index finds them."""
        return self.alias(lowered=Lower("username")).filter(lowered=username.lower())


@pghistory.track(exclude=["password", "last_login"])
class User(AbstractUser):
    """A person who signs in; sees only the sites of their memberships."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(
        max_length=150,
        unique=True,
        validators=[validate_username],
        help_text="Lasts: it signs what the person does. Letters, digits and @ . + - _",
        error_messages={"unique": USERNAME_TAKEN},
    )
    first_name = NameField(max_length=150, blank=True)
    last_name = NameField(max_length=150, blank=True)
    time_zone = models.CharField(
        max_length=64,
        blank=True,
        validators=[validate_time_zone],
        help_text="Empty: the zone of the person's sites; UTC where those differ, or without a site.",
    )
    sign_in_reset_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When an administrator last had second factors or the link to single sign-on forgotten.",
    )
    has_new_address = models.BooleanField(
        default=False, editable=False,
        help_text="Somebody else changed the e-mail address, and no password was set since.",
    )  # fmt: skip
    signs_from = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Before this the person signs nothing: their password is new."
    )
    theme = models.CharField(max_length=10, blank=True, choices=Theme.choices, help_text="Empty: as the device says.")

    # What was given back when they were switched off just now, in words (actions.change_person).
    given_back: Sequence[str] = ()

    objects = People()

    class Meta(AbstractUser.Meta):
        verbose_name, verbose_name_plural = "person", "people"
        constraints = [
            # Under it they sign in and sign: ada and ADA would be one person to everybody who reads it.
            models.UniqueConstraint(
                Lower("username"), name="one_person_per_username", violation_error_message=USERNAME_TAKEN
            ),
            # People sign in by their address, and single sign-on knows them by it.
            models.UniqueConstraint(
                Lower("email"),
                condition=~models.Q(email=""),
                name="one_person_per_email",
                violation_error_message="Somebody else has this e-mail address.",
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def clean(self) -> None:
        """E-mail addresses are kept in small letters: that is how they are looked up. Raises ValidationError."""
        super().clean()
        self.email = self.email.lower()
        if self._state.adding and User.objects.of_name(self.username).exists():
            raise ValidationError({"username": USERNAME_TAKEN})

    @cached_property
    def rights(self) -> list[tuple[Any, str]]:
        """Site id and role of each membership; read once for each object, so once for each request."""
        return list(self.memberships.values_list("site_id", "role"))

    @property
    def roles(self) -> set[str]:
        """The roles that the person has anywhere."""
        return {role for _, role in self.rights}

    @property
    def only_reads(self) -> bool:
        """Whether the person has roles and may do nothing in any of them: no page offers them to act."""
        return bool(self.rights) and not self.roles.intersection(ACTING_ROLES)

    def site_ids(self, *roles: Role) -> list[Any]:
        """Ids of the sites this person belongs to, in any of `roles` (none named: in whichever)."""
        return list(dict.fromkeys(site_id for site_id, role in self.rights if not roles or role in roles))


@pghistory.track()
class Membership(models.Model):
    """A person's role at a site; every right follows from it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    site = models.ForeignKey(Site, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)

    class Meta:
        verbose_name, verbose_name_plural = "role", "roles"
        constraints = [models.UniqueConstraint(fields=["user", "site", "role"], name="one_membership_per_role")]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()} at {self.site}"
