"""`/api/v1/pools/`: how every pool keeps up."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from batches.capacity.models import Pool
from batches.lines.api import examples
from batches.lines.api.filters import PoolFilter
from batches.lines.models import BottleneckPeriod
from batches.lines.rules.pools import foreseen_wait
from batches.lines.statuses import PoolCondition
from supplychain.orders.rules.placing import Moment
from supplychain.rest.documentation import OF_A_LIST
from supplychain.rest.endpoints import ListEndpoint
from supplychain.rest.moments import hours_until


class PoolBody(msgspec.Struct):
    """How a pool kept up over the window that ended at `reviewed_at`; empty numbers: not reviewed yet.
    With `failing_since` no review has succeeded since then: the numbers are of before, whatever `reviewed_at` says.

    `arrivals`, `completions` and `median_wait_hours` are of the window, `busy` and `queue` of its end;
    `pressed_share` (0–1) is how much of it the pool was full with somebody waiting. `expected_wait_hours` null of a
    pool that was reviewed: it has no place, and no date is set for one.
    """

    id: UUID
    site: str
    code: str
    name: str
    is_bottleneck: bool
    condition: PoolCondition | None
    capacity: int | None
    busy: int | None
    queue: int | None
    arrivals: int | None
    completions: int | None
    oldest_ready_at: Moment | None
    oldest_wait_hours: float | None
    median_wait_hours: float | None
    service_hours: float | None
    pressed_share: float | None
    expected_wait_hours: float | None
    window_hours: float | None
    reviewed_at: Moment | None
    failing_since: Moment | None


class Pools(ListEndpoint):
    """Pools of your sites, by site and code."""

    required_scopes = {"GET": "capacity:read"}
    queryset = Pool.objects.all()
    filterset_class = PoolFilter
    order_by = ("site_id", "code")
    columns = (
        "id", "site__code", "code", "name", "is_bottleneck", "state__condition", "state__capacity", "state__busy",
        "state__queue", "state__arrivals", "state__completions", "state__oldest_ready_at", "state__median_wait_hours",
        "state__service_hours", "state__pressed_share", "state__expected_wait_hours", "state__window_hours",
        "state__reviewed_at", "state__failing_since", "site_id",
    )  # fmt: skip

    def visible(self) -> QuerySet:
        """Pools of the sites of the one who asks."""
        going_on = BottleneckPeriod.objects.filter(pool=OuterRef("pk"), ended_at=None)
        return Pool.objects.filter(site__in=self.request.auth.site_ids).annotate(is_bottleneck=Exists(going_on))

    def bodies(self, rows: Sequence[tuple]) -> list[PoolBody]:
        """Pools with how long the oldest has waited up to now."""
        now = timezone.now()
        return [
            PoolBody(*row[:12], _waited(row[11], now), *row[12:15], foreseen_wait(row[6], row[15]), *row[16:19])
            for row in rows
        ]

    @extend_schema(
        operation_id="list_pools",
        summary="Pools and how they keep up",
        responses={200: PoolBody} | OF_A_LIST,
        examples=examples.POOL_ROWS,
    )
    def get(self, request: Request) -> Response:
        """Capacity, load, queue, waits and state of every pool of your sites."""
        return super().get(request)


def _waited(since: datetime | None, now: datetime) -> float | None:
    hours = hours_until(since, now)
    return -hours if hours is not None else None
