"""`/api/v1/labels/`: printed labels of your sites' orders."""

from collections.abc import Sequence

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from supplychain.identifiers.rules.characters import lookup_key
from supplychain.labels.api import examples
from supplychain.labels.api.bodies import LabelBody
from supplychain.labels.models import Label
from supplychain.labels.queries import reporters_of
from supplychain.labels.statuses import LabelStatus
from supplychain.orders.models import takes_part_in
from supplychain.rest.documentation import OF_A_LIST
from supplychain.rest.endpoints import ListEndpoint


class LabelFilter(django_filters.FilterSet):
    """Which labels."""

    order = django_filters.UUIDFilter("order_id", help_text="Id of their order.")
    serial = django_filters.CharFilter(method="filter_serial", help_text="Their serial number, in full.")
    number = django_filters.CharFilter(method="filter_number", help_text="Number of their material, in full.")
    status = django_filters.MultipleChoiceFilter(choices=LabelStatus.choices)

    class Meta:
        model = Label
        fields: tuple[str, ...] = ()

    def filter_serial(self, labels: QuerySet, name: str, value: str) -> QuerySet:
        """Those of this serial number."""
        return labels.filter(key=lookup_key(value))

    def filter_number(self, labels: QuerySet, name: str, value: str) -> QuerySet:
        """Those of the material of this number."""
        return labels.filter(number_key=lookup_key(value))


class Labels(ListEndpoint):
    """Labels of your sites' orders."""

    required_scopes = {"GET": "orders:read"}
    queryset = Label.objects.all()
    filterset_class = LabelFilter
    order_by = ("order", "key")
    columns = (
        "order", "order__coi", "serial", "number", "stage", "attempt", "layout", "printer", "replaces", "replaces_why",
        "printed_at", "printed_event", "status", "ended_at", "ended_event", "reason", "doubts", "id", "key",
    )  # fmt: skip

    @extend_schema(
        operation_id="list_labels",
        summary="Printed labels",
        responses={200: LabelBody} | OF_A_LIST,
        examples=examples.LABELS,
    )
    def get(self, request: Request) -> Response:
        """The printed labels of the orders in which one of your sites takes part, order by order, and how each ended.
        They are reported as events of the order (`label_printed`, `label_used`, `label_spoiled`, `label_destroyed`).
        """
        return super().get(request)

    def visible(self) -> QuerySet:
        """Labels of your sites' orders."""
        return Label.objects.filter(takes_part_in(self.request.auth.site_ids, "order__"))

    def bodies(self, rows: Sequence[tuple]) -> list[LabelBody]:
        """Each with who reported it; one query."""
        said_by = reporters_of({event for row in rows for event in (row[11], row[14]) if event})
        return [
            LabelBody(*row[:11], said_by.get(row[11], ""), *row[12:14], said_by.get(row[14], ""), *row[15:17])
            for row in rows
        ]
