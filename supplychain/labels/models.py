"""Labels that were printed for an order, and how each ended. A projection of its events."""

from django.db import models
from django.db.models import Q

from supplychain.audit.append_only import never_deleted
from supplychain.labels.statuses import LabelStatus
from supplychain.orders.models import PatientOrder
from supplychain.withdrawals import Withdrawable


class Label(Withdrawable):
    """One printed label; `key`: its serial number, to look up. `number` empty: it is the order's, not a material's.

    `stage`, `attempt`: of the step for which it was printed, empty: of the whole order, as nobody said; `replaces`:
    serial number of the label in whose place it was printed again. `printed_event` empty: only its end was reported.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    order = models.ForeignKey(PatientOrder, models.PROTECT, related_name="labels", db_index=False)
    key = models.CharField(max_length=200)
    serial = models.CharField(max_length=64)
    number = models.CharField(max_length=64, blank=True, help_text="Of the material it is for.")
    number_key = models.CharField(max_length=200, blank=True)
    stage = models.CharField(max_length=64, blank=True)
    attempt = models.PositiveSmallIntegerField(null=True, blank=True)
    layout = models.CharField(max_length=64, blank=True)
    printer = models.CharField(max_length=64, blank=True)
    replaces = models.CharField(max_length=64, blank=True)
    replaces_why = models.CharField(max_length=500, blank=True)
    printed_at = models.DateTimeField(null=True, blank=True)
    printed_event = models.UUIDField(null=True, blank=True, editable=False)
    status = models.CharField(max_length=10, choices=LabelStatus.choices)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_event = models.UUIDField(null=True, blank=True, editable=False)
    reason = models.CharField(max_length=500, blank=True)
    doubts = models.JSONField(default=list, blank=True, help_text="What of it does not fit (LabelDoubt).")

    class Meta(Withdrawable.Meta):
        constraints = [models.UniqueConstraint(fields=["order", "key"], name="one_label_per_serial")]
        indexes = [
            models.Index(fields=["key"], name="labels_by_serial"),
            models.Index(
                fields=["order"],
                name="open_labels",
                condition=Q(status=LabelStatus.OPEN, withdrawn_at__isnull=True),
            ),
        ]
        triggers = never_deleted()

    def __str__(self) -> str:
        return self.serial
