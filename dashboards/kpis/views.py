"""The key figures: the page, and the same as a file."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from batches.outcomes.queries import decided_or_due, in_process, kpi_facts
from batches.outcomes.rules import FEW, MEASURES, figures
from dashboards.kpis.queries import LENGTHS, KpiFilter
from dashboards.kpis.rules.tables import (
    FILE_HEADER,
    KpiPlace,
    KpiRow,
    charts,
    file_rows,
    rows_by_month,
    rows_by_place,
)
from supplychain.pages.access import signed_in
from supplychain.pages.csv_files import csv_file
from supplychain.pages.periods import month_span
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
    orders = chosen.orders(viewer, scope, zone)
    facts = kpi_facts(orders.filter(decided_or_due(now)))
    seen = (facts.outcomes, facts.attempts)
    months = [(month.name, f"{reverse('orders')}?infused={month.code}", month_span(month, zone))
              for month in chosen.months]  # fmt: skip
    span = (months[0][2][0], months[-1][2][1])
    others = in_process(orders, [end for _, _, (_, end) in months], now)
    rows = rows_by_month(*seen, months, now, others)
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
        "total": figures(*seen, span, now, others),
        "months": rows,
        "charts": charts(rows, facts.outcomes, span),
        "tables": {
            name: rows_by_place(*seen, [KpiPlace(row.pk, row.name) for row in places], column, span, now, others)
            for name, column, places in (
                ("product", "product_id", scope.products),
                ("plant", "plant_id", scope.plants),
                ("centre", "site_id", scope.sites),
            )
        },
    }
