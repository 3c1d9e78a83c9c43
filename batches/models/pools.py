"""Pools: what a stage needs to run, how many at once, and how they keep up."""

import pghistory
from django.db import models

from batches.statuses import PoolCondition
from supplychain.ids import new_id
from supplychain.models import Site


@pghistory.track()
class Pool(models.Model):
    """Like places at one site: suites, QC lanes, couriers, chairs. A stage names it by `code`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="pools")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["site", "code"]
        constraints = [models.UniqueConstraint(fields=["site", "code"], name="one_pool_per_site_and_code")]

    def __str__(self) -> str:
        return f"{self.name}, {self.site}"


@pghistory.track()
class PoolCapacity(models.Model):
    """How many orders a pool serves at once, from a moment on until the next row."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pool = models.ForeignKey(Pool, models.CASCADE, related_name="capacities")
    starts_at = models.DateTimeField()
    places = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name, verbose_name_plural = "capacity", "capacities"
        ordering = ["pool", "starts_at"]
        constraints = [models.UniqueConstraint(fields=["pool", "starts_at"], name="one_capacity_per_moment")]

    def __str__(self) -> str:
        return f"{self.pool}: {self.places} from {self.starts_at:%Y-%m-%d}"


@pghistory.track()
class Suite(models.Model):
    """One named place of a pool, for example a clean-room suite."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pool = models.ForeignKey(Pool, models.PROTECT, related_name="suites")
    code = models.CharField(max_length=80)

    class Meta:
        verbose_name, verbose_name_plural = "named place", "named places"
        ordering = ["pool", "code"]
        constraints = [models.UniqueConstraint(fields=["pool", "code"], name="one_suite_per_code")]

    def __str__(self) -> str:
        return self.code


class PoolState(models.Model):
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
    evidence = models.JSONField(default=dict, blank=True, help_text="Use, active periods, check: docs/judgement.md.")

    def __str__(self) -> str:
        return f"{self.pool}: {self.get_condition_display()}"
