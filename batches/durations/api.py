"""`/api/v1/durations/`: how long stages take and how they end, as learned from the past."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import django_filters
import msgspec
from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from batches.durations.models import LearnedDuration
from supplychain.orders.rules.placing import Moment
from supplychain.rest.documentation import OF_A_LIST
from supplychain.rest.endpoints import ListEndpoint
from supplychain.rest.filters import YesNoFilter, product_filter, stage_filter
from supplychain.sites.models import Site

EXAMPLE = {
    "id": "019c9a10-0000-7abc-8def-001122334455",
    "product": "cd19-a",
    "site": "leiden",
    "stage": "expansion",
    "resource": "",
    "planned_hours": 168.0,
    "median_hours": 149.2,
    "p90_hours": 216.5,
    "completed": 56,
    "failed": 3,
    "withdrawn": 0,
    "censored": 5,
    "own_weight": 0.8485,
    "failed_share": 0.0409,
    "failed_low": 0.0167,
    "failed_high": 0.0967,
    "withdrawn_share": 0.0006,
    "is_drifting": False,
    "drift": {
        "newer": 30, "older": 54, "newer_median_hours": 150.1, "older_median_hours": 147.1, "shift": 0.020103,
        "larger": 0.509877, "z": 0.144696, "evidence": 31.204418,
    },
    "quantiles": [76.0, 83.1, 149.2, 201.7, 371.2],
    "refreshed_at": "2026-03-02T02:30:00Z",
}  # fmt: skip
EXAMPLES = [OpenApiExample("A stage of a site (the curve shortened)", value=EXAMPLE, response_only=True,
                           status_codes=["200"])]  # fmt: skip


class DurationBody(msgspec.Struct):
    """A stage of a product; `site` empty: over all sites, `resource` empty: over all of the site.

    `quantiles` are 129 hours: the distribution of work time at 0, 1/128 … 1 if the run is completed. Shares and weights
    are 0–1. `drift` is empty with too few runs; `evidence` is of a sequential test, sure from 10,000 on (at most one
    false alarm in so many completed runs).
    """

    id: UUID
    product: str
    site: str | None
    stage: str
    resource: str
    planned_hours: float
    median_hours: float
    p90_hours: float
    completed: int
    failed: int
    withdrawn: int
    censored: int
    own_weight: float
    failed_share: float
    failed_low: float
    failed_high: float
    withdrawn_share: float
    is_drifting: bool
    drift: dict[str, float]
    quantiles: list[float]
    refreshed_at: Moment


class DurationFilter(django_filters.FilterSet):
    """Which durations; without `resources` only those of whole sites."""

    product = product_filter("product__code")
    site = django_filters.CharFilter("site__code", help_text="Code of the site.")
    stage = stage_filter()
    drifting = YesNoFilter(method="filter_drifting", help_text="Whether the newest runs take another time.")
    resources = YesNoFilter(method="filter_resources", help_text="`true`: each resource by itself.")

    class Meta:
        model = LearnedDuration
        fields: tuple[str, ...] = ()

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """Whole sites unless asked otherwise."""
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data["resources"] else rows.filter(resource="")

    def filter_drifting(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """Those that drift, or the others."""
        return rows.filter(is_drifting=value == "true")

    def filter_resources(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """Each resource by itself, or whole sites."""
        return rows.exclude(resource="") if value == "true" else rows.filter(resource="")


class Durations(ListEndpoint):
    """Learned durations of your sites, by product, stage and site."""

    required_scopes = {"GET": "capacity:read"}
    queryset = LearnedDuration.objects.all()
    filterset_class = DurationFilter
    order_by = ("product_id", "stage", "site_id", "resource")
    columns = (
        "id", "product__code", "site__code", "stage", "resource", "planned_hours", "median_hours", "p90_hours",
        "completed", "failed", "withdrawn", "censored", "own_weight", "failed_share", "failed_low", "failed_high",
        "withdrawn_share", "is_drifting", "drift", "quantiles", "refreshed_at", "product_id", "site_id",
    )  # fmt: skip

    def visible(self) -> QuerySet:
        """Those of the sites of the one who asks; over all sites for who has every site."""
        mine = self.request.auth.site_ids
        condition = Q(site__in=mine)
        if not Site.objects.exclude(pk__in=mine).exists():
            condition |= Q(site=None)
        return LearnedDuration.objects.filter(condition)

    def bodies(self, rows: Sequence[tuple]) -> list[Any]:
        """Durations as they are stored."""
        return [DurationBody(*row[:21]) for row in rows]

    @extend_schema(
        operation_id="list_durations",
        summary="Learned durations of stages",
        responses={200: DurationBody} | OF_A_LIST,
        examples=EXAMPLES,
    )
    def get(self, request: Request) -> Response:
        """How long each stage takes at your sites, how often it fails, and whether it drifts."""
        return super().get(request)
