"""The learned durations that a person may see: of their own sites, and over all sites for who sees every site."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import QueryDict

from batches.durations.models import LearnedDuration
from batches.durations.rules.pages import LearnedRow, StagePlanned, StageShown, survival_chart
from supplychain.flows.models import Product, Stage
from supplychain.pages.viewers import Viewer
from supplychain.sites.models import Site

COLUMNS = (
    "stage", "resource", "completed", "failed", "withdrawn", "censored", "own_weight", "median_hours", "p90_hours",
    "planned_hours", "failed_share", "failed_low", "failed_high", "withdrawn_share", "drift", "is_drifting",
)  # fmt: skip
ALL_SITES = "all"


@dataclass(frozen=True, slots=True)
class DurationChoice:
    """What can be chosen, and what is: one product, and one site or (None) all sites together."""

    products: list[Product]
    sites: list[Site]
    sees_all: bool
    product: Product | None
    site: Site | None

    @classmethod
    def read(cls, given: QueryDict, viewer: Viewer) -> Self:
        """The choice in an address, what makes no sense counting as not given; three queries."""
        pairs = set(visible(viewer).order_by().values_list("product", "site").distinct())
        products = list(Product.objects.filter(pk__in={product for product, _ in pairs}))
        sites = list(Site.objects.filter(pk__in={site for _, site in pairs if site}))
        product = _named(products, given.get("product", "")) or (products[0] if products else None)
        code = given.get("site", "")
        site = _named(sites, code)
        if site is None and not viewer.sees_all:
            mine = {site_id for product_id, site_id in pairs if product and product_id == product.pk}
            site = next((one for one in sites if one.pk in mine), None)
        return cls(products, sites, viewer.sees_all, product, site)

    @property
    def query(self) -> str:
        """The address' query string."""
        product = self.product.code if self.product else ""
        return urlencode({"product": product, "site": self.site.code if self.site else ALL_SITES})

    def rows(self) -> QuerySet[LearnedDuration]:
        """What was learned of it."""
        return LearnedDuration.objects.filter(product=self.product, site=self.site)


@dataclass(frozen=True, slots=True)
class LearnedStages:
    """The stages of the choice in flow order, and when they were learned."""

    stages: list[StageShown]
    learned_at: datetime | None

    @property
    def drifting(self) -> list[StageShown]:
        """Those whose newest runs take another time than those before."""
        return [stage for stage in self.stages if stage.row.is_drifting]

    def rows(self) -> Iterator[tuple[StageShown, LearnedRow]]:
        """Every row, that of the stage before those of its resources."""
        for stage in self.stages:
            yield stage, stage.row
            for row in stage.resources:
                yield stage, row


def visible(viewer: Viewer) -> QuerySet[LearnedDuration]:
    """The rows that this person may see."""
    rows = LearnedDuration.objects.all()
    return rows if viewer.sees_all else rows.filter(Q(site__in=viewer.site_ids))


def learned_stages(choice: DurationChoice) -> LearnedStages:
    """What was learned of the chosen product at the chosen site; three queries."""
    if choice.product is None:
        return LearnedStages([], None)
    plans = planned(choice.product.pk)
    found = choice.rows().filter(resource="").values_list("refreshed_at", *COLUMNS, "quantiles")
    resources: dict[str, list[LearnedRow]] = {}
    for row in choice.rows().exclude(resource="").order_by("resource").values_list(*COLUMNS):
        resources.setdefault(row[0], []).append(LearnedRow(*row))
    moments, stages = set(), []
    for learned_at, *figures, quantiles in found:
        row = LearnedRow(*figures, curve=tuple(quantiles))
        moments.add(learned_at)
        if plan := plans.get(row.stage):
            stages.append(StageShown(plan, row, survival_chart(plan, row.curve), resources.get(row.stage, [])))
    stages.sort(key=lambda one: (one.plan.position, one.plan.code))
    return LearnedStages(stages, max(moments, default=None))


def planned(product_id: UUID) -> dict[str, StagePlanned]:
    """The product's stages as its current flow (the default first), else its newest plans them; one query."""
    order = ("code", "-flow__is_current", "-flow__is_default", "-flow__version", "flow")
    rows = Stage.objects.filter(flow__product=product_id).order_by(*order).distinct("code")
    columns = ("code", "name", "position", "planned_hours", "worst_hours")
    return {row[0]: StagePlanned(*row) for row in rows.values_list(*columns)}


def _named(rows: list, code: str) -> Product | Site | None:
    return next((row for row in rows if row.code == code), None)
