"""Copies of an order's record that were issued: what was printed can be compared with what is kept."""

from django.conf import settings
from django.db import models

from supplychain.audit.append_only import append_only
from supplychain.ids import new_id
from supplychain.orders.models import PatientOrder


class IssuedReport(models.Model):
    """One chain report of an order, word for word, as somebody had it made. Append-only.

    `content`: JSON as text, so that its bytes stay what `fingerprint` (their SHA-256, hexadecimal) was taken of;
    `events`, `head`: how many events it tells of, and the seal of the last.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(PatientOrder, models.PROTECT, related_name="issued_reports", db_index=False)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    time_zone = models.CharField(max_length=64, help_text="In which its PDF shows moments.")
    events = models.PositiveIntegerField()
    head = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64, unique=True)
    content = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["order", "-made_at"], name="issued_reports_of_order")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"chain report {self.fingerprint[:12]}"
