"""The shift hand-over: what happened at a site in the last hours, and what the next shift takes over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.http import QueryDict

from batches.flags.models import Flag, FlagChange
from batches.flags.queries import causes_behind, hang_under, line_alarms
from batches.flags.rules.causes import LineAlarm
from batches.flags.statuses import FlagChangeKind
from batches.judgement.statuses import Severity
from batches.lines.models import BottleneckPeriod
from batches.notifications.models import HandOver, Notification
from batches.notifications.statuses import NotificationKind
from supplychain.flows.models import Stage
from supplychain.orders.models import PatientOrder, StageRun
from supplychain.people.models import User
from supplychain.people.statuses import Role
from supplychain.sites.models import Site

HANDING_ROLES = (Role.OPERATIONS, Role.QA, Role.ADMINISTRATOR)
HOURS = (8, 12, 24)
MOST_ROWS = 60
MOST_EARLIER = 10
CRITICAL = Q(severity=Severity.CRITICAL)
RAISING = Q(kind__in=(FlagChangeKind.RAISED, FlagChangeKind.RAISED_AGAIN)) | (
    Q(kind=FlagChangeKind.SEVERITY_CHANGED) & CRITICAL
)
TOUCHED = (
    FlagChangeKind.ACKNOWLEDGED,
    FlagChangeKind.COMMENTED,
    FlagChangeKind.TAKEN_ON,
    FlagChangeKind.ASSIGNED,
    FlagChangeKind.GIVEN_BACK,
)


@dataclass(frozen=True, slots=True)
class Shift:
    """The stretch of time and the site that a hand-over is about."""

    site: Site
    hours: int
    now: datetime

    @classmethod
    def read(cls, sites: Sequence[Site], given: QueryDict, now: datetime) -> Self | None:
        """The shift in an address: the first site and eight hours unless said; None for one not among `sites`."""
        code = given.get("site") or (sites[0].code if sites else "")
        site = next((site for site in sites if site.code == code), None)
        hours = given.get("hours", "")
        return site and cls(site, int(hours) if hours in map(str, HOURS) else HOURS[0], now)

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
    """What happened, and what is open. Each list is cut at MOST_ROWS; the figures count everything.

    What is open and what was raised stand the most urgent first, of the latter what is cleared meanwhile last.
    `causes`: pools under which open flags hang, which do not stand among `open_flags`.
    `elsewhere`: the person's other sites with `open_flags` and `critical_flags`.
    """

    figures: dict[str, int]
    open_flags: list[Flag]
    raised: list[FlagChange]
    cleared: list[FlagChange]
    touched: list[FlagChange]
    escalated: list[Notification]
    ended: list[PatientOrder]
    failed: list[StageRun]
    bottlenecks: list[BottleneckPeriod]
    earlier: list[HandOver]
    stage_names: dict[str, str]
    elsewhere: list[Site]
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
    """The report in a fixed number of queries. `sites`: where the person hands over."""
    rows = _Rows.of(shift)
    changes = rows.changes.select_related("flag__order", "flag__owner").order_by("-changed_at", "-id")
    is_cleared = Case(When(flag__cleared_at=None, then=0), default=1)
    raised = changes.filter(RAISING).order_by(is_cleared, "flag__harm", "flag__act_by", "-changed_at", "-id")
    causes = causes_behind(rows.open_flags)
    alone = rows.open_flags.exclude(hang_under(causes)).select_related("order", "owner")
    return Report(
        figures=figures_of(shift),
        open_flags=list(alone.order_by("harm", "act_by", "id")[:MOST_ROWS]),
        raised=list(raised[:MOST_ROWS]),
        cleared=list(changes.filter(kind=FlagChangeKind.CLEARED)[:MOST_ROWS]),
        touched=list(changes.filter(kind__in=TOUCHED)[:MOST_ROWS]),
        escalated=_escalations(rows.escalated),
        ended=list(rows.ended.select_related("product").order_by("coi")[:MOST_ROWS]),
        failed=list(rows.failed.select_related("order", "stage").order_by("-failed_at")[:MOST_ROWS]),
        bottlenecks=_bottlenecks(shift),
        earlier=list(HandOver.objects.filter(site=shift.site).select_related("take_over")[:MOST_EARLIER]),
        stage_names=dict(Stage.objects.order_by("flow__version").values_list("code", "name")),
        elsewhere=_elsewhere([site.pk for site in sites if site != shift.site]),
        causes=line_alarms(causes, rows.open_flags, [site.pk for site in sites], MOST_ROWS),
    )


def _elsewhere(sites: Sequence[Any]) -> list[Site]:
    """These sites with the flags that are open there, where the most critical ones are first; one query."""
    if not sites:
        return []
    at_site = Q(order__plant=OuterRef("pk")) | Q(order__ordering_site=OuterRef("pk"))
    at_site |= Q(order__collection_site=OuterRef("pk")) | Q(order__infusion_site=OuterRef("pk"))
    found = Flag.objects.filter(at_site, cleared_at=None).order_by().annotate(one=Value(1)).values("one")
    counts = {
        "open_flags": Coalesce(Subquery(found.annotate(n=Count("pk")).values("n")), 0),
        "critical_flags": Coalesce(Subquery(found.annotate(n=Count("pk", filter=CRITICAL)).values("n")), 0),
    }
    return list(Site.objects.filter(pk__in=sites).annotate(**counts).order_by("-critical_flags", "code"))


def figures_of(shift: Shift) -> dict[str, int]:
    """The figures alone, in five queries."""
    rows = _Rows.of(shift)
    flips = rows.changes.aggregate(
        raised=Count("pk", filter=RAISING),
        raised_critical=Count("pk", filter=RAISING & CRITICAL),
        cleared=Count("pk", filter=Q(kind=FlagChangeKind.CLEARED)),
        acknowledged=Count("pk", filter=Q(kind=FlagChangeKind.ACKNOWLEDGED)),
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


def waiting_handovers(user: User) -> list[HandOver]:
    """The newest hand-over of each site where the person takes shifts over, if nobody has taken it over; one query."""
    sites = user.site_ids(*HANDING_ROLES)
    if not sites:
        return []
    newest = HandOver.objects.filter(site__in=sites).order_by("site_id", "-made_at").distinct("site_id")
    rows = newest.select_related("site", "take_over")
    return [one for one in rows if one.by_id != user.pk and getattr(one, "take_over", None) is None]
