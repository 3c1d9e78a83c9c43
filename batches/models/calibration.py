"""What the scores of past predictions say about the next ones."""

from django.db import models
from django.db.models import Q

from supplychain.models import Site


class CalibrationState(models.Model):
    """Of one line: whether its simulated probabilities are used, and by how much its intervals are widened.

    A projection of the scored predictions, but for `is_used`, which also remembers what it was: it changes with
    hysteresis (batches/rules/calibration/choice.py).
    """

    line = models.OneToOneField(Site, models.CASCADE, primary_key=True, related_name="calibration_state")
    model = models.CharField(max_length=20, help_text="Version of the model that was scored.")
    is_used = models.BooleanField(default=True)
    changed_at = models.DateTimeField(help_text="Since when it is used, or is not.")
    why = models.CharField(max_length=500)
    orders = models.PositiveIntegerField(help_text="Scored orders behind the choice.")
    brier = models.FloatField(null=True, blank=True, help_text="Of P(late), 0–1; less is better.")
    baseline_brier = models.FloatField(null=True, blank=True, help_text="Of the plain medians, on the same orders.")
    widening_hours = models.FloatField(default=0, help_text="By how much the 80 % interval is widened each way.")
    interval_orders = models.PositiveIntegerField(default=0, help_text="Scored orders behind the widening.")
    refreshed_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(widening_hours__gte=0), name="never_narrowed")]

    def __str__(self) -> str:
        return f"{self.line}: {'used' if self.is_used else 'not used'}"
