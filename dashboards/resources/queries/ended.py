"""One suite, shipper or courier, and the attempts of ended orders that had to do with it, the newest first.

Each reading follows an index and ends with the last row of its part: years of ended orders cost nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet
from django.http import QueryDict

from batches.capacity.models import Suite
from batches.manufacturing.models import Batch
from dashboards.resources.statuses import ResourceKind
from supplychain.flows.statuses import StageKind
from supplychain.orders.models import StageRun
from supplychain.orders.statuses import OPEN_ORDER_STATUSES, OrderStatus
from supplychain.pages.viewers import Viewer, of_orders
from supplychain.sites.models import Site
from supplychain.transport.models import Shipment

LONGEST = 80
ENDED = [status.value for status in OrderStatus if status not in OPEN_ORDER_STATUSES]
BY_RESOURCE = Q(stage__kind=StageKind.TRANSPORT)

# When it was there (None: nobody said), order, attempt.
Attempt = tuple[datetime | None, UUID, int]


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing: its name as reports give it, and for a place the code of the site where that name means it."""

    kind: ResourceKind
    name: str
    site: str

    @classmethod
    def read(cls, kind: str, given: QueryDict) -> Self | None:
        """What an address asks for; None where it names nothing."""
        name, site = (given.get(field, "").strip()[:LONGEST].replace("\0", "") for field in ("name", "site"))
        if kind not in list(ResourceKind) or not name or (kind == ResourceKind.PLACE and not site):
            return None
        return cls(ResourceKind(kind), name, site if kind == ResourceKind.PLACE else "")


def batches_in(resource: Resource) -> QuerySet[Batch]:
    """What was made in this suite."""
    return Batch.objects.filter(suite__code__iexact=resource.name, plant__code=resource.site)


def ended_attempts(resource: Resource, viewer: Viewer, first: int, most: int) -> tuple[set[tuple[UUID, int]], bool]:
    """The attempts of the person's ended orders that had to do with it: of the `most` newest mentions after the `first`
    ones, without those mentioned before; and whether there are older ones."""
    found = {row for rows in _mentions(resource, viewer, first + most + 1) for row in rows}
    newest = sorted(found, key=lambda row: (row[0] is not None, row[0], row[1:]), reverse=True)
    before, chosen = ({row[1:] for row in part} for part in (newest[:first], newest[first : first + most]))
    return chosen - before, len(newest) > first + most


def _mentions(resource: Resource, viewer: Viewer, last: int) -> Iterator[list[Attempt]]:
    """The newest `last` of each way to name it."""
    match resource.kind:
        case ResourceKind.SHIPPER:
            yield _shipments(viewer, last, shipper_number__iexact=resource.name)
        case ResourceKind.COURIER:
            yield _shipments(viewer, last, courier__iexact=resource.name)
            yield _runs_by_resource(resource, viewer, last)
        case ResourceKind.PLACE:
            yield _runs_by_resource(resource, viewer, last)
            suites = Suite.objects.filter(code__iexact=resource.name)
            batches = of_orders(batches_in(resource), viewer.orders())
            yield _of_each(suites, batches.filter(suite=OuterRef("pk")), last)


def _shipments(viewer: Viewer, last: int, **named: str) -> list[Attempt]:
    rows = of_orders(
        Shipment.objects.filter(stage_run__withdrawn_at=None, **named), viewer.orders(), "stage_run__order"
    )
    ended = rows.exclude(**{next(iter(named)).removesuffix("__iexact"): ""}).filter(stage_run__order__status__in=ENDED)
    columns = ("picked_up_at", "stage_run__order_id", "stage_run__attempt")
    return list(ended.order_by(*_newest_first(*columns)).values_list(*columns)[:last])


def _runs_by_resource(resource: Resource, viewer: Viewer, last: int) -> list[Attempt]:
    is_place = resource.kind == ResourceKind.PLACE
    sites = Site.objects.filter(code=resource.site) if is_place else Site.objects.all()
    runs = of_orders(StageRun.objects.filter(resource__iexact=resource.name), viewer.orders()).exclude(resource="")
    return _of_each(sites, (runs if is_place else runs.filter(BY_RESOURCE)).filter(site=OuterRef("pk")), last)


def _of_each(places: QuerySet[Any], rows: QuerySet[Any], last: int) -> list[Attempt]:
    """The newest rows of each of these places, as an index of the place has them."""
    columns = ("started_at", "order_id", "attempt")
    ended = rows.filter(order__status__in=ENDED).order_by(*_newest_first(*columns)).values("pk")[:last]
    found = places.order_by().annotate(newest=ArraySubquery(ended)).values_list("newest", flat=True)
    chosen = rows.model.objects.filter(pk__in=[pk for some in found for pk in some])
    return list(chosen.order_by().values_list(*columns))


def _newest_first(moment: str, *rest: str) -> tuple[Any, ...]:
    """As `ended_attempts` sorts them, also of one moment."""
    return F(moment).desc(nulls_last=True), *(F(one).desc() for one in rest)
