"""Which suites, shippers and couriers there are, and which runs name one of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from dashboards.resources.queries.ended import BY_RESOURCE, Resource, batches_in, ended_attempts
from dashboards.resources.statuses import ResourceKind
from supplychain.flows.statuses import StageKind
from supplychain.orders.models import PatientOrder, PatientOrderQuerySet, StageRun
from supplychain.orders.models.stage_runs import is_counting
from supplychain.orders.rules.standing import is_at_work
from supplychain.orders.statuses import OPEN_ORDER_STATUSES, OrderStatus
from supplychain.pages.viewers import Viewer
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind

MOST_NAMES = 500
MOST_ENDED = 5_000


# What the runs of these orders name, order by order (LATERAL): a join would read the runs of all orders that ever were.
# What was there in an earlier attempt counts where it still does (is_counting).
# Who carries cells: as the shipment has it, else as the report of a transport names who did it.
IN_USE_SQL = """
    WITH chosen (id) AS MATERIALIZED ({orders}),
    runs AS MATERIALIZED (SELECT found.* FROM chosen CROSS JOIN LATERAL (
        SELECT r.order_id, r.site_id, r.resource, s.kind = %s AS carries, COALESCE(h.courier, '') AS courier,
            COALESCE(h.shipper_number, '') AS shipper, h.withdrawn_at IS NULL AS stands,
            r.attempt <= o.attempt AND NOT EXISTS (
                SELECT FROM supplychain_stagerun newer
                WHERE newer.order_id = r.order_id AND newer.stage_id = r.stage_id AND newer.withdrawn_at IS NULL
                AND newer.attempt > r.attempt AND newer.attempt <= o.attempt) AS counts
        FROM supplychain_stagerun r JOIN supplychain_stage s ON s.id = r.stage_id
            JOIN supplychain_patientorder o ON o.id = r.order_id
            LEFT JOIN supplychain_shipment h ON h.stage_run_id = r.id
        WHERE r.order_id = chosen.id AND r.withdrawn_at IS NULL AND (r.resource <> '' OR h.id IS NOT NULL)
        OFFSET 0) found),
    named AS (
        SELECT %s AS kind, shipper AS name, NULL::uuid AS site_id, order_id, counts FROM runs WHERE stands
        UNION ALL SELECT %s, CASE WHEN courier <> '' THEN courier WHEN carries THEN resource ELSE '' END, NULL,
            order_id, counts FROM runs WHERE stands
        UNION ALL SELECT %s, resource, site_id, order_id, counts FROM runs
            WHERE NOT (carries AND (courier = '' OR UPPER(courier) = UPPER(resource))))
    SELECT named.kind, named.name, COALESCE(at.code, ''), COALESCE(at.name, ''), COALESCE(at.kind, ''),
        COUNT(DISTINCT named.order_id) FILTER (WHERE named.counts)
    FROM named LEFT JOIN supplychain_site at ON at.id = named.site_id
    WHERE named.name <> '' GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 3, 2"""


@dataclass(frozen=True, slots=True)
class NamedResource:
    """A thing that open orders have to do with, and of how many of them what was there still counts (Use.counts)."""

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
    """What the person's open orders have to do with, by kind and name; one query, whatever the number of orders."""
    rows = _rows_in_use(viewer.orders().open())
    return {kind: _named([row[1:] for row in rows if row[0] == kind]) for kind in ResourceKind}


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


def _rows_in_use(orders: PatientOrderQuerySet) -> list[tuple]:
    try:
        chosen, given = orders.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:  # Somebody of no site.
        return []
    kinds = (ResourceKind.SHIPPER, ResourceKind.COURIER, ResourceKind.PLACE)
    parameters = (*given, StageKind.TRANSPORT.value, *(kind.value for kind in kinds))
    with connection.cursor() as cursor:
        cursor.execute(IN_USE_SQL.format(orders=chosen), parameters)
        return cursor.fetchall()


def _named(rows: list[tuple[str, str, str, str, int]]) -> NamedResources:
    plants_first = sorted(rows[:MOST_NAMES], key=lambda row: bool(row[3]) and row[3] != SiteKind.PLANT)
    named = [NamedResource(name, site, site_name, orders) for name, site, site_name, _, orders in plants_first]
    return NamedResources(named, is_cut=len(rows) > MOST_NAMES)


@dataclass(frozen=True, slots=True)
class ResourceRuns:
    """The runs that name it: all of open orders; of ended ones those of a part, the newest first, `is_more` if there
    are older ones."""

    of_open: list[StageRun]
    of_ended: list[StageRun]
    is_more: bool


def runs_of(resource: Resource, viewer: Viewer, *, first: int = 0, most: int = MOST_ENDED) -> ResourceRuns:
    """The runs of the person's orders that name it, with order and stage. Of open orders none is ever left out: who
    holds all of them must not miss one, whichever capitals its sender uses. Of ended ones those of the attempts among
    the `most` of its runs after the newest `first`."""
    attempts, is_more = ended_attempts(resource, viewer, first, most)
    ended = _runs(resource, PatientOrder.objects.filter(pk__in={order for order, _ in attempts}))
    of_ended = [run for run in ended if (run.order_id, run.attempt) in attempts]
    return ResourceRuns(_runs(resource, viewer.orders().open()), of_ended, is_more)


def _runs(resource: Resource, orders: PatientOrderQuerySet) -> list[StageRun]:
    """The runs of these orders that name it, looked for order by order: two queries."""
    named = StageRun.objects.filter(_names(resource), order=OuterRef("pk")).values("pk")
    found = orders.order_by().annotate(runs=ArraySubquery(named)).values_list("runs", flat=True)
    runs = StageRun.objects.filter(pk__in=[pk for some in found for pk in some]).annotate(counts=Q(is_counting()))
    related = ("stage", "order__product", "order__ordering_site", "order__plant")
    return list(runs.select_related(*related).order_by(F("started_at").desc(nulls_last=True), "pk"))


def _names(resource: Resource) -> Q:
    match resource.kind:
        case ResourceKind.SHIPPER:
            return Q(shipment__shipper_number__iexact=resource.name, shipment__withdrawn_at=None)
        case ResourceKind.COURIER:
            carried = Q(shipment__courier__iexact=resource.name, shipment__withdrawn_at=None)
            return carried | BY_RESOURCE & Q(resource__iexact=resource.name)
    named = Q(resource__iexact=resource.name, site__code=resource.site)
    # A report on our screens names the suite once for the whole batch: its manufacturing.
    batches = batches_in(resource).filter(order=OuterRef("order"), attempt=OuterRef("attempt"))
    making = Q(stage__kind=StageKind.MANUFACTURING, started_at__isnull=False, resource="")
    return named | making & Q(Exists(batches))


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
