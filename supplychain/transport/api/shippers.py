"""`GET /api/v1/shippers/`: the containers of one's sites, and for what they are qualified."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import django_filters
import msgspec
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request

from supplychain.rest.documentation import OF_A_LIST
from supplychain.rest.endpoints import ListEndpoint
from supplychain.transport.models import Shipper

EXAMPLE = OpenApiExample(
    "A dry shipper",
    value={
        "id": "019c8f70-11d2-7f6a-8a37-90b1c2d3e4f6", "number": "DS-0412", "model": "Dry shipper 10 l",
        "site": "leiden", "courier": "", "coldest": None, "warmest": -150.0, "hold_hours": 240.0,
        "qualified_until": "2027-06-30", "qualification_record": "QR-2026-118", "qualification_note": "",
        "time_zone": "Europe/Amsterdam", "is_retired": False,
    },
    response_only=True,
)  # fmt: skip


class QualifiedShipper(msgspec.Struct):
    """A shipper. `courier`: whose it is, empty: its site's; `coldest`, `warmest`: the range for which it is qualified
    (°C), null: no end; `hold_hours`: for how long after packing; `qualified_until`: the last day on which it may be
    packed, in `time_zone`."""

    id: UUID
    number: str
    model: str
    site: str
    courier: str
    coldest: float | None
    warmest: float | None
    hold_hours: float
    qualified_until: date
    qualification_record: str
    qualification_note: str
    time_zone: str
    is_retired: bool


class ShipperFilter(django_filters.FilterSet):
    """Which shippers, and whose."""

    number = django_filters.CharFilter("number", "iexact", help_text="Its number, in small letters or capitals.")
    site = django_filters.CharFilter("site__code", help_text="Code of the site that answers for it.")

    class Meta:
        model = Shipper
        fields: tuple[str, ...] = ()


class Shippers(ListEndpoint):
    """The shippers of one's sites."""

    required_scopes = {"GET": "orders:read"}
    queryset = Shipper.objects.all()
    filterset_class = ShipperFilter
    order_by = ("id",)
    columns = (
        "id", "number", "model", "site__code", "courier", "coldest", "warmest", "hold_hours", "qualified_until",
        "qualification_record", "qualification_note", "site__time_zone", "is_retired",
    )  # fmt: skip

    @extend_schema(
        operation_id="list_shippers",
        summary="Shippers and their qualification",
        responses={200: QualifiedShipper} | OF_A_LIST,
        examples=[EXAMPLE],
    )
    def get(self, request: Request) -> Any:
        """In the order in which they were added: those for which your sites answer, retired ones too."""
        return super().get(request)

    def visible(self) -> QuerySet:
        """Those of one's sites."""
        return Shipper.objects.filter(site__in=list(self.request.auth.site_ids))

    def bodies(self, rows: Sequence[tuple]) -> list[Any]:
        """One shipper a row."""
        return [QualifiedShipper(*row) for row in rows]
