"""`/api/v1/orders/<id>/readings/`: systems send what loggers measured, and read it."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import django_filters
import msgspec
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response

from supplychain.conditions.actions.receiving import MOST_READINGS, ReadingReport, receive_readings
from supplychain.conditions.api import examples
from supplychain.conditions.models import LoggerReading
from supplychain.conditions.queries import differing_of
from supplychain.conditions.rules.names import logger_name
from supplychain.conditions.statuses import ReadingOutcome
from supplychain.orders.models import PatientOrder
from supplychain.orders.rules.placing import Moment
from supplychain.rest.documentation import OF_A_BODY, OF_A_LIST, OF_ONE, Shape
from supplychain.rest.endpoints import ListEndpoint, json_response
from supplychain.rest.filters import MomentFilter, stage_filter


class ReadingOutcomeBody(msgspec.Struct, omit_defaults=True):
    """What became of one reading. `reason`, `errors`: why it was not taken, as a whole and by field."""

    outcome: ReadingOutcome
    reason: str = ""
    errors: dict[str, list[str]] = {}


class ReadingOutcomes(msgspec.Struct):
    """One outcome a row, in the order of the rows."""

    results: list[ReadingOutcomeBody]


class StoredReading(msgspec.Struct):
    """One temperature in °C. `stage`, `attempt`: of the shipment; `received_at`: when we heard of it."""

    stage: str
    attempt: int
    logger: str
    read_at: Moment
    temperature: Annotated[float, Meta(description="°C")]
    received_at: Moment
    file: Annotated[str, Meta(description="Name of the file it stood in; empty: sent here.")]
    others: Annotated[
        list[float], Meta(description="Other temperatures in °C that came for this moment; the worst of all counts.")
    ] = []


class ReadingFilter(django_filters.FilterSet):
    """Which of an order's readings."""

    stage = stage_filter("shipment__stage_run__stage__code")
    logger = django_filters.CharFilter(method="of_logger", help_text="Serial number of the logger.")
    read_after = MomentFilter("read_at", "gt", help_text="Read later than this.")
    read_before = MomentFilter("read_at", "lt", help_text="Read earlier than this.")

    class Meta:
        model = LoggerReading
        fields: tuple[str, ...] = ()

    def of_logger(self, rows: QuerySet, _: str, value: str) -> QuerySet:
        """Those of one logger, whichever capitals are used."""
        return rows.filter(logger=logger_name(value))


class OrderReadings(ListEndpoint):
    """What the loggers of an order's shipments measured, as it was read."""

    required_scopes = {"GET": "orders:read", "POST": "events:write"}
    queryset = LoggerReading.objects.all()
    filterset_class = ReadingFilter
    order_by = ("read_at", "logger", "shipment_id")
    columns = (
        "shipment__stage_run__stage__code", "shipment__stage_run__attempt", "logger", "read_at", "temperature",
        "delivery__received_at", "delivery__file_name", "shipment_id",
    )  # fmt: skip
    most_body_bytes = MOST_READINGS * 400
    most_rows = MOST_READINGS

    @extend_schema(
        operation_id="list_readings",
        summary="The readings of an order's shipments",
        responses={200: StoredReading} | OF_A_LIST | OF_ONE,
        examples=examples.READING_ROWS,
    )
    def get(self, request: Request, order_id: UUID) -> Response:
        """Every reading, oldest first; `condition/` has them in few points, with what follows from them."""
        self.order = _order(request, order_id)
        return super().get(request)

    @extend_schema(
        operation_id="send_readings",
        summary="Send up to 5,000 readings of loggers",
        description=examples.SEND_READINGS,
        request={"application/json": Shape("ReadingReports", ReadingReport, list[ReadingReport])},
        responses={
            200: OpenApiResponse(ReadingOutcomes, "One result a row; bad rows cost no good one.", examples.OUTCOMES),
            **OF_A_BODY,
            **OF_ONE,
        },
        examples=examples.READINGS,
    )
    def post(self, request: Request, order_id: UUID) -> HttpResponse:
        """Store and judge one reading (an object) or many (a list); sending the same again changes nothing."""
        body = request.data if isinstance(request.data, list) else [request.data]
        results = receive_readings(_order(request, order_id), body, by=request.auth, now=timezone.now())
        return json_response(ReadingOutcomes([_outcome(result) for result in results]))

    def visible(self) -> QuerySet:
        """The readings of the order in the address."""
        return LoggerReading.objects.filter(shipment__stage_run__order=self.kwargs["order_id"])

    def bodies(self, rows: Sequence[tuple]) -> list[StoredReading]:
        """One reading a row."""
        others = differing_of([(row[7], row[2], row[3]) for row in rows])
        return [StoredReading(*row[:4], float(row[4]), row[5], row[6], others[row[7], row[2], row[3]]) for row in rows]


def _order(request: Request, order_id: UUID) -> PatientOrder:
    """The order, if one of the sender's sites takes part in it; else 404."""
    return get_object_or_404(PatientOrder.objects.of_sites(request.auth.site_ids), pk=order_id)


def _outcome(result: Any) -> ReadingOutcomeBody:
    errors = {name: [text] for name, text in (result.errors or {}).items()}
    return ReadingOutcomeBody(result.outcome, result.reason, errors)
