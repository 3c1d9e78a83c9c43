"""Flags: what is wrong with an order now, why, and whose it is."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Case, DateTimeField, F, GeneratedField, Q, When
from django.db.models.functions import Coalesce

from batches.flags.models.flip_trigger import flips_are_told
from batches.flags.models.plant_trigger import has_its_plant
from batches.flags.statuses import CELLS_UNTIL, SETTLED_AT, TOLD_TITLES, FlagChangeKind, flag_title
from batches.judgement.rules.findings import MOST_TEXT
from batches.judgement.statuses import FlagCode, Harm, Remedy, Severity
from supplychain.audit.append_only import append_only
from supplychain.ids import new_id
from supplychain.orders.models import PatientOrder
from supplychain.orders.models.change_trigger import tells_changed, tells_new
from supplychain.orders.models.notice_kinds import NoticeKind
from supplychain.orders.statuses import ExcursionDecision
from supplychain.sites.models import Site
from supplychain.systems.models import SourceSystem

# Codes whose flags are called by what their evidence tells.
OF_EVIDENCE = frozenset(code for code, _ in TOLD_TITLES)


class Flag(models.Model):
    """One row per order, code, stage and subject; raised while `cleared_at` is empty. Only events and time clear it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(PatientOrder, models.PROTECT, related_name="flags", db_index=False)
    # The database gives it from the order, which never changes it: lists count flags by it without reading orders.
    plant = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False, editable=False)
    code = models.CharField(max_length=20, choices=FlagCode.choices)
    stage = models.CharField(max_length=40, blank=True, help_text="Code of the stage; empty: the whole order.")
    subject = models.CharField(
        max_length=100, blank=True, help_text="Which label, shipment or deviation; empty: the stage or order itself."
    )
    severity = models.CharField(max_length=10, choices=Severity.choices)
    harm = models.PositiveSmallIntegerField(
        choices=Harm.choices, default=Harm.UNCLEAR, help_text="What harm it is about, the worst first."
    )
    remedy = models.CharField(
        max_length=4, choices=Remedy.choices, default=Remedy.OWN, help_text="What can still be done about it."
    )
    cause = models.CharField(
        max_length=40, blank=True, help_text="Code of the pool at the plant for a place in which the order waits."
    )
    since = models.DateTimeField(help_text="When the condition began.")
    due = models.DateTimeField(null=True, blank=True, help_text="When the slack is used up.")
    reaches_at = models.DateTimeField(
        null=True, blank=True, help_text="From when on a dose in doubt that can still be stopped may be given."
    )
    # What is critical without an end (cells of another patient) should have been acted on when it began.
    act_by = GeneratedField(
        expression=Coalesce("reaches_at", "due", Case(When(severity=Severity.CRITICAL.value, then=F("since")))),
        output_field=DateTimeField(null=True),
        db_persist=True,
        null=True,
        help_text="The latest moment to act; empty: nothing presses.",
    )
    probability = models.FloatField(null=True, blank=True, help_text="0–1, where the rule gives one.")
    why = models.CharField(max_length=MOST_TEXT)
    next_step = models.CharField(max_length=MOST_TEXT)
    evidence = models.JSONField(help_text="The rule's inputs and numbers.")
    raised_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="owned_flags"
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.CharField(max_length=150, blank=True, help_text="The person's name, as shown then.")
    comment = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "code", "stage", "subject"], name="one_flag_per_subject_and_code"),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True, acknowledged_by="")
                | (Q(acknowledged_at__isnull=False) & ~Q(acknowledged_by="")),
                name="acknowledged_at_with_by",
            ),
            models.CheckConstraint(
                condition=Q(cause="") | Q(remedy=Remedy.LINE.value), name="only_what_waits_for_its_line_has_a_cause"
            ),
        ]
        indexes = [
            # Both as queries.flags.URGENT_FIRST sorts.
            models.Index(
                fields=["harm", "-severity", "act_by", "id"],
                name="raised_flags_by_urgency",
                condition=Q(cleared_at__isnull=True),
            ),
            models.Index(
                fields=["order", "harm", "-severity", "act_by"],
                name="raised_flags_of_orders",
                condition=Q(cleared_at__isnull=True),
            ),
            # What hangs under a pool is counted from this index alone (queries.causes.causes_behind).
            models.Index(
                fields=["plant", "cause", "order"],
                include=["id", "code", "acknowledged_at"],
                name="raised_flags_of_lines",
                condition=Q(cleared_at__isnull=True, remedy=Remedy.LINE.value),
            ),
        ]
        triggers = [
            has_its_plant(),
            tells_new(NoticeKind.FLAG),
            tells_changed(NoticeKind.FLAG),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.get_severity_display()})"

    @property
    def title(self) -> str:
        """What it is called: a code may stand for what is foreseen and for what came of it."""
        return flag_title(self.code, self.evidence if self.code in OF_EVIDENCE else {})

    @property
    def is_settled(self) -> bool:
        """Whether quality assurance decided on it, and nothing is left to do."""
        return self.harm == Harm.SETTLED

    @property
    def is_rejected(self) -> bool:
        """Whether it stands because quality assurance rejected the cells of an excursion."""
        return self.code == FlagCode.EXCURSION and self.evidence.get("decision") == ExcursionDecision.REJECT

    @property
    def runs_until(self) -> datetime | None:
        """Its limit; of one that is critical without one, that of the cells which wait meanwhile (rules.harm)."""
        said = self.evidence.get(CELLS_UNTIL) if self.due is None and self.is_critical else None
        return datetime.fromisoformat(said) if said else self.due

    @property
    def is_left_to_do(self) -> bool:
        """Whether quality assurance decided on it, and its next step says what that leaves to do (rules.decided)."""
        return not self.is_settled and SETTLED_AT in self.evidence

    @property
    def is_critical(self) -> bool:
        """Whether it is critical, and not settled: as every count of them means it (queries.flags)."""
        return self.severity == Severity.CRITICAL and not self.is_settled

    @property
    def severity_words(self) -> str:
        """“Critical”, “Attention”, or that it is settled: then its severity is history."""
        return "Settled" if self.is_settled else self.get_severity_display()


class FlagChange(models.Model):
    """One flip of a flag, kept for good."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    flag = models.ForeignKey(Flag, models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=16, choices=FlagChangeKind.choices)
    severity = models.CharField(max_length=10, choices=Severity.choices)
    changed_at = models.DateTimeField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    source = models.ForeignKey(SourceSystem, models.PROTECT, null=True, blank=True, related_name="+")
    person = models.CharField(max_length=150, blank=True, help_text="Who, by name; empty: the rules.")
    comment = models.CharField(max_length=500, blank=True)
    why = models.CharField(max_length=MOST_TEXT)
    evidence = models.JSONField(default=dict)

    class Meta:
        ordering = ["changed_at", "id"]
        indexes = [models.Index(fields=["changed_at"], name="flag_changes_by_time")]
        triggers = [*append_only(), flips_are_told()]

    @property
    def is_first_word(self) -> bool:
        """Whether with it somebody first said that they know of the flag."""
        return self.kind == FlagChangeKind.ACKNOWLEDGED

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.changed_at:%Y-%m-%d %H:%M} UTC"
