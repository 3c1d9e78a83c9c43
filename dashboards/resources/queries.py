"""Which suites, shippers and couriers there are, and which runs name one of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from django.db.models import Case, Count, F, Q, QuerySet, Value, When
from django.http import QueryDict

from batches.manufacturing.models import Batch
from dashboards.resources.statuses import ResourceKind
from supplychain.flows.statuses import StageKind
from supplychain.orders.models import PatientOrder, PatientOrderQuerySet, StageRun
from supplychain.orders.models.stage_runs import is_counting
from supplychain.orders.rules.standing import is_at_work
from supplychain.orders.statuses import OPEN_ORDER_STATUSES, OrderStatus
from supplychain.pages.viewers import Viewer, of_orders
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind

MOST_NAMES = 500
MOST_ENDED = 5_000
LONGEST = 80


# Who carries cells: as the shipment has it, else as the report of a transport names who did it.
BY_RESOURCE = Q(stage__kind=StageKind.TRANSPORT)
COURIER = Case(
    When(~Q(shipment__courier=""), shipment__isnull=False, then="shipment__courier"),
    When(BY_RESOURCE, then="resource"),
    default=Value(""),
)
NAMES_A_COURIER = BY_RESOURCE & (
    Q(shipment__isnull=True) | Q(shipment__courier="") | Q(shipment__courier__iexact=F("resource"))
)


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


@dataclass(frozen=True, slots=True)
class NamedResource:
    """A thing that open orders have to do with, and how many of them."""

    name: str
    site: str
    site_name: str
    orders: int


@dataclass(frozen=True, slots=True)
class NamedResources:
    """The first MOST_NAMES things of a kind, by name; `is_cut`: there are more."""

    named: list[NamedResource]
    is_cut: bool


def resources_in_use(viewer: Viewer) -> dict[ResourceKind, NamedResources]:
    """What the person's open orders have to do with, by kind and name; three queries, whatever the number of orders."""
    open_runs = of_orders(StageRun.objects.filter(order__status__in=OPEN_ORDER_STATUSES), viewer.orders())
    standing = open_runs.filter(shipment__withdrawn_at=None)
    return {
        ResourceKind.SHIPPER: _named(standing.exclude(shipment__shipper_number=""), "shipment__shipper_number"),
        ResourceKind.COURIER: _named(standing.annotate(courier=COURIER).exclude(courier=""), "courier"),
        ResourceKind.PLACE: _named(open_runs.exclude(resource="").exclude(NAMES_A_COURIER), "resource", by_site=True),
    }


def sites_with_places(viewer: Viewer) -> QuerySet[Site]:
    """Where a place may be asked for: the person's sites and those that take part in their orders."""
    taking_part = StageRun.objects.filter(order__in=viewer.orders().open()).values("site")
    return Site.objects.filter(Q(pk__in=viewer.site_ids) | Q(pk__in=taking_part)).order_by("name")


def site_name(resource: Resource, viewer: Viewer) -> str:
    """The name of the site where a place is, of those where the person may ask for one; else the code as it was asked
    for, empty for what is nowhere."""
    if not resource.site:
        return ""
    named = sites_with_places(viewer).filter(code=resource.site).values_list("name", flat=True)
    return named.first() or resource.site


def _named(runs: QuerySet[StageRun], field: str, *, by_site: bool = False) -> NamedResources:
    sites = ("site__code", "site__name", "site__kind") if by_site else ()
    rows = runs.filter(**{f"{field}__isnull": False}).values(*sites, which=F(field))
    counted = list(rows.annotate(orders=Count("order", distinct=True)).order_by(*sites, "which")[: MOST_NAMES + 1])
    plants_first = sorted(counted[:MOST_NAMES], key=lambda row: row.get("site__kind") != SiteKind.PLANT)
    named = [
        NamedResource(row["which"], row.get("site__code", ""), row.get("site__name", ""), row["orders"])
        for row in plants_first
    ]
    return NamedResources(named, is_cut=len(counted) > MOST_NAMES)


@dataclass(frozen=True, slots=True)
class ResourceRuns:
    """The runs that name it: all of open orders; of ended ones the newest MOST_ENDED, `is_cut` where there are more."""

    of_open: list[StageRun]
    of_ended: list[StageRun]
    is_cut: bool


def runs_of(resource: Resource, viewer: Viewer) -> ResourceRuns:
    """The runs of the person's orders that name it, with order and stage. Of open orders none is ever left out: who
    holds all of them must not miss one, whichever capitals its sender uses."""
    orders = viewer.orders()
    of_open = _runs(resource, orders.open())
    of_ended = _runs(resource, orders.exclude(status__in=OPEN_ORDER_STATUSES), MOST_ENDED + 1)
    return ResourceRuns(of_open, of_ended[:MOST_ENDED], is_cut=len(of_ended) > MOST_ENDED)


def _runs(resource: Resource, orders: PatientOrderQuerySet, most: int | None = None) -> list[StageRun]:
    runs = of_orders(StageRun.objects.filter(_names(resource, orders, most)), orders).annotate(counts=Q(is_counting()))
    related = ("stage", "order__product", "order__ordering_site", "order__plant")
    return list(runs.select_related(*related).order_by(F("started_at").desc(nulls_last=True), "pk")[:most])


def _names(resource: Resource, orders: PatientOrderQuerySet, most: int | None) -> Q:
    match resource.kind:
        case ResourceKind.SHIPPER:
            return Q(shipment__shipper_number__iexact=resource.name, shipment__withdrawn_at=None)
        case ResourceKind.COURIER:
            carried = Q(shipment__courier__iexact=resource.name, shipment__withdrawn_at=None)
            return carried | BY_RESOURCE & Q(resource__iexact=resource.name)
    named = Q(resource__iexact=resource.name, site__code=resource.site)
    return named | Q(pk__in=_runs_of_batches(resource, orders, most))


def _runs_of_batches(resource: Resource, orders: PatientOrderQuerySet, most: int | None) -> list[str]:
    """A report on our screens names the suite once for the whole batch: its manufacturing."""
    batches = Batch.objects.filter(suite__code__iexact=resource.name, plant__code=resource.site)
    attempts = of_orders(batches, orders).order_by("-started_at").values_list("order_id", "attempt")[:most]
    attempt_of = set(attempts)
    made = StageRun.objects.filter(order__in={order for order, _ in attempt_of}, stage__kind=StageKind.MANUFACTURING)
    named = made.filter(started_at__isnull=False, resource="").values_list("pk", "order_id", "attempt")
    return [pk for pk, *attempt in named if tuple(attempt) in attempt_of]


@dataclass(frozen=True, slots=True)
class Use:
    """One attempt of one order that had to do with the thing, from its first stage there to its last.

    `counts`: its patient still waits, and for what was there: a later attempt is made of the earlier runs that still
    count; `is_at_work`: it is there now; `is_to_come`: it has yet to get there, as planned or reported; `ended_at`
    None: as long as it is there, or nobody reported the end.
    """

    order: PatientOrder
    attempt: int
    stages: tuple[str, ...]
    started_at: datetime | None
    ended_at: datetime | None
    is_at_work: bool
    is_to_come: bool
    counts: bool

    @property
    def may_be_held(self) -> bool:
        """Whether a hold changes anything: it counts, and its order is not on hold yet."""
        return self.counts and self.order.status != OrderStatus.ON_HOLD

    @property
    def words(self) -> str:
        """Whether it is there: empty for one that ended."""
        if self.is_at_work:
            return "in it now"
        if self.is_to_come:
            return "still to come"
        return "" if self.ended_at else "end not reported"


def uses_of(runs: Iterable[StageRun], now: datetime) -> list[Use]:
    """The runs by order and attempt; first those whose patients still wait, in each part the newest first."""
    by_attempt: dict[tuple[UUID, int], list[StageRun]] = {}
    for run in runs:
        by_attempt.setdefault((run.order_id, run.attempt), []).append(run)
    uses = [_use(sorted(some, key=lambda run: run.stage.position), now) for some in by_attempt.values()]
    newest = sorted(uses, key=lambda use: (use.started_at is not None, use.started_at, use.order.coi), reverse=True)
    return sorted(newest, key=lambda use: not use.counts)


def _use(runs: list[StageRun], now: datetime) -> Use:
    starts = [run.started_at for run in runs if run.started_at]
    ends = [run.completed_at or run.failed_at for run in runs]
    order, begins = runs[0].order, min(starts, default=None)
    counts = order.status in OPEN_ORDER_STATUSES and any(run.counts for run in runs)
    return Use(
        order=order,
        attempt=runs[0].attempt,
        stages=tuple(run.stage.name for run in runs),
        started_at=begins,
        ended_at=max((end for end in ends if end), default=None) if all(ends) else None,
        is_at_work=any(is_at_work(run.status, run.started_at, now) for run in runs),
        is_to_come=begins > now if begins else counts and not any(ends),
        counts=counts,
    )
