"""Who looks, and what exists for them."""

from dataclasses import dataclass
from typing import Self, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from supplychain.orders.models import PatientOrder, PatientOrderQuerySet
from supplychain.people.models import User
from supplychain.sites.models import Site

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in person with the ids of their sites; `sees_all`: there is no site besides."""

    user: User
    site_ids: tuple[UUID, ...]
    sees_all: bool

    @classmethod
    def of(cls, user: User) -> Self:
        """The person, with two queries for their sites."""
        site_ids = tuple(user.site_ids())
        return cls(user, site_ids, sees_all=bool(site_ids) and not Site.objects.exclude(pk__in=site_ids).exists())

    def orders(self) -> PatientOrderQuerySet:
        """The orders that exist for this person; every other one is 404."""
        # Asking of each of many thousand orders whether one of all sites takes part costs more than all the rest.
        return PatientOrder.objects.all() if self.sees_all else PatientOrder.objects.of_sites(self.site_ids)


def of_orders(rows: QuerySet[Row], orders: PatientOrderQuerySet, order: str = "order") -> QuerySet[Row]:
    """Those of `rows` that belong (by their `order`) to one of `orders`; without a join where that is every order."""
    return rows.filter(**{f"{order}__in": orders}) if orders.query.where else rows
