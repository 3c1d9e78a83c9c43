"""`GET /api/v1/catalogue/`: the codes that orders and events may name."""

from collections.abc import Iterable
from uuid import UUID

import msgspec
from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from supplychain.flows.models import Flow, Product, Stage
from supplychain.flows.statuses import Direction, StageKind, StagePlace
from supplychain.orders.api import examples
from supplychain.orders.rules.entitlements import OF_STAGES
from supplychain.rest.documentation import NOT_YOURS
from supplychain.rest.endpoints import Endpoint
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind
from supplychain.systems.statuses import ReportScope


class CatalogueSite(msgspec.Struct):
    """A site of yours, or a plant that may be ordered from (`is_yours` false)."""

    code: str
    name: str
    kind: SiteKind
    time_zone: str
    is_yours: bool


class CatalogueStage(msgspec.Struct):
    """A stage, by whose code events name it; in hours. `report_scope`: the right that a system needs to report it."""

    code: str
    name: str
    kind: StageKind
    place: StagePlace
    direction: Direction | None
    after: list[str]
    planned_hours: float
    worst_hours: float
    longest_wait_hours: float | None
    pool: str
    may_end_after_release: bool
    report_scope: ReportScope


class CatalogueFlow(msgspec.Struct):
    """A flow that new orders take, stages in board order; placed orders keep the version that they began with."""

    code: str
    name: str
    version: int
    is_default: bool
    restart_stage: str
    stages: list[CatalogueStage]


class CatalogueProduct(msgspec.Struct):
    """A product that can be ordered."""

    code: str
    name: str
    flows: list[CatalogueFlow]


class CatalogueBody(msgspec.Struct):
    """Sites, products with their flows, stages of each."""

    sites: list[CatalogueSite]
    products: list[CatalogueProduct]


class Catalogue(Endpoint):
    """What may be named."""

    required_scopes = {"GET": "orders:read"}

    @extend_schema(
        operation_id="get_catalogue",
        summary="Products, sites, flows and stage codes",
        responses={200: CatalogueBody} | NOT_YOURS,
        examples=examples.CATALOGUE,
    )
    def get(self, request: Request) -> Response:
        """Your sites and every plant, every product that can be ordered, its current flows and their stages."""
        return Response(CatalogueBody(_sites(request.auth.site_ids), _products()))


def _sites(own: Iterable[UUID]) -> list[CatalogueSite]:
    mine = frozenset(own)
    found = Site.objects.filter(Q(pk__in=mine) | Q(kind=SiteKind.PLANT), is_active=True).order_by("code")
    return [CatalogueSite(site.code, site.name, site.kind, site.time_zone, site.pk in mine) for site in found]


def _products() -> list[CatalogueProduct]:
    """Three queries, however many there are."""
    flows = Flow.objects.filter(is_current=True, product__is_active=True).order_by("code").prefetch_related("stages")
    by_product: dict[object, list[CatalogueFlow]] = {}
    for flow in flows:
        by_product.setdefault(flow.product_id, []).append(_flow(flow))
    products = Product.objects.filter(pk__in=by_product).order_by("code")
    return [CatalogueProduct(product.code, product.name, by_product[product.pk]) for product in products]


def _flow(flow: Flow) -> CatalogueFlow:
    stages = [_stage(stage) for stage in sorted(flow.stages.all(), key=lambda stage: stage.position)]
    return CatalogueFlow(flow.code, flow.name, flow.version, flow.is_default, flow.restart_stage, stages)


def _stage(stage: Stage) -> CatalogueStage:
    return CatalogueStage(
        code=stage.code,
        name=stage.name,
        kind=stage.kind,
        place=stage.place,
        direction=stage.direction or None,
        after=list(stage.after),
        planned_hours=stage.planned_hours,
        worst_hours=stage.worst_hours,
        longest_wait_hours=stage.longest_wait_hours,
        pool=stage.pool,
        may_end_after_release=stage.may_end_after_release,
        report_scope=OF_STAGES[stage.kind],
    )
