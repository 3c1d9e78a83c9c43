"""`/api/v1/orders/`.

The endpoints stand on this floor because an order is shown with its flags, forecast and batches, which the floor
below does not know; placing one is still supplychain's action, called from here.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from batches.orders.api import examples
from batches.orders.api.bodies import NewPromise, OrderDetail, OrderSummary
from batches.orders.api.etags import expected_version, is_known, order_etag
from batches.orders.api.filters import OrderFilter
from batches.orders.api.reads import ORDER_COLUMNS, order_detail, order_summaries
from supplychain.orders.actions.events import Reporter
from supplychain.orders.actions.placing import PlacedOrder, place_orders
from supplychain.orders.actions.promises import OrderChanged, OrderEnded, change_promise
from supplychain.orders.models import PatientOrder
from supplychain.orders.queries.placing import placing_warnings
from supplychain.orders.rules.placing import OrderRefused, OrderRequest
from supplychain.orders.statuses import ReportOutcome
from supplychain.rest.bodies import read_body
from supplychain.rest.documentation import OF_A_BODY, OF_A_LIST, OF_ONE
from supplychain.rest.endpoints import Endpoint, ListEndpoint, json_response
from supplychain.rest.problems import MEDIA_TYPE, Conflict, Problem, Stale, Unprocessable
from supplychain.sentences import said_in
from supplychain.systems.statuses import ReportScope

IF_MATCH = OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, required=True, description="ETag of the order.")
IF_NONE_MATCH = OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER, description="ETag you have already.")
ETAG = OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=[200, 201], description="Version of the order.")


class OrderConflict(Problem, kw_only=True):
    """An order that was not placed. `order`: id of the one that there is already, if it is yours to see."""

    order: UUID | None = None


class Orders(ListEndpoint):
    """Orders in which one of your sites takes part, newest first."""

    required_scopes = {"GET": "orders:read", "POST": "orders:write"}
    queryset = PatientOrder.objects.all()
    filterset_class = OrderFilter
    order_by = ("-ordered_at", "-id")
    columns = ORDER_COLUMNS

    def visible(self) -> QuerySet:
        """Orders of the sites of the one who asks."""
        return PatientOrder.objects.of_sites(self.request.auth.site_ids)

    def bodies(self, rows: Sequence[tuple]) -> list[OrderSummary]:
        """Orders with their raised flags in short."""
        return order_summaries(rows, now=timezone.now())

    @extend_schema(
        operation_id="list_orders",
        summary="Orders, newest first",
        responses={200: OrderSummary} | OF_A_LIST,
        examples=examples.ORDER_ROWS,
    )
    def get(self, request: Request) -> Response:
        """Orders in which one of your sites takes part."""
        return super().get(request)

    @extend_schema(
        operation_id="place_order",
        summary="Place an order",
        parameters=[ETAG],
        request=OrderRequest,
        responses={
            201: OpenApiResponse(OrderDetail, "The order was placed; Location is its address."),
            200: OpenApiResponse(OrderDetail, "This request, by its source_event_id, had placed the order already."),
            **OF_A_BODY,
            (409, MEDIA_TYPE): OpenApiResponse(
                OrderConflict, "A number of it or the event id is taken, or looks like one that is."
            ),
            (422, MEDIA_TYPE): OpenApiResponse(Problem, "The order cannot be placed; see errors, by field."),
        },
        examples=examples.PLACING,
    )
    def post(self, request: Request) -> HttpResponse:
        """Place one order; sites, product and flow by code. Send a source_event_id to be able to repeat it safely."""
        placed = _place(request.data, by=request.auth)
        status = HTTPStatus.CREATED if placed.created else HTTPStatus.OK
        location = request.build_absolute_uri(reverse("api_order", args=[placed.order_id]))
        return _answer(request, placed.order_id, status, {"Location": location}, placing_warnings(placed.order_id))


class Order(Endpoint):
    """One order."""

    required_scopes = {"GET": "orders:read", "PATCH": ReportScope.PROMISE.value}

    @extend_schema(
        operation_id="get_order",
        summary="One order",
        parameters=[IF_NONE_MATCH, ETAG],
        responses={200: OrderDetail, 304: OpenApiResponse(None, "Nothing has changed since you read it.")} | OF_ONE,
        examples=examples.ORDERS,
    )
    def get(self, request: Request, order_id: UUID) -> HttpResponse:
        """Identity, statuses, stage runs of every attempt, custody, batches, raised flags, forecast and slack."""
        return _answer(request, order_id)

    @extend_schema(
        operation_id="promise_order",
        summary="Change the promised date",
        parameters=[IF_MATCH, ETAG],
        request=NewPromise,
        responses={
            200: OrderDetail,
            **OF_ONE,
            **OF_A_BODY,
            (409, MEDIA_TYPE): OpenApiResponse(Problem, "The order has ended."),
            (412, MEDIA_TYPE): OpenApiResponse(Problem, "The order has changed since you read it."),
            (422, MEDIA_TYPE): OpenApiResponse(Problem, "The body cannot be used; see errors, by field."),
            (428, MEDIA_TYPE): OpenApiResponse(Problem, "If-Match is missing."),
        },
        examples=examples.PROMISES,
    )
    def patch(self, request: Request, order_id: UUID) -> HttpResponse:
        """Record a `promised` event, if the order still is as you read it. Every other change is an event, too."""
        version = expected_version(request.META.get("HTTP_IF_MATCH"))
        promise = read_body(request.data, NewPromise)
        _promise(order_id, promise, version, by=request.auth)
        return _answer(request, order_id)


def _place(body: Any, *, by: Reporter) -> PlacedOrder:
    """The order placed for a decoded body. Raises Unprocessable, Conflict."""
    if not isinstance(body, dict):
        raise Unprocessable(detail="Send one JSON object.")
    placed = place_orders([{name: value for name, value in body.items() if value is not None}], by=by)[0]
    if isinstance(placed, PlacedOrder):
        return placed
    raise _refusal(placed, by)


def _refusal(refused: OrderRefused, by: Reporter) -> Unprocessable | Conflict:
    """The refusal as it is answered; the order that there is already is named to whom it is visible."""
    errors = {field: [text] for field, text in refused.errors.items()}
    if not refused.is_conflict:
        return Unprocessable(errors, "The order cannot be placed; see errors.")
    conflict = Conflict("The order was not placed: a number or id of it is taken, or looks like one; see errors.")
    conflict.errors = errors
    if PatientOrder.objects.of_sites(by.site_ids).filter(pk=refused.order_id).exists():
        conflict.more = {"order": str(refused.order_id)}
    return conflict


def _promise(order_id: UUID, promise: NewPromise, version: int | None, *, by: Reporter) -> None:
    try:
        result = change_promise(
            order_id,
            promised_at=promise.promised_at,
            reason=promise.reason,
            expected_version=version,
            by=by,
            now=timezone.now(),
        )
    except PatientOrder.DoesNotExist as error:
        raise Http404 from error
    except OrderChanged as error:
        raise Stale(f"{error} Read it again and decide anew.") from error
    except OrderEnded as error:
        raise Conflict(str(error)) from error
    if result.outcome == ReportOutcome.REJECTED:
        raise Unprocessable(_errors_of_promise(result.errors))


def _errors_of_promise(found: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """What is wrong with a promise, by the fields of its body."""
    fields: dict[str, list[str]] = {}
    for field, texts in found.items():
        name = field.removeprefix("payload.")
        own = name if name in NewPromise.__struct_fields__ else ""
        fields.setdefault(own, []).extend(said_in(text, UTC) for text in texts)
    return fields


def _answer(
    request: Request, order_id: UUID, status: int = HTTPStatus.OK, headers: dict[str, str] | None = None,
    warnings: Sequence[str] = (),
) -> HttpResponse:  # fmt: skip
    """The order with its ETag; 304 to a GET that has it already."""
    detail = order_detail(request.auth.site_ids, order_id, now=timezone.now())
    if detail is None:
        raise Http404
    etag = order_etag(detail)
    if request.method in ("GET", "HEAD") and is_known(etag, request.META.get("HTTP_IF_NONE_MATCH")):
        return HttpResponse(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": etag})
    detail.warnings = list(warnings)
    return json_response(detail, status, {"ETag": etag} | (headers or {}))
