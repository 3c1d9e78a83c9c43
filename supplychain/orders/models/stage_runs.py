"""Stage runs: where every order stands on every stage. A projection of the events."""

from datetime import datetime

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Greatest, Upper
from django.db.models.lookups import LessThanOrEqual

from supplychain.flows.models import Stage
from supplychain.flows.statuses import HOLDS_CELLS
from supplychain.ids import new_id
from supplychain.orders.models.orders import PatientOrder
from supplychain.orders.statuses import ACTIVE_STAGE_STATUSES, LEFT_STAGE_STATUSES, OrderStatus, StageStatus, WaitLimit
from supplychain.sites.models import Site
from supplychain.withdrawals import Withdrawable


class StageRun(Withdrawable):
    """One stage of one attempt of one order: waiting from `ready_at`, at work from `started_at` to `completed_at`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(PatientOrder, models.PROTECT, related_name="stage_runs", db_index=False)
    attempt = models.PositiveSmallIntegerField()
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="runs", db_index=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    pool = models.CharField(max_length=40, blank=True, help_text="Code of the pool at the site.")
    status = models.CharField(max_length=10, choices=StageStatus.choices, default=StageStatus.PENDING)
    ready_at = models.DateTimeField(null=True, blank=True, help_text="When it could have started.")
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    planned_start_at = models.DateTimeField(null=True, blank=True)
    planned_end_at = models.DateTimeField(null=True, blank=True)
    resource = models.CharField(max_length=80, blank=True)
    wait_until = models.DateTimeField(null=True, blank=True, help_text="To when it may wait; empty: any wait.")
    wait_limit = models.CharField(max_length=20, choices=WaitLimit.choices, blank=True, help_text="What limits it.")
    wait_expires_at = models.DateTimeField(
        null=True, blank=True, help_text="When it counts as run out: wait_until and the grace for late reports."
    )
    details = models.JSONField(default=dict, blank=True, help_text="Known payload fields, the newest word for each.")

    class Meta(Withdrawable.Meta):
        ordering = ["order", "attempt", "stage__position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "attempt", "stage"], name="one_run_per_attempt_and_stage"),
            models.CheckConstraint(
                condition=~Q(status=StageStatus.RUNNING) | Q(started_at__isnull=False), name="running_has_started"
            ),
            models.CheckConstraint(
                condition=~Q(status=StageStatus.COMPLETED) | Q(completed_at__isnull=False), name="completed_has_moment"
            ),
        ]
        indexes = [
            models.Index(fields=["stage"], name="active_runs_of_stage", condition=Q(status__in=ACTIVE_STAGE_STATUSES)),
            models.Index(
                fields=["site", "pool", "completed_at"],
                name="pool_completions",
                condition=Q(completed_at__isnull=False),
            ),
            models.Index(
                fields=["site", "pool", "failed_at"], name="pool_failures", condition=Q(failed_at__isnull=False)
            ),
            models.Index(
                fields=["site", "pool"],
                name="pool_load",
                condition=Q(status__in=ACTIVE_STAGE_STATUSES) & ~Q(pool=""),
            ),
            # Whichever capitals its sender uses, the newest first.
            models.Index(
                F("site"),
                Upper("resource"),
                F("started_at").desc(nulls_last=True),
                name="runs_of_resource",
                condition=~Q(resource=""),
            ),
            models.Index(
                fields=["planned_start_at"],
                name="expected_starts",
                condition=Q(status__in=(StageStatus.PENDING, StageStatus.READY), planned_start_at__isnull=False),
            ),
            models.Index(
                fields=["planned_end_at"],
                name="expected_ends",
                condition=Q(status__in=(StageStatus.RUNNING, StageStatus.HELD), planned_end_at__isnull=False),
            ),
        ]

    @property
    def expected_start(self) -> datetime | None:
        """When it was planned to start: the appointment, slot or pickup."""
        pickup = self.details.get("planned_pickup_at")
        return self.planned_start_at or (datetime.fromisoformat(pickup) if pickup else None)

    def __str__(self) -> str:
        return f"{self.stage_id} attempt {self.attempt}: {self.status}"


def expected_start() -> Coalesce:
    """When a run was planned to start (StageRun.expected_start, for the database)."""
    pickup = Cast(KeyTextTransform("planned_pickup_at", "details"), models.DateTimeField())
    return Coalesce("planned_start_at", pickup)


def is_overtaken(now: datetime, run: str = "") -> Q:
    """Runs that the cells have left behind by `now` (rules.overtaken, for the database: what stands behind a stage
    on the board comes after it). `run`: how the query reaches them (`stage_run__`)."""
    begun = Coalesce("started_at", "completed_at")
    later = StageRun.objects.filter(
        order=OuterRef(f"{run}order"),
        attempt__gte=OuterRef(f"{run}attempt"),
        attempt__lte=F("order__attempt"),
        stage__position__gt=OuterRef(f"{run}stage__position"),
        stage__kind__in=HOLDS_CELLS,
    ).exclude(status=StageStatus.SKIPPED)
    since = Coalesce(OuterRef(f"{run}started_at"), OuterRef(f"{run}ready_at"))
    later = later.annotate(begun_at=begun).filter(begun_at__gte=since, begun_at__lte=now)
    return Q(**{f"{run}status__in": LEFT_STAGE_STATUSES, f"{run}stage__kind__in": HOLDS_CELLS}) & Q(Exists(later))


def is_counting(run: str = "") -> Q:
    """The runs that count: of each stage that of the newest attempt, none after the order's (OrderState.run_of, for the
    database). `run`: how the query reaches them (`stage_run__`)."""
    newer = StageRun.objects.filter(
        order=OuterRef(f"{run}order"),
        stage=OuterRef(f"{run}stage"),
        attempt__gt=OuterRef(f"{run}attempt"),
        attempt__lte=F("order__attempt"),
    )
    return Q(**{f"{run}attempt__lte": F(f"{run}order__attempt")}) & ~Q(Exists(newer))


def waits_since() -> Greatest:
    """Since when a run that could start waits for anybody: of one that is booked, from its moment on
    (rules.standing.booked_for, for the database)."""
    return Greatest("ready_at", expected_start())


def waits_at(now: datetime) -> Q:
    """The runs that wait for somebody at `now`: without those booked for, or reported to start at, a moment to come."""
    could_start = Q(status=StageStatus.READY) & ~Q(order__status=OrderStatus.ON_HOLD)
    return could_start & Q(LessThanOrEqual(waits_since(), now))
