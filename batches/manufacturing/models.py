"""Batches: one manufacturing attempt of one order."""

from django.db import models
from django.db.models import F, Q

from batches.capacity.models import Suite
from batches.manufacturing.statuses import BatchStatus
from supplychain.ids import new_id
from supplychain.orders.models import PatientOrder
from supplychain.sites.models import Site
from supplychain.withdrawals import Withdrawable


class Batch(Withdrawable):
    """What the plant makes for one order in one attempt. A projection of the attempt's stage runs."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(PatientOrder, models.PROTECT, related_name="batches", db_index=False)
    attempt = models.PositiveSmallIntegerField()
    plant = models.ForeignKey(Site, models.PROTECT, related_name="batches")
    suite = models.ForeignKey(Suite, models.PROTECT, null=True, blank=True, related_name="batches", db_index=False)
    number = models.CharField(max_length=64, blank=True, db_index=True)
    status = models.CharField(max_length=12, choices=BatchStatus.choices)
    started_at = models.DateTimeField(null=True, blank=True)
    harvested_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)

    class Meta(Withdrawable.Meta):
        ordering = ["order", "attempt"]
        constraints = [models.UniqueConstraint(fields=["order", "attempt"], name="one_batch_per_attempt")]
        indexes = [
            models.Index(
                F("suite"),
                F("started_at").desc(nulls_last=True),
                name="batches_of_suite",
                condition=Q(suite__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.number or f"attempt {self.attempt}"
