"""`/api/v1/predictions/`: everything that the forecast ever said of an order, and what came of it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import django_filters
import msgspec
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from batches.forecasts.models import Prediction
from supplychain.orders.models import PatientOrder
from supplychain.orders.rules.placing import Moment
from supplychain.rest.documentation import OF_A_LIST
from supplychain.rest.endpoints import ListEndpoint


class PredictionBody(msgspec.Struct):
    """What was said of an order from `made_at` until `superseded_at` (empty: it stands); probabilities 0–1.

    `ready_low` to `ready_high` is the 80 % interval; past errors moved its ends outward by `widened_low_hours` and
    `widened_high_hours`. `late`: P(ready after `promised_at`) if a dose comes, of the same corrected dates (0.1 or more
    where `ready_high` is after the promise); `late_simulated`: as simulated. What came is written once:
    `missed_promise` (no dose was ready by the promise) and `was_late` (the same; empty where the order was withdrawn by
    then) when the promise has passed, the others when the order has ended.
    """

    id: UUID
    order: UUID
    line: str
    made_at: Moment
    superseded_at: Moment | None
    model: str
    paths: int
    promised_at: Moment | None
    ready_low: Moment | None
    ready_median: Moment | None
    ready_high: Moment | None
    widened_low_hours: float
    widened_high_hours: float
    infused_median: Moment | None
    late: float | None
    late_simulated: float | None
    wait_expires: float
    no_dose: float
    baseline_ready_at: Moment | None
    evidence: Any
    was_ready_at: Moment | None
    missed_promise: bool | None
    was_late: bool | None
    wait_expired: bool | None
    had_no_dose: bool | None
    promise_scored_at: Moment | None
    scored_at: Moment | None


class PredictionFilter(django_filters.FilterSet):
    """Of which order."""

    order = django_filters.UUIDFilter("order_id", required=True, help_text="Id of the order.")

    class Meta:
        model = Prediction
        fields: tuple[str, ...] = ()


EXAMPLE = {
    "id": "019c9a10-1111-7abc-8def-001122334455", "order": "019c8f6e-4a51-7cc3-9b42-2d1f6f0a7e11", "line": "leiden",
    "made_at": "2026-03-02T08:30:03Z", "superseded_at": "2026-03-02T14:12:40Z", "model": "mc-1", "paths": 500,
    "promised_at": "2026-03-30T08:00:00Z", "ready_low": "2026-03-27T04:00:00Z", "ready_median": "2026-03-29T11:00:00Z",
    "ready_high": "2026-04-02T20:00:00Z", "widened_low_hours": 0.0, "widened_high_hours": 7.5,
    "infused_median": "2026-03-30T10:00:00Z",
    "late": 0.42, "late_simulated": 0.42, "wait_expires": 0.03, "no_dose": 0.06,
    "baseline_ready_at": "2026-03-31T02:00:00Z",
    "evidence": {}, "was_ready_at": "2026-03-30T21:00:00Z", "missed_promise": True, "was_late": True,
    "wait_expired": False, "had_no_dose": False, "promise_scored_at": "2026-03-31T08:00:00Z",
    "scored_at": "2026-04-02T06:05:00Z",
}  # fmt: skip


# The interface says `late` of a probability of being late; its fields keep their names.
COLUMNS = {
    "order": "order_id", "line": "line__code", "late": "p_late", "late_simulated": "p_late_simulated",
    "wait_expires": "p_wait_expires",
    "no_dose": "p_no_dose",
}  # fmt: skip


class Predictions(ListEndpoint):
    """What was said of an order of your sites, newest first."""

    required_scopes = {"GET": "flags:read"}
    queryset = Prediction.objects.all()
    filterset_class = PredictionFilter
    order_by = ("-made_at", "id")
    columns = tuple(COLUMNS.get(name, name) for name in PredictionBody.__struct_fields__)

    def visible(self) -> QuerySet:
        """Predictions of the orders in which one of these sites takes part."""
        return Prediction.objects.filter(order__in=PatientOrder.objects.of_sites(self.request.auth.site_ids))

    def bodies(self, rows: Sequence[tuple]) -> list[PredictionBody]:
        """As they were said."""
        return [PredictionBody(*row) for row in rows]

    @extend_schema(
        operation_id="list_predictions",
        summary="What was said of an order",
        responses={200: PredictionBody} | OF_A_LIST,
        examples=[OpenApiExample("A prediction", value=EXAMPLE, response_only=True, status_codes=["200"])],
    )
    def get(self, request: Request) -> Response:
        """Every prediction of the order, and, once it has ended, what came of it."""
        return super().get(request)
