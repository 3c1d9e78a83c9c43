"""How long stages take, as learned from the past: the page, and the same as a file."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from batches.durations.queries.pages import (
    ALL_SITES,
    DurationChoice,
    LearnedStages,
    learned_stages,
)
from batches.durations.rules.pages import DEFINED
from supplychain.pages.access import signed_in
from supplychain.pages.csv_files import csv_file
from supplychain.pages.viewers import Viewer

COLUMNS = (
    "product", "site", "stage", "name", "resource", "planned_hours", "learned_median_hours", "learned_p90_hours",
    "completed", "failed", "withdrawn", "still_at_work", "own_weight", "failed_share", "failed_low", "failed_high",
    "withdrawn_share", "newest_runs", "earlier_runs", "newest_median_hours", "earlier_median_hours", "shift", "z",
    "is_drifting", "learned_at",
)  # fmt: skip
DRIFT = ("newer", "older", "newer_median_hours", "older_median_hours", "shift", "z")


@require_safe
@signed_in
def durations(request: HttpRequest) -> HttpResponse:
    """The page."""
    viewer = Viewer.of(request.user)
    choice = DurationChoice.read(request.GET, viewer)
    page = {"now": timezone.now(), "choice": choice, "learned": learned_stages(choice), "all_sites": ALL_SITES}
    return render(request, "batches/durations/durations.html", page | DEFINED | {"has_sites": bool(viewer.site_ids)})


@require_safe
@signed_in
def durations_csv(request: HttpRequest) -> HttpResponse:
    """Every figure of the page, one stage or resource a row."""
    choice = DurationChoice.read(request.GET, Viewer.of(request.user))
    site = choice.site.code if choice.site else ALL_SITES
    product = choice.product.code if choice.product else ""
    rows = _file_rows(product, site, learned_stages(choice))
    return csv_file(f"cellops-durations-{product}-{site}", COLUMNS, rows)


def _file_rows(product: str, site: str, learned: LearnedStages) -> Iterator[list[Any]]:
    for stage, row in learned.rows():
        yield [
            product, site, stage.plan.code, stage.plan.name, row.resource, row.planned_hours,
            round(row.median_hours, 2), round(row.p90_hours, 2), row.completed, row.failed, row.withdrawn,
            row.censored, round(row.own_weight, 4), round(row.failed_share, 5), round(row.failed_low, 5),
            round(row.failed_high, 5), round(row.withdrawn_share, 5), *(row.drift.get(name) for name in DRIFT),
            "yes" if row.is_drifting else "no", learned.learned_at,
        ]  # fmt: skip
