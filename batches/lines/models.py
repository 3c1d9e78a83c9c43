"""How pools keep up, and which of them holds up a line, from when to when, and why."""

from django.db import models
from django.db.models import F, Q

from batches.capacity.models import Pool
from batches.lines.statuses import PoolCondition
from supplychain.ids import new_id
from supplychain.leases import Leasable
from supplychain.orders.models import FeedCursor, PatientOrder
from supplychain.sites.models import Site


class BottleneckPeriod(models.Model):
    """An unbroken time in which one pool was the root bottleneck of a line (a line is one plant, docs/adr/0004)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    line = models.ForeignKey(Site, models.PROTECT, related_name="bottleneck_periods")
    pool = models.ForeignKey(Pool, models.PROTECT, related_name="bottleneck_periods")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=300)
    evidence = models.JSONField(help_text="The numbers of every pool of the line at the newest review.")
    ended_why = models.CharField(max_length=300, blank=True)
    opened_why = models.CharField(max_length=300, blank=True, help_text="The reason when it was named.")
    opened_evidence = models.JSONField(default=dict, blank=True, help_text="The numbers when it was named.")
    ended_evidence = models.JSONField(default=dict, blank=True, help_text="The numbers by which it was given up.")

    class Meta:
        ordering = ["line", "-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["line"], condition=Q(ended_at__isnull=True), name="one_open_bottleneck_per_line"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="bottleneck_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pool} from {self.started_at:%Y-%m-%d %H:%M}"


class ShownVerdict(models.Model):
    """What was shown of a line from `made_at` to `superseded_at`, kept as a forecast is: that this pool limits it, or
    none. Never changed but for what came of it, which is written once (docs/judgement/bottleneck.md)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    line = models.ForeignKey(Site, models.PROTECT, related_name="shown_verdicts", db_index=False)
    pool = models.ForeignKey(
        Pool, models.PROTECT, null=True, blank=True, related_name="+", help_text="Empty: none is named."
    )
    rivals = models.JSONField(default=list, blank=True, help_text="Codes of the pools that it is not told apart from.")
    confidence = models.FloatField(null=True, blank=True, help_text="0–1; empty: not said.")
    window_hours = models.FloatField(help_text="From how much of the past.")
    made_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)
    opens_week = models.BooleanField(help_text="The first of its week (ISO, UTC): these are scored.")
    scored_at = models.DateTimeField(null=True, blank=True)
    limited_by = models.ForeignKey(
        Pool, models.PROTECT, null=True, blank=True, related_name="+",
        help_text="The pool that was used most in the four weeks after.",
    )  # fmt: skip
    was_held_up = models.BooleanField(
        null=True, blank=True, help_text="Whether some pool was full with a queue for half of them."
    )
    came = models.JSONField(default=dict, blank=True, help_text="Those weeks, by pool.")
    unscored_why = models.CharField(max_length=200, blank=True, help_text="Why no score could be written.")

    class Meta:
        ordering = ["line", "-made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["line"], condition=Q(superseded_at__isnull=True), name="one_standing_verdict_per_line"
            ),
            models.CheckConstraint(
                condition=Q(scored_at__isnull=False)
                | Q(limited_by__isnull=True, was_held_up__isnull=True, unscored_why=""),
                name="what_came_of_a_verdict_has_its_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["line", "-made_at"], name="verdicts_of_line"),
            models.Index(
                fields=["made_at"], name="verdicts_to_score", condition=Q(opens_week=True, scored_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pool or 'None'} from {self.made_at:%Y-%m-%d %H:%M}"


class VerdictTrial(Leasable):
    """What verdicts on a line are worth, tried on simulated lines of its own rates (batches/trials): a logistic curve,
    from `made_at` on, and how such a curve did on lines that had not taught it. Without `made_at` there is none yet."""

    line = models.OneToOneField(Site, models.CASCADE, primary_key=True, related_name="verdict_trial")
    intercept = models.FloatField(default=0.0)
    slope = models.FloatField(default=1.0)
    may_be_firm = models.BooleanField(default=False, help_text="Of firm ones enough were right, and enough were firm.")
    lines = models.PositiveIntegerField(default=0, help_text="Simulated lines.")
    verdicts = models.PositiveIntegerField(default=0, help_text="Verdicts on them that named a pool.")
    firm = models.PositiveIntegerField(default=0, help_text="Firm ones, by a curve that those lines had not taught.")
    firm_right = models.PositiveIntegerField(default=0)
    rows = models.JSONField(default=list, blank=True, help_text="The same by how much the planted pool was slower.")
    made_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=200, blank=True, help_text="Why the newest trial came to nothing.")
    basis = models.CharField(max_length=16, blank=True, help_text="Fingerprint of its places and flows.")
    due_at = models.DateTimeField()
    progress = models.JSONField(default=list, blank=True, help_text="Verdicts of the trial under way, by line.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(firm_right__lte=F("firm")) & Q(firm__lte=F("verdicts")), name="verdict_trial_counts_add_up"
            ),
            models.CheckConstraint(
                condition=Q(made_at__isnull=False) | Q(may_be_firm=False, lines=0), name="verdict_trial_has_its_moment"
            ),
        ]
        indexes = [models.Index(fields=["due_at"], name="verdict_trials_due")]

    def __str__(self) -> str:
        return f"{self.line}: {self.lines} simulated lines"


class PoolState(Leasable):
    """How a pool kept up over the window that ended at `reviewed_at`. A projection of the stage runs."""

    pool = models.OneToOneField(Pool, models.CASCADE, primary_key=True, related_name="state")
    condition = models.CharField(max_length=16, choices=PoolCondition.choices, default=PoolCondition.CLEAR)
    capacity = models.PositiveIntegerField(default=0)
    busy = models.PositiveIntegerField(default=0)
    queue = models.PositiveIntegerField(default=0)
    arrivals = models.PositiveIntegerField(default=0)
    completions = models.PositiveIntegerField(default=0)
    oldest_ready_at = models.DateTimeField(null=True, blank=True)
    median_wait_hours = models.FloatField(null=True, blank=True)
    service_hours = models.FloatField(default=0, help_text="Usual time one order holds a place.")
    pressed_share = models.FloatField(default=0, help_text="Share of the window, 0–1, when full with somebody waiting.")
    expected_wait_hours = models.FloatField(default=0, help_text="Wait of one who joins the queue now.")
    window_hours = models.FloatField(default=168)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    review_after = models.DateTimeField(null=True, blank=True, db_index=True)
    measured_at = models.DateTimeField(null=True, blank=True, help_text="When `evidence` was worked out.")
    evidence = models.JSONField(default=dict, blank=True, help_text="Use, active periods, check: docs/judgement.md.")
    failing_since = models.DateTimeField(null=True, blank=True, help_text="Since when no review could be made.")
    failing_why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(failing_since__isnull=True, failing_why="") | Q(failing_since__isnull=False),
                name="failing_review_has_a_beginning",
            )
        ]

    def __str__(self) -> str:
        return f"{self.pool}: {self.get_condition_display()}"


class PoolVisit(models.Model):
    """What one order did in one pool: places held, waits, stage runs at work; packed (rules/visits.py).

    A projection of the stage runs that reviews read instead of them (actions/visits.py): it can be made anew at any
    time, and is forgotten when no window reaches back to it.
    """

    order = models.ForeignKey(PatientOrder, models.CASCADE, related_name="+", db_index=False)
    site = models.ForeignKey(Site, models.CASCADE, related_name="+", db_index=False)
    pool = models.CharField(max_length=40, help_text="Code of the pool at the site.")
    until = models.BigIntegerField(help_text="Windows that opened later have nothing of it: microseconds since 1970.")
    held = models.BinaryField()
    waits = models.BinaryField()
    stays = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "site", "pool"], name="one_visit_per_order_and_pool")]
        indexes = [models.Index(fields=["site", "pool", "until"], name="visits_of_pool")]

    def __str__(self) -> str:
        return f"{self.order_id} in {self.pool}"


class VisitCursor(FeedCursor):
    """Up to where of the change feed the visits are."""

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_visit_cursor")]
