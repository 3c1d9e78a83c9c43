"""Which pool holds up a line, from when to when, and why."""

from django.db import models
from django.db.models import F, Q

from batches.models.pools import Pool
from supplychain.ids import new_id
from supplychain.models import Site


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
