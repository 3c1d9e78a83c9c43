"""Who looks, and what exists for them."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from supplychain.models import PatientOrder, User
from supplychain.models.orders import PatientOrderQuerySet


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in person with the ids of their sites."""

    user: User
    site_ids: tuple[UUID, ...]

    @classmethod
    def of(cls, user: User) -> Self:
        """The person, with one query for their sites."""
        return cls(user, tuple(user.site_ids()))

    def orders(self) -> PatientOrderQuerySet:
        """The orders that exist for this person; every other one is 404."""
        return PatientOrder.objects.of_sites(self.site_ids)
