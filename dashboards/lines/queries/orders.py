"""The orders behind a number of the line pages."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any, Self

from django.db.models import DurationField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest, Least
from django.http import QueryDict

from dashboards.lines.queries.history import Window
from dashboards.lines.rules.charts import week_end
from supplychain.flows.statuses import StageKind
from supplychain.moments import UnreadableMoment, read_day, read_moment
from supplychain.orders.models import StageRun
from supplychain.orders.models.stage_runs import waits_at, waits_since
from supplychain.orders.queries import runs_at
from supplychain.orders.statuses import ACTIVE_STAGE_STATUSES, ENDED_ORDER_STATUSES, StageStatus
from supplychain.pages.periods import start_of
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind

MOST_SHOWN = 200
MOST_EXPORTED = 10_000


class Part(StrEnum):
    """Which runs are listed."""

    WAITING = "waiting"
    PAST = "past"
    RUNNING = "running"
    HELD = "held"
    COMPLETED = "completed"
    WAITED = "waited"
    WORKED = "worked"
    PRESENT = "present"
    INFUSED = "infused"


MOST_HOURS = 100 * 8_766
TITLES = {
    Part.WAITING: "Orders waiting",
    Part.PAST: "Orders waiting longer than permitted",
    Part.RUNNING: "Orders at work",
    Part.HELD: "Orders on hold",
    Part.COMPLETED: "Orders that completed the stage",
    Part.WAITED: "Orders by how long they waited",
    Part.WORKED: "Orders by how long the work took",
    Part.PRESENT: "Orders that waited or were at work",
    Part.INFUSED: "Orders infused",
}


@dataclass(frozen=True, slots=True)
class WantedRuns:
    """What an address asks for. `low`, `high`: hours; `week`: its Monday's midnight; `at`: a moment. None: any."""

    part: Part
    stage: str
    low: float | None
    high: float | None
    week: datetime | None
    at: datetime | None

    @classmethod
    def read(cls, given: QueryDict, zone: tzinfo) -> Self:
        """What makes no sense counts as not given."""
        part = given.get("part", "")
        return cls(
            part=Part(part) if part in list(Part) else Part.WAITING,
            stage=given.get("stage", "").strip()[:40].replace("\0", ""),
            low=_hours(given.get("low", "")),
            high=_hours(given.get("high", "")),
            week=_midnight(given.get("week", ""), zone),
            at=_moment(given.get("at", "")),
        )

    @property
    def is_of_a_moment(self) -> bool:
        """Whether it lists who was there at one moment."""
        return self.part == Part.PRESENT

    @property
    def is_of_the_past(self) -> bool:
        """Whether it lists what happened in the chosen weeks, not what stands now."""
        return self.part in (Part.COMPLETED, Part.WAITED, Part.WORKED, Part.INFUSED)

    @property
    def title(self) -> str:
        """What is listed, in words."""
        return TITLES[self.part]


def runs_behind(site: Site, wanted: WantedRuns, window: Window, zone: tzinfo) -> QuerySet[StageRun]:
    """The runs at `site` that make up a number, with their orders; those that matter most first."""
    runs = StageRun.objects.filter(_of_site(site, wanted, window))
    if wanted.stage:
        runs = runs.filter(stage__code=wanted.stage)
    if wanted.part in (Part.WAITING, Part.PAST, Part.RUNNING, Part.HELD):
        runs = _now(runs, wanted, window.now)
    elif wanted.part == Part.PRESENT:
        runs = _present(runs, wanted.at or window.now)
    else:
        runs = _completed(runs, wanted, window, zone)
    return runs.select_related("stage", "order", "order__product", "order__ordering_site")


def _of_site(site: Site, wanted: WantedRuns, window: Window) -> Q:
    if wanted.part != Part.INFUSED:
        return Q(site=site, stage__in=window.stages)
    made_here = Q(order__plant=site) if site.kind == SiteKind.PLANT else Q(order__infusion_site=site)
    return made_here & Q(stage__kind=StageKind.INFUSION)


def _now(runs: QuerySet[StageRun], wanted: WantedRuns, now: datetime) -> QuerySet[StageRun]:
    status = {Part.RUNNING: StageStatus.RUNNING, Part.HELD: StageStatus.HELD}.get(wanted.part, StageStatus.READY)
    runs = runs.filter(runs_at(status, now)).exclude(order__status__in=ENDED_ORDER_STATUSES)
    if wanted.low is not None or wanted.high is not None:
        runs = runs.filter(waits_at(now)).annotate(waits_since=waits_since())
    if wanted.low is not None:
        runs = runs.filter(waits_since__lte=now - timedelta(hours=wanted.low))
    if wanted.high is not None:
        runs = runs.filter(waits_since__gt=now - timedelta(hours=wanted.high))
    if wanted.part == Part.PAST:
        runs = runs.filter(wait_expires_at__lt=now)
    return runs.order_by(F("started_at" if wanted.part == Part.RUNNING else "ready_at").asc(nulls_last=True), "pk")


def _present(runs: QuerySet[StageRun], at: datetime) -> QuerySet[StageRun]:
    """Who waited or was at work at a moment: they had come, and had not left."""
    left = Q(status=StageStatus.COMPLETED, completed_at__gt=at) | Q(status=StageStatus.FAILED, failed_at__gt=at)
    stands = Q(status__in=ACTIVE_STAGE_STATUSES) & (
        Q(order__cancelled_at__isnull=True, order__closed_at__isnull=True) | Q(order_ended_at__gt=at)
    )
    ends = Least("order__cancelled_at", "order__closed_at")
    came = runs.annotate(order_ended_at=ends, came_at=Least("ready_at", "started_at", "completed_at"))
    return came.filter(left | stands, came_at__lte=at).order_by("came_at", "pk")


def _completed(runs: QuerySet[StageRun], wanted: WantedRuns, window: Window, zone: tzinfo) -> QuerySet[StageRun]:
    since, until = (wanted.week, week_end(wanted.week, zone)) if wanted.week else (window.since, window.now)
    runs = runs.filter(status=StageStatus.COMPLETED, completed_at__gte=since, completed_at__lte=window.now)
    if wanted.week:
        runs = runs.filter(completed_at__lt=until)
    if wanted.part in (Part.WAITED, Part.WORKED):
        runs = _lasting(runs, wanted)
    return runs.order_by("-completed_at", "pk")


def _lasting(runs: QuerySet[StageRun], wanted: WantedRuns) -> QuerySet[StageRun]:
    if wanted.part == Part.WAITED:
        runs = runs.filter(ready_at__isnull=False, started_at__isnull=False)
        length: Any = Greatest(F("started_at"), F("ready_at")) - F("ready_at")
    else:
        runs = runs.filter(started_at__lte=F("completed_at"))
        length = F("completed_at") - F("started_at")
    runs = runs.annotate(lasted=ExpressionWrapper(Coalesce(length, timedelta()), output_field=DurationField()))
    if wanted.low is not None:
        runs = runs.filter(lasted__gte=timedelta(hours=wanted.low))
    return runs if wanted.high is None else runs.filter(lasted__lt=timedelta(hours=wanted.high))


def _hours(text: str) -> float | None:
    # A century is plenty, and no moment lies beyond the calendar; nothing here is negative.
    hours = float(text[:9]) if text[:9].replace(".", "", 1).isdecimal() and text.isascii() else None
    return hours if hours is None or hours <= MOST_HOURS else None


def _midnight(text: str, zone: tzinfo) -> datetime | None:
    day = read_day(text)
    return start_of(day, zone).astimezone(UTC) if day else None


def _moment(text: str) -> datetime | None:
    try:
        return read_moment(text.replace(" ", "+"))  # in an address an unescaped + is a blank
    except UnreadableMoment:
        return None
