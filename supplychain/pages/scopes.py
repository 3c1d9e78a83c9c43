"""Which products, plants and sites a person may choose to see."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from django.db.models import Q

from supplychain.flows.models import Product
from supplychain.pages.viewers import Viewer
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind


@dataclass(frozen=True, slots=True)
class Scope:
    """Sites and products that turn up in a viewer's open orders or are the viewer's own."""

    plants: list[Site]
    sites: list[Site]
    products: list[Product]

    def conditions(self, *, product: str, plant: str, site: str) -> Iterator[Q]:
        """What orders with these codes fulfil (empty: any); none does for a code that is not in this scope."""
        if product:
            yield Q(product__in=_ids(self.products, product))
        if plant:
            yield Q(plant__in=_ids(self.plants, plant))
        if site:
            ids = _ids(self.sites, site)
            yield Q(ordering_site__in=ids) | Q(collection_site__in=ids) | Q(infusion_site__in=ids)

    @classmethod
    def of(cls, sites: Iterable[Site], products: Iterable[Product]) -> Self:
        """These, the sites by kind."""
        by_kind: dict[bool, list[Site]] = {True: [], False: []}
        for site in sites:
            by_kind[site.kind == SiteKind.PLANT].append(site)
        return cls(plants=by_kind[True], sites=by_kind[False], products=list(products))


def scope_of(viewer: Viewer) -> Scope:
    """What the viewer may choose from; two or three queries."""
    if viewer.sees_all:
        return Scope.of(Site.objects.all(), Product.objects.all())
    columns = ("plant_id", "ordering_site_id", "collection_site_id", "infusion_site_id")
    met = viewer.orders().open().values_list(*columns, "product_id").distinct()
    site_ids, product_ids = set(viewer.site_ids), set()
    for *sites, product in met:
        site_ids.update(sites)
        product_ids.add(product)
    return Scope.of(Site.objects.filter(pk__in=site_ids), Product.objects.filter(pk__in=product_ids))


def _ids(rows: Iterable[Product] | Iterable[Site], code: str) -> list[UUID]:
    return [row.pk for row in rows if row.code == code]
