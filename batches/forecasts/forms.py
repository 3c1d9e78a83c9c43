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
COSTS = ("acting_cost", "late_cost", "avoided_by_acting")
FIELDS = (*Thresholds._fields, *COSTS)


class RiskThresholdForm(MasterDataForm):
    """From which probabilities (0–1) on a product's orders are flagged."""

    class Meta:
        model = RiskThreshold
        fields = FIELDS
        labels = RISK_LABELS

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
        field_classes: ClassVar[dict[str, type]] = {"product": forms.ModelChoiceField}
