"""Learned durations for tests of pages and of the interface, written as the refresh would."""

from typing import Any

from batches.durations.models import LearnedDuration
from batches.durations.rules.curves import curve_of_plan, median_of, quantile_of
from supplychain.flows.models import Product
from supplychain.sites.models import Site
from tests.supplychain.builders import at

DRIFT = {
    "newer": 30, "older": 40, "newer_median_hours": 15.0, "older_median_hours": 12.0, "shift": 0.25, "larger": 0.8,
    "z": 4.2, "evidence": 25_000.0,
}  # fmt: skip


def make_learned(
    product: Product, site: Site | None, stage: str = "selection", resource: str = "", hours: float = 14, **given: Any
) -> LearnedDuration:
    """What 30 completed runs, of which one in ten takes 1.3 times the median, would give."""
    curve = curve_of_plan(hours, hours * 1.4)
    fields = {
        "completed": 30, "failed": 2, "withdrawn": 1, "censored": 4, "own_weight": 0.75, "quantiles": list(curve),
        "median_hours": median_of(curve), "p90_hours": quantile_of(curve, 0.9), "planned_hours": 12.0,
        "failed_share": 0.05, "failed_low": 0.02, "failed_high": 0.1, "withdrawn_share": 0.02, "refreshed_at": at(99),
    }  # fmt: skip
    return LearnedDuration.objects.create(
        product=product, site=site, stage=stage, resource=resource, **(fields | given)
    )
