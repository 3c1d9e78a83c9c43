"""What would become of a line if it were changed: scenarios that people keep, and their simulations."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q

from batches.ramp_ups.statuses import RunKind, RunStatus, ScenarioBase
from supplychain.ids import new_id
from supplychain.leases import Leasable
from supplychain.names import NameField
from supplychain.sites.models import Site


@pghistory.track()
class Scenario(models.Model):
    """Changes to a line that are to be tried; its owner's until it is shared with the people of the line.

    `changes`: a list as ramp_ups/rules/changes.py reads it; `costs`: unit costs by name in `currency`, where the
    scenario has its own; empty: those of the line.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    line = models.ForeignKey(Site, models.PROTECT, related_name="scenarios")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="scenarios",
        help_text="Empty: kept by the program for everybody of the line.",
    )  # fmt: skip
    name = NameField(max_length=80)
    base = models.CharField(max_length=8, choices=ScenarioBase.choices, default=ScenarioBase.CLEAN)
    weeks = models.PositiveSmallIntegerField(default=52, help_text="Measured weeks.")
    replications = models.PositiveSmallIntegerField(default=100)
    changes = models.JSONField(default=list, blank=True)
    costs = models.JSONField(default=dict, blank=True)
    currency = models.CharField(max_length=3, blank=True, help_text="ISO 4217 code, of a scenario with its own costs.")
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField()

    class Meta:
        ordering = ["-edited_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(weeks__range=(1, 260), replications__range=(10, 400)), name="scenario_size"
            ),
            models.UniqueConstraint(
                fields=["line", "name"], condition=Q(owner__isnull=True), name="one_program_scenario_per_name"
            ),
        ]
        indexes = [models.Index(fields=["line", "-edited_at"], name="scenarios_of_line")]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class LineCosts(models.Model):
    """What places, batches and tests cost at a plant, as its people said; a line without is planned in places alone.

    `costs`: by name as ramp_ups/rules/costs.py reads them; a name that is missing is not known.
    """

    line = models.OneToOneField(Site, models.PROTECT, primary_key=True, related_name="costs")
    currency = models.CharField(max_length=3, help_text="ISO 4217 code, for example EUR.")
    costs = models.JSONField(default=dict)
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    edited_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "line costs"

    def __str__(self) -> str:
        return f"Costs of {self.line}, {self.currency}"


class ScenarioRun(Leasable):
    """One simulation of a scenario, worked on in chunks by whichever worker holds its lease.

    `inputs`: everything it rests on, taken when it was asked for; `fingerprint` of them; `partial`: what was worked out
    so far; `result`: what it came to.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="runs", db_index=False)
    kind = models.CharField(max_length=8, choices=RunKind.choices, default=RunKind.COMPARE)
    status = models.CharField(max_length=10, choices=RunStatus.choices, default=RunStatus.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField()
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    requested_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    cancel_requested = models.BooleanField(default=False)
    tries = models.PositiveSmallIntegerField(default=0, help_text="Chunks begun since one was last finished.")
    fingerprint = models.CharField(max_length=16)
    inputs = models.JSONField()
    partial = models.JSONField(default=dict, blank=True)
    result = models.JSONField(default=dict, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-requested_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["scenario"], condition=Q(status__in=["queued", "running"]), name="one_open_run_per_scenario"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running"], finished_at__isnull=True)
                | Q(status__in=["done", "cancelled", "failed"], finished_at__isnull=False),
                name="ended_runs_have_their_end",
            ),
        ]
        indexes = [
            models.Index(fields=["scenario", "-requested_at"], name="runs_of_scenario"),
            models.Index(fields=["leased_until"], name="runs_to_work", condition=Q(status__in=["queued", "running"])),
        ]

    def __str__(self) -> str:
        return f"{self.scenario}: {self.get_status_display()}"

    @property
    def is_open(self) -> bool:
        """Whether there is still work to do."""
        return self.status in (RunStatus.QUEUED, RunStatus.RUNNING)

    @property
    def percent(self) -> int:
        """How much of the work is done."""
        return min(100, round(100 * self.done / self.total)) if self.total else 0
