"""What was said would happen, what came of it, and what that says of the next forecasts."""

import pghistory
from django.db import models
from django.db.models import Q

from batches.forecasts.statuses import Refinement
from supplychain.flows.models import Product
from supplychain.ids import new_id
from supplychain.leases import Leasable
from supplychain.orders.models import PatientOrder
from supplychain.orders.models.change_trigger import tells_new
from supplychain.orders.models.notice_kinds import NoticeKind
from supplychain.sites.models import Site


class CalibrationState(models.Model):
    """Of one line: whether its simulated probabilities are used, and by how much its intervals are widened.

    A projection of the scored predictions, but for `is_used`, which also remembers what it was: it changes with
    hysteresis (batches/calibration/rules/choice.py).
    """

    line = models.OneToOneField(Site, models.CASCADE, primary_key=True, related_name="calibration_state")
    model = models.CharField(max_length=20, help_text="Version of the model that was scored.")
    is_used = models.BooleanField(default=True)
    changed_at = models.DateTimeField(help_text="Since when it is used, or is not.")
    why = models.CharField(max_length=500)
    orders = models.PositiveIntegerField(help_text="Scored orders behind the choice.")
    brier = models.FloatField(null=True, blank=True, help_text="Of P(late), 0–1; less is better.")
    baseline_brier = models.FloatField(null=True, blank=True, help_text="Of the plain medians, on the same orders.")
    widening_low_hours = models.FloatField(default=0, help_text="By how much the 80 % interval begins earlier.")
    widening_high_hours = models.FloatField(default=0, help_text="By how much the 80 % interval ends later.")
    interval_orders = models.PositiveIntegerField(default=0, help_text="Scored orders behind the widening.")
    late_intercept = models.FloatField(default=0, help_text="P(late): log-odds said = intercept + slope · simulated.")
    late_slope = models.FloatField(default=1)
    late_why = models.CharField(max_length=500, blank=True, help_text="What the simulation's P(late) was worth.")
    refreshed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(widening_low_hours__gte=0, widening_high_hours__gte=0), name="never_narrowed"
            ),
            models.CheckConstraint(condition=Q(late_slope__gt=0), name="late_slope_keeps_the_order"),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {'used' if self.is_used else 'not used'}"


UNIT = "0–1."


class Prediction(models.Model):
    """Every probability that was issued of an order, from when to when it stood, and how it turned out.

    Kept for good: the calibration is scored on it. Forecast columns never change once written; outcomes are written
    once: what concerns the promise when the promise has passed, the rest when the order has ended.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(PatientOrder, models.PROTECT, related_name="predictions", db_index=False)
    line = models.ForeignKey(Site, models.PROTECT, related_name="predictions", db_index=False)
    made_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)
    model = models.CharField(max_length=20, help_text="Version of the model that said it.")
    paths = models.PositiveIntegerField(help_text="Simulated futures.")
    promised_at = models.DateTimeField(null=True, blank=True)
    ready_low = models.DateTimeField(null=True, blank=True, help_text="One in ten futures is ready before.")
    ready_median = models.DateTimeField(null=True, blank=True)
    ready_high = models.DateTimeField(null=True, blank=True, help_text="Nine in ten futures are ready before.")
    widened_low_hours = models.FloatField(default=0, help_text="By how much past errors moved its beginning.")
    widened_high_hours = models.FloatField(default=0, help_text="By how much past errors moved its end.")
    infused_median = models.DateTimeField(null=True, blank=True)
    p_late = models.FloatField(null=True, blank=True, help_text=f"P(ready after the promise), {UNIT}")
    p_late_simulated = models.FloatField(
        null=True, blank=True, help_text="The same by the futures alone, before past errors corrected it."
    )
    p_wait_expires = models.FloatField(help_text=f"P(a permitted wait runs out), {UNIT}")
    p_no_dose = models.FloatField(help_text=f"P(no dose comes of the order), {UNIT}")
    baseline_ready_at = models.DateTimeField(null=True, blank=True, help_text="By the plain medians of the past.")
    evidence = models.JSONField(default=dict, help_text="Intervals, causes, stages, rescue: docs/judgement.md.")
    missed_promise = models.BooleanField(null=True, blank=True, help_text="No dose was ready by the promise.")
    was_late = models.BooleanField(null=True, blank=True, help_text="The same, unless it was withdrawn by then.")
    promise_settled_at = models.DateTimeField(
        null=True, blank=True, help_text="When that was certain: the promise, or the dose or withdrawal before it."
    )
    promise_scored_at = models.DateTimeField(null=True, blank=True)
    wait_expired = models.BooleanField(null=True, blank=True)
    had_no_dose = models.BooleanField(null=True, blank=True)
    was_ready_at = models.DateTimeField(null=True, blank=True)
    scored_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        triggers = [tells_new(NoticeKind.FORECAST)]
        ordering = ["order", "-made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(superseded_at__isnull=True), name="one_standing_prediction"
            ),
            models.CheckConstraint(
                condition=Q(p_wait_expires__range=(0, 1), p_no_dose__range=(0, 1))
                & (Q(p_late__isnull=True) | Q(p_late__range=(0, 1))),
                name="prediction_probabilities",
            ),
        ]
        indexes = [
            models.Index(fields=["order", "-made_at"], name="predictions_of_order"),
            models.Index(fields=["line", "scored_at"], name="scored_predictions_of_line"),
            models.Index(fields=["made_at"], name="predictions_to_score", condition=Q(scored_at__isnull=True)),
            models.Index(fields=["promised_at"], name="promises_to_score", condition=Q(promise_scored_at__isnull=True)),
            models.Index(fields=["line", "promised_at"], name="predictions_by_promise"),
        ]

    def __str__(self) -> str:
        return f"made {self.made_at:%Y-%m-%d %H:%M}"


class RefinementState(models.Model):
    """Of one line: whether a refinement of its forecast is in use, and what it brought on the line's own past.

    A projection of the replayed forecasts, but for `is_used`, which also remembers what it was.
    """

    line = models.ForeignKey(Site, models.CASCADE, related_name="refinements")
    refinement = models.CharField(max_length=12, choices=Refinement.choices)
    is_used = models.BooleanField(default=False)
    changed_at = models.DateTimeField(help_text="Since when it is used, or is not.")
    why = models.CharField(max_length=500)
    orders = models.PositiveIntegerField(default=0, help_text="Orders of the past that it was tried on.")
    brier_without = models.FloatField(null=True, blank=True, help_text="Of P(late) of the same forecasts without it.")
    brier_with = models.FloatField(null=True, blank=True, help_text="With it; 0–1, less is better.")
    learned = models.JSONField(default=dict, blank=True, help_text="What it rests on, learned from the line's past.")
    refreshed_at = models.DateTimeField()

    class Meta:
        ordering = ["line", "refinement"]
        constraints = [models.UniqueConstraint(fields=["line", "refinement"], name="one_state_per_refinement")]

    def __str__(self) -> str:
        return f"{self.line}: {self.refinement} {'used' if self.is_used else 'not used'}"


class ReplayedForecast(models.Model):
    """A line's forecast of a past moment, made afterwards from what was recorded by then: without and with each
    refinement. A projection: `orders` as (id, promise, came late), `said` P(late) of each by names of refinements."""

    line = models.ForeignKey(Site, models.CASCADE, related_name="replayed_forecasts")
    moment = models.DateTimeField()
    paths = models.PositiveIntegerField()
    orders = models.JSONField(default=list)
    said = models.JSONField(default=dict)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["line", "moment"], name="one_replayed_forecast_per_moment")]

    def __str__(self) -> str:
        return f"{self.line} at {self.moment:%Y-%m-%d}"


class ForecastJob(Leasable):
    """When a line is to be forecast again, and how the last forecast of it went."""

    line = models.OneToOneField(Site, models.CASCADE, primary_key=True, related_name="line_forecast")
    forecast_after = models.DateTimeField(null=True, blank=True, db_index=True)
    made_at = models.DateTimeField(null=True, blank=True)
    orders = models.PositiveIntegerField(default=0)
    paths = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0, help_text="That it took.")
    rescued_at = models.DateTimeField(null=True, blank=True, help_text="When rescues were looked for.")
    evidence = models.JSONField(default=dict, blank=True, help_text="What limits the line in the forecast.")

    class Meta:
        db_table = "batches_lineforecast"

    def __str__(self) -> str:
        return f"{self.line}: {self.made_at or 'not yet'}"


@pghistory.track()
class RiskThreshold(models.Model):
    """From which probability on an order of a product is flagged; between `easing` and it nothing flutters."""

    product = models.OneToOneField(Product, models.CASCADE, primary_key=True, related_name="risk_threshold")
    attention = models.FloatField(default=0.3, help_text=f"P(late) that wants attention, {UNIT}")
    critical = models.FloatField(default=0.6, help_text=f"P(late) that is critical, {UNIT}")
    wait_attention = models.FloatField(default=0.1, help_text=f"The same of P(a permitted wait runs out), {UNIT}")
    no_dose_attention = models.FloatField(default=0.2, help_text=f"The same of P(no dose), {UNIT}")
    easing = models.FloatField(default=0.1, help_text="So far below its threshold a probability clears its flag.")
    acting_cost = models.FloatField(
        null=True, blank=True, help_text="What acting on one flag costs, in money or hours; empty: not known."
    )
    late_cost = models.FloatField(null=True, blank=True, help_text="What one late dose costs, in the same unit.")
    avoided_by_acting = models.FloatField(
        null=True, blank=True, help_text="Of late doses that are acted on, the share that then comes in time, 0–1."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(acting_cost=None, late_cost=None, avoided_by_acting=None)
                | Q(acting_cost__gt=0, late_cost__gt=0, avoided_by_acting__gt=0, avoided_by_acting__lte=1),
                name="costs_of_acting_together",
            ),
            models.CheckConstraint(
                condition=Q(attention__gt=0, critical__gt=models.F("attention"), critical__lte=1)
                & Q(wait_attention__gt=0, wait_attention__lt=1, no_dose_attention__gt=0, no_dose_attention__lt=1)
                & Q(easing__gte=0, easing__lt=models.F("attention")),
                name="risk_thresholds_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product}: {self.attention:.0%}, {self.critical:.0%}"


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
        triggers = [tells_new(NoticeKind.FORECAST)]

    def __str__(self) -> str:
        return f"ready {self.ready_at:%Y-%m-%d}"
