"""The shift hand-over: what happened at a site in the last hours, and what the next shift takes over."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, UUIDField, Value, When
from django.db.models.functions import Coalesce
from django.http import QueryDict

from batches.flags.models import Flag, FlagChange
from batches.flags.queries.causes import causes_behind, hang_under, line_alarms
from batches.flags.queries.flags import CRITICAL, URGENT_FIRST, settlements_of
from batches.flags.rules.causes import LineAlarm, LineCause
from batches.flags.rules.harm import urgency
from batches.flags.statuses import FlagChangeKind
from batches.judgement.rules.spans import SHIFT
from batches.judgement.statuses import Severity
from batches.lines.models import BottleneckPeriod
from batches.notifications.models import HandOver, Notification
from batches.notifications.statuses import NotificationKind
from supplychain.flows.models import Stage
from supplychain.orders.models import PatientOrder, StageRun
from supplychain.orders.rules.interlocks import Settlement
from supplychain.people.models import User
from supplychain.people.statuses import Role
from supplychain.sites.models import Site

HANDING_ROLES = (Role.OPERATIONS, Role.QA, Role.ADMINISTRATOR)
HOURS = (8, 12, 24)
USUAL_HOURS = SHIFT // timedelta(hours=1)
MOST_ROWS = 60
MOST_EARLIER = 10
MOST_OF_A_SITE = 10
# Of what happened to a flag: as which it was raised.
AS_CRITICAL = Q(severity=Severity.CRITICAL)
RAISING = Q(kind__in=(FlagChangeKind.RAISED, FlagChangeKind.RAISED_AGAIN)) | (
    Q(kind=FlagChangeKind.SEVERITY_CHANGED) & AS_CRITICAL
)
TOUCHED = (
    FlagChangeKind.ACKNOWLEDGED, FlagChangeKind.COMMENTED, FlagChangeKind.SETTLED, FlagChangeKind.TAKEN_ON,
    FlagChangeKind.ASSIGNED, FlagChangeKind.GIVEN_BACK,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shift:
    """The stretch of time and the site that a hand-over is about."""

    site: Site
    hours: int
    now: datetime

    @classmethod
    def read(cls, sites: Sequence[Site], given: QueryDict, now: datetime) -> Self | None:
        """The shift in an address: the first site and the usual hours unless said; None for one not among `sites`."""
        code = given.get("site") or (sites[0].code if sites else "")
        site = next((site for site in sites if site.code == code), None)
        hours = given.get("hours", "")
        return site and cls(site, int(hours) if hours in map(str, HOURS) else USUAL_HOURS, now)

    @property
    def start(self) -> datetime:
        """When it began."""
        return self.now - timedelta(hours=self.hours)

    @property
    def window(self) -> tuple[datetime, datetime]:
        """Beginning and end."""
        return self.start, self.now


@dataclass(frozen=True, slots=True)
class Report:
    """What happened, and what is open. Each list is cut at MOST_ROWS, but no open critical flag is left out; figures
    count everything. What is open and what was raised stand the most urgent first, of the latter what is cleared last.

    `causes`: pools under which open flags hang, which do not stand among `open_flags`; `left_out`: those in neither.
    `settlements`: what quality assurance decided of the open ones, by flag.
    """

    figures: dict[str, int]
    open_flags: list[Flag]
    left_out: int
    raised: list[FlagChange]
    cleared: list[FlagChange]
    touched: list[FlagChange]
    escalated: list[Notification]
    ended: list[PatientOrder]
    failed: list[StageRun]
    bottlenecks: list[BottleneckPeriod]
    earlier: list[HandOver]
    stage_names: dict[str, str]
    settlements: Mapping[UUID, Settlement]
    causes: list[LineAlarm]

    @property
    def newest(self) -> HandOver | None:
        """What whoever comes reads first."""
        return self.earlier[0] if self.earlier else None


def sites_to_hand_over(user: User) -> list[Site]:
    """Where the person works in a role that hands over; plants first, one query."""
    return list(Site.objects.filter(pk__in=user.site_ids(*HANDING_ROLES), is_active=True).order_by("-kind", "code"))


@dataclass(frozen=True, slots=True)
class _Rows:
    """Everything at the site within the shift."""

    changes: QuerySet[FlagChange]
    open_flags: QuerySet[Flag]
    escalated: QuerySet[Notification]
    ended: QuerySet[PatientOrder]
    failed: QuerySet[StageRun]

    @classmethod
    def of(cls, shift: Shift) -> Self:
        """The rows, not yet read."""
        orders = PatientOrder.objects.of_sites([shift.site.pk])
        return cls(
            changes=FlagChange.objects.filter(changed_at__range=shift.window, flag__order__in=orders),
            open_flags=Flag.objects.filter(cleared_at=None, order__in=orders),
            escalated=Notification.objects.filter(
                kind=NotificationKind.ESCALATED, created_at__range=shift.window, order__in=orders
            ),
            ended=orders.filter(_ended_within(shift)),
            failed=StageRun.objects.filter(failed_at__range=shift.window, order__in=orders),
        )


def report_of(shift: Shift, sites: Sequence[Site]) -> Report:
    """The report of one site in a fixed number of queries. `sites`: where the person hands over."""
    rows = _Rows.of(shift)
    changes = rows.changes.select_related("flag__order", "flag__owner").order_by("-changed_at", "-id")
    worst = ("flag__harm", "-flag__severity", "flag__act_by", "-changed_at", "-id")
    raised = changes.filter(RAISING).order_by(Case(When(flag__cleared_at=None, then=0), default=1), *worst)
    causes = causes_behind(rows.open_flags)
    alone = rows.open_flags.exclude(hang_under(causes)).select_related("order", "owner")
    open_flags = list(_listed(alone, MOST_ROWS))
    figures = figures_of(shift)
    return Report(
        figures=figures,
        open_flags=open_flags,
        left_out=max(figures["open"] - sum(cause.flags for cause in causes) - len(open_flags), 0),
        raised=list(raised[:MOST_ROWS]),
        cleared=list(changes.filter(kind=FlagChangeKind.CLEARED)[:MOST_ROWS]),
        touched=list(changes.filter(kind__in=TOUCHED)[:MOST_ROWS]),
        escalated=_escalations(rows.escalated),
        ended=list(rows.ended.select_related("product").order_by("coi")[:MOST_ROWS]),
        failed=list(rows.failed.select_related("order", "stage").order_by("-failed_at")[:MOST_ROWS]),
        bottlenecks=_bottlenecks(shift),
        earlier=list(HandOver.objects.filter(site=shift.site).select_related("take_over")[:MOST_EARLIER]),
        stage_names=_stage_names(),
        settlements=settlements_of(open_flags),
        causes=line_alarms(causes, rows.open_flags, [site.pk for site in sites], MOST_ROWS),
    )


@dataclass(frozen=True, slots=True)
class SiteStanding:
    """What is open at one of several sites, cut at MOST_OF_A_SITE but never a critical one, and its newest hand-over.
    `site` has `open_flags` and `critical_flags`, which count everything, and `lone_flags`, without those that hang."""

    site: Site
    flags: list[Flag]
    newest: HandOver | None

    @property
    def left_out(self) -> int:
        """How many open flags stand neither here nor under the alarm of a line."""
        return max(self.site.lone_flags - len(self.flags), 0)

    @property
    def rank(self) -> tuple[Any, ...]:
        """Sorts sites: the one with the most urgent open flag first, those without a flag last."""
        return (not self.flags, urgency(self.flags[0]) if self.flags else (), self.site.code)


@dataclass(frozen=True, slots=True)
class SitesReport:
    """All sites at which a person hands over, the worst first; `causes`: as in Report."""

    sites: list[SiteStanding]
    causes: list[LineAlarm]
    stage_names: dict[str, str]
    settlements: Mapping[UUID, Settlement]


def sites_report(sites: Sequence[Site]) -> SitesReport:
    """What is open at these sites, in a fixed number of queries."""
    ids = [site.pk for site in sites]
    open_flags = Flag.objects.filter(cleared_at=None, order__in=PatientOrder.objects.of_sites(ids))
    causes = causes_behind(open_flags)
    flags = _open_flags_of_each(ids, causes)
    newest = {one.site_id: one for one in _newest_handovers(ids)}
    standing = [SiteStanding(site, flags.get(site.pk, []), newest.get(site.pk)) for site in _with_flags(ids, causes)]
    listed = {flag.pk: flag for ones in flags.values() for flag in ones}
    return SitesReport(
        sites=sorted(standing, key=lambda one: one.rank),
        causes=line_alarms(causes, open_flags, ids, MOST_ROWS),
        stage_names=_stage_names(),
        settlements=settlements_of(listed.values()),
    )


def _open_flags_of_each(sites: Sequence[Any], causes: Sequence[LineCause]) -> dict[Any, list[Flag]]:
    """By site, its most urgent open flags that hang under none of these causes; one query.

    An order's flag stands at each site that takes part in it.
    """
    parts = [
        _listed(
            Flag.objects.filter(cleared_at=None, order__in=PatientOrder.objects.of_sites([site]))
            .exclude(hang_under(causes))
            .annotate(at_site=Value(site, output_field=UUIDField()))
            .select_related("order", "owner"),
            MOST_OF_A_SITE,
        )
        for site in sites
    ]
    found: dict[Any, list[Flag]] = {}
    for flag in parts[0].union(*parts[1:], all=True) if parts else ():
        found.setdefault(flag.at_site, []).append(flag)
    return {site: sorted(flags, key=urgency) for site, flags in found.items()}


def _listed(flags: QuerySet[Flag], most: int) -> QuerySet[Flag]:
    """The `most` most urgent of these flags, and every other critical one: who reads the paper acts by it alone."""
    ranked = flags.order_by(*URGENT_FIRST)
    return ranked.filter(CRITICAL | Q(pk__in=ranked.values("pk")[:most]))


def _stage_names() -> dict[str, str]:
    return dict(Stage.objects.order_by("flow__version").values_list("code", "name"))


def _with_flags(sites: Sequence[Any], causes: Sequence[LineCause]) -> list[Site]:
    """These sites with the number of flags that are open there; one query."""
    at_site = Q(order__plant=OuterRef("pk")) | Q(order__ordering_site=OuterRef("pk"))
    at_site |= Q(order__collection_site=OuterRef("pk")) | Q(order__infusion_site=OuterRef("pk"))
    found = Flag.objects.filter(at_site, cleared_at=None).order_by().annotate(one=Value(1)).values("one")
    parts = {"open": found, "lone": found.exclude(hang_under(causes)), "critical": found.filter(CRITICAL)}
    numbers = {name: Subquery(flags.annotate(n=Count("pk")).values("n")) for name, flags in parts.items()}
    counts = {f"{name}_flags": Coalesce(number, 0) for name, number in numbers.items()}
    return list(Site.objects.filter(pk__in=sites).annotate(**counts))


def figures_of(shift: Shift) -> dict[str, int]:
    """The figures alone, in five queries."""
    rows = _Rows.of(shift)
    flips = rows.changes.aggregate(
        raised=Count("pk", filter=RAISING),
        raised_critical=Count("pk", filter=RAISING & AS_CRITICAL),
        cleared=Count("pk", filter=Q(kind=FlagChangeKind.CLEARED)),
        acknowledged=Count("pk", filter=Q(kind__in=(FlagChangeKind.ACKNOWLEDGED, FlagChangeKind.SETTLED))),
    )
    flags = rows.open_flags.aggregate(
        open=Count("pk"),
        open_critical=Count("pk", filter=CRITICAL),
        open_without_owner=Count("pk", filter=Q(owner=None)),
    )
    told = rows.escalated.aggregate(escalated=Count("flag", distinct=True))
    return flips | flags | told | {"ended": rows.ended.count(), "failed": rows.failed.count()}


def _ended_within(shift: Shift) -> Q:
    return Q(infused_at__range=shift.window) | Q(cancelled_at__range=shift.window) | Q(closed_at__range=shift.window)


def _escalations(escalated: QuerySet[Notification]) -> list[Notification]:
    """One a flag and role: several people may have been told."""
    rows = escalated.select_related("flag", "order", "person").order_by("-created_at", "person__username")
    seen: dict[Any, Notification] = {}
    for row in rows[: 4 * MOST_ROWS]:
        seen.setdefault((row.change_id, row.role), row)
    return list(seen.values())[:MOST_ROWS]


def _bottlenecks(shift: Shift) -> list[BottleneckPeriod]:
    within = Q(started_at__range=shift.window) | Q(ended_at__range=shift.window)
    periods = BottleneckPeriod.objects.filter(within, line=shift.site).select_related("pool")
    return list(periods.order_by("-started_at")[:MOST_ROWS])


def _newest_handovers(sites: Collection[Any]) -> Iterable[HandOver]:
    """The newest of each of these sites; one query, none without a site."""
    if not sites:
        return ()
    newest = HandOver.objects.filter(site__in=sites).order_by("site_id", "-made_at").distinct("site_id")
    return newest.select_related("site", "take_over")


def waiting_handovers(user: User) -> list[HandOver]:
    """The newest hand-over of each site where the person takes shifts over, if nobody has taken it over; one query."""
    sites = user.site_ids(*HANDING_ROLES)
    return [one for one in _newest_handovers(sites) if one.by_id != user.pk and getattr(one, "take_over", None) is None]
