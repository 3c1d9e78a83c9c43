"""Orders at risk: raised flags per order, the most severe and most urgent first."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Case, Count, F, Min, Q, QuerySet, When
from django.db.models.functions import Coalesce

from batches.flags.models import Flag
from batches.flags.queries import urgency
from batches.judgement.statuses import Severity
from dashboards.tower.queries.filters import TowerFilter, Whose
from supplychain.orders.models import PatientOrder, PatientOrderQuerySet
from supplychain.orders.statuses import OPEN_ORDER_STATUSES
from supplychain.pages.viewers import Viewer, of_orders
from supplychain.people.models import User

INFUSED_WITHIN = timedelta(days=30)
CRITICAL = Q(severity=Severity.CRITICAL)


@dataclass(frozen=True, slots=True)
class Counts:
    """The figures on top. `attention`: orders with flags, none of them critical."""

    open: int
    critical: int
    attention: int
    infused: int

    @property
    def at_risk(self) -> int:
        """Orders with any flag."""
        return self.critical + self.attention


@dataclass(frozen=True, slots=True)
class RiskyOrder:
    """One order with its raised flags, the most urgent first."""

    order: PatientOrder
    flags: list[Flag]

    @property
    def severity(self) -> Severity:
        """That of its worst flag."""
        return Severity(self.first.severity)

    @property
    def first(self) -> Flag:
        """Its most urgent flag: the one that gives the order its place in the list."""
        return self.flags[0]

    @property
    def is_critical(self) -> bool:
        """Whether any flag is critical."""
        return self.severity == Severity.CRITICAL

    @property
    def others(self) -> int:
        """How many flags it has besides the most urgent one."""
        return len(self.flags) - 1

    @property
    def since(self) -> datetime:
        """When the first of its conditions began."""
        return min(flag.since for flag in self.flags)

    @property
    def owners(self) -> list[User]:
        """Who has taken on any of its flags, each once, in the flags' order."""
        return list(dict.fromkeys(flag.owner for flag in self.flags if flag.owner))


@dataclass(frozen=True, slots=True)
class Risks:
    """One page of the at-risk list."""

    rows: list[RiskyOrder]
    has_more: bool


def counts(orders: PatientOrderQuerySet, now: datetime) -> Counts:
    """Open, at-risk and lately infused orders; two queries."""
    lately = Q(infused_at__gte=now - INFUSED_WITHIN)
    is_open = Q(status__in=OPEN_ORDER_STATUSES)
    totals = orders.filter(is_open | lately).aggregate(
        open=Count("pk", filter=is_open), infused=Count("pk", filter=lately)
    )
    flagged = _raised(orders).aggregate(
        critical=Count("order", distinct=True, filter=CRITICAL), at_risk=Count("order", distinct=True)
    )
    return Counts(
        open=totals["open"],
        critical=flagged["critical"],
        attention=flagged["at_risk"] - flagged["critical"],
        infused=totals["infused"],
    )


def at_risk(orders: PatientOrderQuerySet, chosen: TowerFilter, viewer: Viewer) -> Risks:
    """The chosen page of orders with raised flags, sorted by severity, then slack; three queries at most.

    An order that has ended stays as long as a rule still has something against it (a test that fails after infusion).

    A critical flag without a due moment (a failed stage) has no slack left since it began.
    """
    first = chosen.size * (chosen.page - 1)
    ranked = (
        _raised(orders)
        .order_by()
        .values_list("order_id")
        .annotate(
            rank=Min(Case(When(CRITICAL, then=0), default=1)),
            critical_due=Min(Coalesce("due", "since"), filter=CRITICAL),
            due=Min("due"),
            fitting=Count("pk", filter=_whose(chosen.whose, viewer)),
        )
        .filter(fitting__gt=0)
        .order_by("rank", F("critical_due").asc(nulls_last=True), F("due").asc(nulls_last=True), "order_id")
    )
    order_ids = [row[0] for row in ranked[first : first + chosen.size + 1]]
    return Risks(_rows(order_ids[: chosen.size]), has_more=len(order_ids) > chosen.size)


def _whose(whose: Whose, viewer: Viewer) -> Q:
    """What a flag must be for its order to be listed."""
    if whose == Whose.MINE:
        return Q(owner=viewer.user)
    if whose == Whose.NOBODYS:
        return Q(owner__isnull=True)
    return Q(acknowledged_at__isnull=True) if whose == Whose.NOT_SEEN else Q(pk__isnull=False)


def _raised(orders: PatientOrderQuerySet) -> QuerySet[Flag]:
    return of_orders(Flag.objects.filter(cleared_at__isnull=True), orders)


def _rows(order_ids: list[UUID]) -> list[RiskyOrder]:
    orders = PatientOrder.objects.select_related("product", "plant", "ordering_site", "infusion_site")
    found = {order.pk: order for order in orders.filter(pk__in=order_ids)}
    flags: dict[UUID, list[Flag]] = {}
    for flag in Flag.objects.filter(order__in=order_ids, cleared_at__isnull=True).select_related("owner"):
        flags.setdefault(flag.order_id, []).append(flag)
    # A flag may have been cleared between the two queries.
    return [RiskyOrder(found[pk], sorted(flags[pk], key=urgency)) for pk in order_ids if pk in found and pk in flags]
