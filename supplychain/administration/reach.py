"""How far the rights of those who administer and of those who only read reach (docs/adr/0009)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from supplychain.people.models import Membership, User
from supplychain.people.statuses import RECORD_READERS, Role
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind


@dataclass(frozen=True)
class Reach:
    """`site_ids`: the sites somebody administers; `read_ids`: these and those whose records they read as QA or
    inspector; `everywhere`: a superuser's."""

    user: User
    everywhere: bool
    site_ids: frozenset[UUID]
    read_ids: frozenset[UUID]

    @classmethod
    def of(cls, user: User) -> Self:
        """The reach of a signed-in person."""
        administered, read = (frozenset(user.site_ids(*roles)) for roles in ((Role.ADMINISTRATOR,), RECORD_READERS))
        return cls(user, user.is_superuser, administered, read)

    @property
    def administers(self) -> bool:
        """Whether anything is theirs to change."""
        return self.everywhere or bool(self.site_ids)

    @property
    def of_administrator(self) -> Self:
        """The part within which they may change something."""
        return replace(self, read_ids=self.site_ids)

    def holds(self, site_ids: Iterable[UUID]) -> bool:
        """Whether all these sites are theirs to administer."""
        return self.everywhere or self.site_ids.issuperset(site_ids)

    def within(self, field: str) -> Q:
        """Rows whose `field` names a site within, to read."""
        return Q() if self.everywhere else Q(**{f"{field}__in": self.read_ids})

    def sites(self) -> QuerySet[Site]:
        """The sites that they administer."""
        return Site.objects.filter(self.of_administrator.within("pk"))

    @cached_property
    def governs_shared(self) -> bool:
        """Whether products, flows and new sites are theirs to change: those who administer a plant answer for them."""
        return self.everywhere or self.sites().filter(kind=SiteKind.PLANT, is_active=True).exists()

    def people(self) -> QuerySet[User]:
        """People with a role at one of the sites, and for administrators those who have none anywhere: somebody must
        find them."""
        if self.everywhere:
            return User.objects.all()
        roles = Membership.objects.filter(user=OuterRef("pk"))
        here = Exists(roles.filter(site__in=self.read_ids))
        if not self.administers:
            return User.objects.filter(here)
        return User.objects.filter(here | ~Exists(roles) & Q(is_superuser=False))

    def governs_person(self, user: User) -> bool:
        """Whether the person's name, address and sign-in are theirs to change: no role of theirs lies outside."""
        return self.everywhere or (not user.is_superuser and self.holds(user.site_ids()))


def reach_of(request: HttpRequest) -> Reach:
    """The reach of whoever asks, found once for each request."""
    found: Any = getattr(request, "administrators_reach", None)
    if found is None:
        found = request.administrators_reach = Reach.of(request.user)
    return found
