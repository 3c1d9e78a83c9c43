"""`/api/v1/trace/`: where a lot or material went, and what an order was made from."""

from collections.abc import Sequence
from functools import cached_property

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from supplychain.materials.api import examples
from supplychain.materials.api.bodies import TraceBody, trace_body
from supplychain.materials.queries import ORDER_COLUMNS, TraceQuestion, trace
from supplychain.orders.models import PatientOrder
from supplychain.rest.documentation import OF_A_LIST
from supplychain.rest.endpoints import ListEndpoint

LONGEST = 64


class TraceFilter(django_filters.FilterSet):
    """What is traced; the orders must fit all that is given."""

    lot = django_filters.CharFilter(max_length=LONGEST, help_text="Number of a lot, in full.", method="leave")
    product = django_filters.CharFilter(max_length=LONGEST, help_text="Of which product, with `lot`.", method="leave")
    material = django_filters.CharFilter(max_length=LONGEST, help_text="Number of a material, in full.", method="leave")
    order = django_filters.CharFilter(
        max_length=LONGEST, help_text="Id or chain of identity of an order.", method="leave"
    )

    class Meta:
        model = PatientOrder
        fields: tuple[str, ...] = ()

    def leave(self, orders: QuerySet, name: str, value: str) -> QuerySet:
        """As they are: what is asked for is one question (TraceQuestion)."""
        return orders


class Trace(ListEndpoint):
    """The orders to which a lot or material leads, each with what of it has to do with it."""

    required_scopes = {"GET": "orders:read"}
    queryset = PatientOrder.objects.all()
    filterset_class = TraceFilter
    order_by = ("-ordered_at", "-id")
    columns = (*ORDER_COLUMNS, "ordered_at")

    @extend_schema(
        operation_id="trace",
        summary="Trace a lot, a material or an order",
        responses={200: TraceBody} | OF_A_LIST,
        examples=examples.TRACES,
    )
    def get(self, request: Request) -> Response:
        """Give `lot`, `material` or `order`: forward to all that was made of it, backward to what it came from."""
        return super().get(request)

    @cached_property
    def question(self) -> TraceQuestion:
        """What is asked for. Raises ValidationError if nothing is."""
        given = {name: self.request.GET.get(name, "").strip() for name in TraceFilter.base_filters}
        question = TraceQuestion(**given)
        if question.is_empty:
            raise ValidationError({"lot": ["Give the number of a lot, or a material or an order."]})
        return question

    def visible(self) -> QuerySet:
        """The orders of your sites to which it leads."""
        return self.question.orders_among(PatientOrder.objects.of_sites(self.request.auth.site_ids))

    def bodies(self, rows: Sequence[tuple]) -> list[TraceBody]:
        """What of each order has to do with it."""
        return [trace_body(one) for one in trace([row[:-1] for row in rows], self.question, timezone.now())]
