"""`GET /api/v1/lanes/`: the usual ways of couriers to and from one's sites."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import django_filters
import msgspec
from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request

from supplychain.rest.documentation import OF_A_LIST
from supplychain.rest.endpoints import ListEndpoint
from supplychain.transport.models import Lane

EXAMPLE = OpenApiExample(
    "From the plant",
    value={
        "id": "019c8f70-11d2-7f6a-8a37-90b1c2d3e4f5", "from_site": "leiden", "to_site": "oslo",
        "courier": "Nord Express", "usual_hours": 20.0, "customs_hours": 4.0, "cut_offs": ["09:00", "16:30"],
        "time_zone": "Europe/Amsterdam", "is_active": True,
    },
    response_only=True,
)  # fmt: skip


class UsualWay(msgspec.Struct):
    """A lane. `courier` empty: whichever courier has no lane of its own there; `cut_offs`: times of the day in
    `time_zone`, which is that of the origin; `is_active` false: it is not counted by."""

    id: UUID
    from_site: str
    to_site: str
    courier: str
    usual_hours: float
    customs_hours: float
    cut_offs: list[str]
    time_zone: str
    is_active: bool


class LaneFilter(django_filters.FilterSet):
    """Whose lanes, and between which sites."""

    from_site = django_filters.CharFilter("from_site__code", help_text="Code of the site where it begins.")
    to_site = django_filters.CharFilter("to_site__code", help_text="Code of the site where it ends.")
    courier = django_filters.CharFilter(
        "courier", "iexact", help_text="Name of the courier, in small letters or capitals."
    )

    class Meta:
        model = Lane
        fields: tuple[str, ...] = ()


class Lanes(ListEndpoint):
    """The lanes to and from one's sites."""

    required_scopes = {"GET": "orders:read"}
    queryset = Lane.objects.all()
    filterset_class = LaneFilter
    order_by = ("id",)
    columns = (
        "id", "from_site__code", "to_site__code", "courier", "usual_hours", "customs_hours", "cut_offs",
        "from_site__time_zone", "is_active",
    )  # fmt: skip

    @extend_schema(
        operation_id="list_lanes",
        summary="Usual ways of couriers between sites",
        responses={200: UsualWay} | OF_A_LIST,
        examples=[EXAMPLE],
    )
    def get(self, request: Request) -> Any:
        """In the order in which they were added: those that begin or end at your sites. An awaited shipment without a
        planned delivery is expected by its lane: pickup, usual hours and hours at customs."""
        return super().get(request)

    def visible(self) -> QuerySet:
        """Those that begin or end at one's sites."""
        mine = list(self.request.auth.site_ids)
        return Lane.objects.filter(Q(from_site__in=mine) | Q(to_site__in=mine))

    def bodies(self, rows: Sequence[tuple]) -> list[Any]:
        """One lane a row."""
        return [UsualWay(*row[:6], [f"{one:%H:%M}" for one in row[6]], *row[7:]) for row in rows]
