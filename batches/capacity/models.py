"""Pools: what a stage needs to run, and how many at once."""

import pghistory
from django.db import models

from supplychain.ids import new_id
from supplychain.names import NameField
from supplychain.sites.models import Site
from supplychain.words import in_zone


@pghistory.track()
class Pool(models.Model):
    """Like places at one site: suites, QC lanes, couriers, chairs. A stage names it by `code`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="pools")
    code = models.CharField(max_length=40)
    name = NameField(max_length=80)

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
        return f"{self.pool}: {self.places} from {in_zone(self.starts_at, self.pool.site.time_zone)}"


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
