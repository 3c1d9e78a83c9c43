"""What we said would happen, and the past durations it rests on."""

from django.db import models
from django.db.models import Q

from supplychain.ids import new_id
from supplychain.models import PatientOrder, Product, Site


class Forecast(models.Model):
    """When we said the dose would be ready to infuse, and from when to when we said it. Kept for good."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(PatientOrder, models.PROTECT, related_name="forecasts", db_index=False)
    made_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)
    ready_at = models.DateTimeField(help_text="Forecast moment at which infusion could start.")
    slack_hours = models.FloatField(null=True, blank=True, help_text="Promise less forecast; empty: no promise.")
    evidence = models.JSONField(help_text="Hours of wait and work per remaining stage on the critical path.")

    class Meta:
        ordering = ["order", "-made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(superseded_at__isnull=True), name="one_standing_forecast"
            )
        ]
        indexes = [models.Index(fields=["order", "-made_at"], name="forecasts_of_order")]

    def __str__(self) -> str:
        return f"ready {self.ready_at:%Y-%m-%d}"


class TypicalDuration(models.Model):
    """Median work time (hours) of a stage at a site for a product over its newest completed runs."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="+")
    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    stage = models.CharField(max_length=40)
    runs = models.PositiveIntegerField()
    median_hours = models.FloatField()
    refreshed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "product", "stage"], name="one_typical_duration_per_stage")
        ]

    def __str__(self) -> str:
        return f"{self.stage}: {self.median_hours:.1f} h of {self.runs}"
