"""`/api/v1/bottlenecks/`: which pool holds up each line, now or over a period."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from batches.lines.api import examples
from batches.lines.api.evidence import BottleneckEvidence
from batches.lines.api.filters import BottleneckFilter
from batches.lines.models import BottleneckPeriod
from supplychain.orders.rules.placing import Moment
from supplychain.rest.documentation import OF_A_LIST
from supplychain.rest.endpoints import ListEndpoint


class BottleneckBody(msgspec.Struct):
    """An unbroken time in which one pool was the root bottleneck of a line; `ended_at` empty: it still is."""

    id: UUID
    line: str
    pool: str
    pool_name: str
    started_at: Moment
    ended_at: Moment | None
    why: str
    evidence: BottleneckEvidence
    ended_why: str
    hours: float


class Bottlenecks(ListEndpoint):
    """Bottleneck periods of the plants among your sites, newest first."""

    required_scopes = {"GET": "capacity:read"}
    queryset = BottleneckPeriod.objects.all()
    filterset_class = BottleneckFilter
    order_by = ("-started_at", "id")
    columns = (
        "id", "line__code", "pool__code", "pool__name", "started_at", "ended_at", "why", "evidence", "ended_why",
    )  # fmt: skip

    def visible(self) -> QuerySet:
        """Periods of lines that are sites of the one who asks."""
        return BottleneckPeriod.objects.filter(line__in=self.request.auth.site_ids)

    def bodies(self, rows: Sequence[tuple]) -> list[BottleneckBody]:
        """Periods with their length up to now."""
        now = timezone.now()
        return [BottleneckBody(*row, round(((row[5] or now) - row[4]).total_seconds() / 3600, 2)) for row in rows]

    @extend_schema(
        operation_id="list_bottlenecks",
        summary="Bottlenecks, now or over a period",
        responses={200: BottleneckBody} | OF_A_LIST,
        examples=examples.BOTTLENECK_ROWS,
    )
    def get(self, request: Request) -> Response:
        """The present bottleneck of every line; with `from`, `to` or both every period that overlaps them."""
        return super().get(request)
