"""How far the seal of each order's events has been verified, and what came of it."""

from django.db import models
from django.db.models import Q

from supplychain.orders.models.orders import PatientOrder


class SealCheck(models.Model):
    """The verified head of one order's chain: pages show it instead of hashing the chain themselves.

    New events are verified from `head` on; the whole chain again when `recheck_after` has come, since nothing else
    would find an old event altered. What is found broken stays so until a check of the whole chain finds it whole.
    """

    order = models.OneToOneField(PatientOrder, models.PROTECT, primary_key=True, related_name="seal_check")
    position = models.PositiveIntegerField(default=0, help_text="Number of events verified.")
    head = models.CharField(max_length=64, blank=True, help_text="Hash of the last of them.")
    checked_at = models.DateTimeField(null=True, blank=True, help_text="When it was verified last.")
    recheck_after = models.DateTimeField(help_text="When the whole chain is verified again.")
    broken_at = models.PositiveIntegerField(null=True, blank=True, help_text="Position of the first event that breaks.")
    broken_event = models.UUIDField(null=True, blank=True, help_text="Its id; empty: the newest event is missing.")
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(broken_at__isnull=True, reason="") | (Q(broken_at__isnull=False) & ~Q(reason="")),
                name="broken_at_with_reason",
            )
        ]
        indexes = [models.Index(fields=["recheck_after"], name="seals_to_recheck")]

    def __str__(self) -> str:
        return f"{self.position} events verified"
