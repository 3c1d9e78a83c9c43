"""`/api/v1/flags/`: what is at risk. What people do with a flag: handling.py."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from batches.flags.api import examples
from batches.flags.api.bodies import FlagDetail, FlagSummary
from batches.flags.api.filters import FlagFilter
from batches.flags.api.reads import FLAG_COLUMNS, flag_body, flag_flips, visible_flags
from batches.flags.models import Flag
from batches.flags.queries.flags import URGENT_FIRST
from supplychain.orders.actions.events import Reporter
from supplychain.rest.documentation import OF_A_LIST, OF_ONE
from supplychain.rest.endpoints import Endpoint, ListEndpoint


class Flags(ListEndpoint):
    """Flags of your sites' orders, the worst harm first, of one class what is critical, then what is due."""

    required_scopes = {"GET": "flags:read"}
    queryset = Flag.objects.all()
    filterset_class = FlagFilter
    order_by = URGENT_FIRST
    columns = FLAG_COLUMNS

    def visible(self) -> QuerySet:
        """Flags of orders of the sites of the one who asks."""
        return visible_flags(self.request.auth.site_ids)

    def bodies(self, rows: Sequence[tuple]) -> list[FlagSummary]:
        """Flags with the slack that is left now."""
        now = timezone.now()
        return [flag_body(row, now=now) for row in rows]

    @extend_schema(
        operation_id="list_flags",
        summary="Flags, the most pressing first",
        responses={200: FlagSummary} | OF_A_LIST,
        examples=examples.FLAG_ROWS,
    )
    def get(self, request: Request) -> Response:
        """Raised flags of the orders in which one of your sites takes part (`raised=false`: the cleared ones)."""
        return super().get(request)


class OneFlag(Endpoint):
    """One flag."""

    required_scopes = {"GET": "flags:read"}

    @extend_schema(
        operation_id="get_flag",
        summary="One flag",
        responses={200: FlagDetail} | OF_ONE,
        examples=examples.FLAG_DETAILS,
    )
    def get(self, request: Request, flag_id: UUID) -> Response:
        """What is wrong, why, what to do next, and every change of the flag since it was first raised."""
        return Response(flag_detail(request.auth, flag_id))


def flag_detail(by: Reporter, flag_id: UUID) -> FlagDetail:
    """The flag with its history. Raises Http404 where it does not exist for the one who asks."""
    row = visible_flags(by.site_ids).filter(pk=flag_id).values_list(*FLAG_COLUMNS).first()
    if row is None:
        raise Http404
    flag = flag_body(row, now=timezone.now())
    return FlagDetail(**msgspec.structs.asdict(flag), changes=flag_flips(flag_id))
