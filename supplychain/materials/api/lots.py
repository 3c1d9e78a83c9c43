"""`/api/v1/lots/`: the lots of reagents, vectors and collection kits that were used for your sites' orders."""

from collections.abc import Sequence

import django_filters
from django.db.models import Count, Exists, Max, Min, OuterRef, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from supplychain.identifiers.rules.characters import lookup_key
from supplychain.materials.api import examples
from supplychain.materials.api.bodies import LotBody
from supplychain.materials.models import Lot, LotUse
from supplychain.orders.models import takes_part_in
from supplychain.orders.statuses import LotKind
from supplychain.rest.documentation import OF_A_LIST
from supplychain.rest.endpoints import ListEndpoint


class LotFilter(django_filters.FilterSet):
    """Which lots."""

    number = django_filters.CharFilter(method="filter_number", help_text="Their number, in full.")
    product = django_filters.CharFilter("product", "iexact", help_text="Name of the product, in full.")
    kind = django_filters.MultipleChoiceFilter(choices=LotKind.choices)

    class Meta:
        model = Lot
        fields: tuple[str, ...] = ()

    def filter_number(self, lots: QuerySet, name: str, value: str) -> QuerySet:
        """Those of this number."""
        return lots.filter(key=lookup_key(value))


class Lots(ListEndpoint):
    """Lots of your sites' orders."""

    required_scopes = {"GET": "orders:read"}
    queryset = Lot.objects.all()
    filterset_class = LotFilter
    order_by = ("key", "id")
    columns = ("id", "kind", "product", "number", "key")

    @extend_schema(
        operation_id="list_lots",
        summary="Lots of reagents, vectors and collection kits",
        responses={200: LotBody} | OF_A_LIST,
        examples=examples.LOTS,
    )
    def get(self, request: Request) -> Response:
        """The lots that were used for orders in which one of your sites takes part, by number."""
        return super().get(request)

    def visible(self) -> QuerySet:
        """Lots that were used for your sites' orders."""
        return Lot.objects.filter(Exists(self._uses().filter(lot=OuterRef("pk"))))

    def _uses(self) -> QuerySet:
        return LotUse.objects.filter(takes_part_in(self.request.auth.site_ids, "order__"))

    def bodies(self, rows: Sequence[tuple]) -> list[LotBody]:
        """Each with its uses."""
        said = self._uses().filter(lot__in=[row[0] for row in rows]).order_by().values("lot")
        counted = said.annotate(
            orders=Count("order", distinct=True), first=Min("used_at"), last=Max("used_at"), until=Min("expires_at")
        )
        by_lot = {one["lot"]: one for one in counted}
        return [
            LotBody(*row[:4], used["orders"], used["first"], used["last"], used["until"])
            for row in rows if (used := by_lot.get(row[0]))
        ]  # fmt: skip
