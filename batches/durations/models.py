"""How long stages take: the plain medians of the past, and what was learned from it."""

from django.db import models

from supplychain.flows.models import Product
from supplychain.ids import new_id
from supplychain.sites.models import Site


class LearnedDuration(models.Model):
    """The distribution of a stage's work time (hours) for a product, at a site and on a resource; a projection.

    `site` empty: over all sites of the product; `resource` empty: over all of the site. The curve is shrunk: the
    fewer runs of its own, the more it leans on the product's and on the planned figure (docs/judgement.md).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    site = models.ForeignKey(Site, models.CASCADE, null=True, blank=True, related_name="+")
    stage = models.CharField(max_length=40)
    resource = models.CharField(max_length=80, blank=True)
    completed = models.PositiveIntegerField(help_text="Runs that ended well.")
    failed = models.PositiveIntegerField(help_text="Runs that failed.")
    withdrawn = models.PositiveIntegerField(help_text="Runs ended by cancelling the order.")
    censored = models.PositiveIntegerField(help_text="Runs still at work: known to take at least so long.")
    own_weight = models.FloatField(help_text="0–1: how much of the curve its own runs make.")
    quantiles = models.JSONField(help_text="Hours at 0, 1/128 … 1 of the distribution.")
    median_hours = models.FloatField()
    p90_hours = models.FloatField()
    planned_hours = models.FloatField()
    failed_share = models.FloatField(help_text="0–1: share of runs that end by failing (Aalen–Johansen, shrunk).")
    failed_low = models.FloatField(help_text="Lower end of its 95 % interval.")
    failed_high = models.FloatField(help_text="Upper end of its 95 % interval.")
    withdrawn_share = models.FloatField(help_text="0–1: share of runs that end by cancelling the order.")
    drift = models.JSONField(default=dict, blank=True, help_text="The newest runs against those before.")
    is_drifting = models.BooleanField(default=False)
    ends = models.JSONField(
        default=dict, blank=True,
        help_text="Shares that fail first and again, hours of the completed and of the failed; empty without failures.",
    )  # fmt: skip
    refreshed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["product", "site", "stage", "resource"],
                name="one_learned_duration_per_subject",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.stage}: {self.median_hours:.1f} h"


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
