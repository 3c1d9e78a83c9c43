"""`/api/v1/materials/`: bags, vials and cassettes of your sites' orders."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from supplychain.identifiers.rules.characters import lookup_key
from supplychain.materials.api import examples
from supplychain.materials.api.bodies import MaterialBody
from supplychain.materials.models import LotUse, Material, MaterialParent
from supplychain.materials.queries import doubts_by_material
from supplychain.orders.models import takes_part_in
from supplychain.orders.statuses import MaterialKind, MaterialStatus
from supplychain.rest.documentation import OF_A_LIST
from supplychain.rest.endpoints import ListEndpoint


class MaterialFilter(django_filters.FilterSet):
    """Which materials."""

    order = django_filters.UUIDFilter("order_id", help_text="Id of their order.")
    number = django_filters.CharFilter(method="filter_number", help_text="Their number, in full.")
    kind = django_filters.MultipleChoiceFilter(choices=MaterialKind.choices)
    status = django_filters.MultipleChoiceFilter(choices=MaterialStatus.choices)
    lot = django_filters.CharFilter(method="filter_lot", help_text="Number of a lot that went straight into them.")

    class Meta:
        model = Material
        fields: tuple[str, ...] = ()

    def filter_number(self, materials: QuerySet, name: str, value: str) -> QuerySet:
        """Those of this number."""
        return materials.filter(key=lookup_key(value))

    def filter_lot(self, materials: QuerySet, name: str, value: str) -> QuerySet:
        """Those into which a lot of this number went."""
        return materials.filter(pk__in=LotUse.objects.filter(lot__key=lookup_key(value)).values("material"))


class Materials(ListEndpoint):
    """Materials of your sites' orders."""

    required_scopes = {"GET": "orders:read"}
    queryset = Material.objects.all()
    filterset_class = MaterialFilter
    order_by = ("order", "key")
    columns = (
        "order", "order__coi", "number", "kind", "component", "stage", "storage", "volume_ml", "cells", "expires_at",
        "made_at", "status", "status_at", "status_reason", "order__status", "id", "key",
    )  # fmt: skip

    @extend_schema(
        operation_id="list_materials",
        summary="Materials",
        responses={200: MaterialBody} | OF_A_LIST,
        examples=examples.MATERIALS,
    )
    def get(self, request: Request) -> Response:
        """The materials of the orders in which one of your sites takes part, order by order."""
        return super().get(request)

    def visible(self) -> QuerySet:
        """Materials of your sites' orders."""
        return Material.objects.filter(takes_part_in(self.request.auth.site_ids, "order__"))

    def bodies(self, rows: Sequence[tuple]) -> list[MaterialBody]:
        """Each with what of it does not fit, as its trace says, and the numbers of what it came from."""
        doubts = doubts_by_material({row[0]: row[-3] for row in rows})
        parents: dict[UUID, list[str]] = defaultdict(list)
        links = MaterialParent.objects.filter(child__in=[row[-2] for row in rows]).order_by("parent__key")
        for child, number in links.values_list("child_id", "parent__number"):
            parents[child].append(number)
        return [MaterialBody(*row[:-3], list(doubts.get(str(row[-2]), ())), parents[row[-2]]) for row in rows]
