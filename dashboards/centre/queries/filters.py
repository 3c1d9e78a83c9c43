"""Whose centres a coordinator looks at, and what was chosen to be seen: kept in the page's address."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.http import QueryDict

from dashboards.centre.rules.cards import CardGroup
from supplychain.flows.models import Product
from supplychain.orders.models import PatientOrder
from supplychain.people.models import User
from supplychain.people.statuses import Role
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind

PAGE_SIZE = 20
LONGEST_TEXT = 64
MOST_PAGES = 10_000


@dataclass(frozen=True, slots=True)
class SiteFilter:
    """Codes of centre and product (empty: all), a text to search, one group of cards, the page."""

    site: str = ""
    product: str = ""
    text: str = ""
    show: str = ""
    page: int = 1
    size: int = PAGE_SIZE

    @classmethod
    def read(cls, given: QueryDict) -> Self:
        """The filter in an address; what makes no sense counts as not given."""
        site, product, text, show = (
            given.get(name, "").strip()[:LONGEST_TEXT].replace("\0", "") for name in ("site", "product", "q", "show")
        )
        number = given.get("page", "")[:5]
        page = int(number) if number.isascii() and number.isdigit() else 1
        return cls(site, product, text, show if show in list(CardGroup) else "", min(max(page, 1), MOST_PAGES))

    @property
    def is_narrow(self) -> bool:
        """Whether it leaves out more than other groups."""
        return bool(self.site or self.product or self.text)

    @property
    def query(self) -> str:
        """The address' query string, without what stands by default."""
        said = {"site": self.site, "product": self.product, "q": self.text, "show": self.show}
        said |= {"page": str(self.page) if self.page > 1 else ""}
        return urlencode({name: value for name, value in said.items() if value})

    @property
    def groups(self) -> list[tuple[str, Self]]:
        """The same for each group of cards, and for all."""
        return [(show, replace(self, show=show, page=1)) for show in ("", *CardGroup)]

    @property
    def previous(self) -> Self:
        """The page before."""
        return replace(self, page=self.page - 1)

    @property
    def next(self) -> Self:
        """The page after."""
        return replace(self, page=self.page + 1)

    @property
    def first(self) -> Self:
        """The same from its beginning."""
        return replace(self, page=1)


@dataclass(frozen=True, slots=True)
class Centres:
    """The centres of a person: those that treat or collect, and any other at which they coordinate."""

    sites: list[Site]
    rights: list[tuple[Any, str]]

    @classmethod
    def of(cls, user: User) -> Self:
        """The person's centres; two queries (one where the memberships are known already)."""
        coordinated = user.site_ids(Role.SITE_COORDINATOR)
        sites = Site.objects.filter(pk__in=user.site_ids()).filter(~Q(kind=SiteKind.PLANT) | Q(pk__in=coordinated))
        return cls(list(sites), user.rights)

    @property
    def ids(self) -> frozenset[UUID]:
        """Their ids."""
        return frozenset(site.pk for site in self.sites)

    def chosen_ids(self, chosen: SiteFilter) -> list[UUID]:
        """Ids of the centres that the filter lets through; a code that is none of theirs leads to nothing."""
        return [site.pk for site in self.sites if chosen.site in ("", site.code)]

    def products(self) -> list[Product]:
        """The products that their orders are of; one query."""
        ids: Iterable[UUID] = self.ids
        at_centre = Q(ordering_site__in=ids) | Q(collection_site__in=ids) | Q(infusion_site__in=ids)
        return list(Product.objects.filter(pk__in=PatientOrder.objects.filter(at_centre).values("product")))
