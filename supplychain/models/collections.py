"""Collections (apheresis): the starting material of one order."""

from django.db import models

from supplychain.ids import new_id
from supplychain.models.sites import Site
from supplychain.models.stages import StageRun
from supplychain.statuses import CollectionStatus


class Collection(models.Model):
    """An apheresis appointment and what came of it. A projection of its stage run."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    stage_run = models.OneToOneField(StageRun, models.PROTECT, related_name="collection")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=CollectionStatus.choices)
    donation_number = models.CharField(max_length=64, blank=True, help_text="ISBT 128 donation identification number.")
    planned_start_at = models.DateTimeField(null=True, blank=True)
    planned_end_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.donation_number or "collection"
