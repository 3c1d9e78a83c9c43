"""The forms of risk thresholds."""

from typing import Any, ClassVar

from django import forms

from batches.forecasts.models import RiskThreshold
from batches.forecasts.rules.thresholds import Thresholds, cost_problems, threshold_problems
from supplychain.administration.forms import MasterDataForm

RISK_LABELS = {
    "attention": "Late: attention from",
    "critical": "Late: critical from",
    "wait_attention": "A wait runs out: attention from",
    "no_dose_attention": "No dose: attention from",
    "easing": "Clears below by",
    "acting_cost": "Cost of acting on a flag",
    "late_cost": "Cost of a late dose",
    "avoided_by_acting": "Share avoided by acting",
}
RISK_HELPS = {
    "attention": "From this chance of being late on an order is flagged for attention: 0.3 is 30 %.",
    "critical": "From this chance of being late on it is flagged as critical: 0.6 is 60 %.",
    "wait_attention": "From this chance on that a permitted wait runs out: 0.1 is 10 %.",
    "no_dose_attention": "From this chance on that no dose comes of the order: 0.2 is 20 %.",
    "easing": "A flag clears once its chance has fallen so far below its threshold: 0.1 is 10 percentage points.",
    "avoided_by_acting": "Of late doses that are acted on, the share that then comes in time: 0.5 is half of them.",
}
COSTS = ("acting_cost", "late_cost", "avoided_by_acting")
FIELDS = (*Thresholds._fields, *COSTS)


class RiskThresholdForm(MasterDataForm):
    """From which probabilities (0–1) on a product's orders are flagged."""

    class Meta:
        model = RiskThreshold
        fields = FIELDS
        labels = RISK_LABELS
        help_texts = RISK_HELPS

    def clean(self) -> dict[str, Any]:
        """Say what is wrong at its field, before the database says only that something is."""
        cleaned = super().clean()
        if all(name in cleaned for name in Thresholds._fields):
            limits = Thresholds(*(cleaned[name] for name in Thresholds._fields))
            for name, problem in threshold_problems(limits).items():
                self.add_error(name, problem)
        if all(name in cleaned for name in COSTS):
            for name, problem in cost_problems(*(cleaned[name] for name in COSTS)).items():
                self.add_error(name, problem)
        return cleaned


class NewRiskThresholdForm(RiskThresholdForm):
    """The same for a product that has had the usual ones."""

    class Meta:
        model = RiskThreshold
        fields = ("product", *FIELDS)
        labels = RISK_LABELS
        help_texts = RISK_HELPS
        field_classes: ClassVar[dict[str, type]] = {"product": forms.ModelChoiceField}
