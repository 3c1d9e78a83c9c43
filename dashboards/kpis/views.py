"""The key figures: the page, and the same as a file."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from batches.outcomes.rules import FEW, MEASURES
from dashboards.kpis.queries import LENGTHS, KpiFilter, kpi_sums
from dashboards.kpis.rules.tables import (
    FILE_HEADER,
    PLACE_COLUMNS,
    KpiPlace,
    KpiRow,
    charts,
    file_rows,
    rows_by_month,
    rows_by_place,
)
from supplychain.pages.access import signed_in
from supplychain.pages.csv_files import csv_file
from supplychain.pages.scopes import scope_of
from supplychain.pages.viewers import Viewer


@require_safe
@signed_in
def kpis(request: HttpRequest) -> HttpResponse:
    """The page."""
    return render(request, "dashboards/kpis/kpis.html", _kpis(request))


@require_safe
@signed_in
def kpis_csv(request: HttpRequest) -> HttpResponse:
    """Every figure of the page with its number of cases, one a row."""
    found = _kpis(request)
    groups = {"all": [KpiRow("all", found["total"])], "month": found["months"]} | found["tables"]
    return csv_file(f"cellops-kpis-{found['chosen'].until.code}", FILE_HEADER, file_rows(groups))


def _kpis(request: HttpRequest) -> dict[str, Any]:
    now, zone, viewer = timezone.now(), timezone.get_current_timezone(), Viewer.of(request.user)
    today, scope = now.astimezone(zone).date(), scope_of(viewer)
    chosen = KpiFilter.read(request.GET, today)
    sums = kpi_sums(chosen, viewer, scope, zone, now)
    rows = rows_by_month(sums.months, [(one.name, f"{reverse('orders')}?infused={one.code}") for one in chosen.months])
    places = {"product": scope.products, "plant": scope.plants, "centre": scope.sites}
    return {
        "now": now,
        "chosen": chosen,
        "query": chosen.query(today),
        "earlier": chosen.earlier().query(today),
        "later": (later := chosen.later(today)) and f"?{later.query(today)}",
        "scope": scope,
        "lengths": LENGTHS,
        "has_sites": bool(viewer.site_ids),
        "few": FEW,
        "measures": MEASURES,
        "total": sums.total,
        "months": rows,
        "charts": charts(rows, sums.reasons),
        "tables": {
            name: rows_by_place(sums.places[column], [KpiPlace(row.pk, row.name) for row in places[name]])
            for name, column in PLACE_COLUMNS.items()
        },
    }
