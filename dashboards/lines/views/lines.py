"""Lines and their stages: how each keeps up, and the orders behind every number."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboards.lines.queries.lines import (
    WEEKS,
    LineFilter,
    all_stages,
    line_figures,
    own_sites,
    window_of,
)
from dashboards.lines.queries.orders import MOST_EXPORTED, MOST_SHOWN, WantedRuns, runs_behind
from dashboards.lines.queries.pages import (
    LineReading,
    forecast_gaps,
    line_history,
    queue_chart,
    stage_figures,
    stage_history,
)
from dashboards.lines.views.files import (
    RUN_COLUMNS,
    STAGE_COLUMNS,
    run_rows,
    stage_rows,
    week_names,
    week_rows,
)
from supplychain.flows.models import Product
from supplychain.pages.access import signed_in
from supplychain.pages.csv_files import chart_file, csv_file
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind

QUEUE_FILE, PROGRESS_FILE = ("queue-by-age", "queue by age"), ("progress", "work in progress")
THROUGHPUT_FILE = ("throughput", "throughput")
LINE_FILES = (
    ("stages", "stages"), QUEUE_FILE, PROGRESS_FILE, THROUGHPUT_FILE, ("weeks", "completed per week"),
    ("times", "time in stage"),
)  # fmt: skip
STAGE_FILES = (QUEUE_FILE, ("waiting-times", "waits"), ("working-times", "work"), PROGRESS_FILE, THROUGHPUT_FILE)


@require_safe
@signed_in
def lines(request: HttpRequest) -> HttpResponse:
    """Every line and centre of the person; `?csv` gives the table of all stages."""
    page = _lines(request)
    if "csv" in request.GET:
        return csv_file("lines", STAGE_COLUMNS, stage_rows([*page["plants"], *page["centres"]]))
    return render(request, "dashboards/lines/lines.html", page | _choices())


@require_safe
@signed_in
def lines_live(request: HttpRequest) -> HttpResponse:
    """What of it changes."""
    return render(request, "dashboards/lines/_lines_overview.html", _lines(request))


@require_safe
@signed_in
def line(request: HttpRequest, site_code: str) -> HttpResponse:
    """One line or centre; `?csv=` and one of LINE_FILES gives that table."""
    page = _line(request, site_code)
    page["history"] = line_history(page["reading"])
    if name := request.GET.get("csv"):
        return _line_file(name, page)
    page["forecast"] = forecast_gaps(page["site"])
    return render(request, "dashboards/lines/line.html", page | _choices() | {"files": LINE_FILES})


@require_safe
@signed_in
def line_live(request: HttpRequest, site_code: str) -> HttpResponse:
    """What of it changes from minute to minute."""
    page = _line(request, site_code)
    return render(request, "dashboards/lines/_line_now.html", page | {"forecast": forecast_gaps(page["site"])})


@require_safe
@signed_in
def line_stage(request: HttpRequest, site_code: str, stage_code: str) -> HttpResponse:
    """One stage of a line; `?csv=` and a chart's key gives that table."""
    page = _stage(request, site_code, stage_code)
    page["history"] = stage_history(page["reading"], page["row"].stage)
    if name := request.GET.get("csv"):
        charts = page["history"].charts | {page["queue"].key: page["queue"]}
        return _chart_file(f"{site_code}-{stage_code}", name, charts)
    return render(request, "dashboards/lines/line_stage.html", page | _choices() | {"files": STAGE_FILES})


@require_safe
@signed_in
def line_stage_live(request: HttpRequest, site_code: str, stage_code: str) -> HttpResponse:
    """What of it changes from minute to minute."""
    return render(request, "dashboards/lines/_line_stage_now.html", _stage(request, site_code, stage_code))


@require_safe
@signed_in
def line_orders(request: HttpRequest, site_code: str) -> HttpResponse:
    """The orders behind a number; `?csv` gives them as a file."""
    reading = _reading(request, _site(request, site_code))
    wanted = WantedRuns.read(request.GET, reading.zone)
    runs = runs_behind(reading.site, wanted, reading.window, reading.zone)
    if "csv" in request.GET:
        return csv_file(f"{site_code}-orders", RUN_COLUMNS, run_rows(runs[:MOST_EXPORTED], reading.window.now))
    page = {"now": reading.window.now, "site": reading.site, "chosen": reading.chosen, "wanted": wanted}
    page |= {
        "stage": reading.stage(wanted.stage),
        "most": MOST_SHOWN,
        "most_exported": MOST_EXPORTED,
        "count": runs.count(),
    }
    return render(request, "dashboards/lines/line_orders.html", page | {"runs": runs[:MOST_SHOWN]})


def _lines(request: HttpRequest) -> dict[str, Any]:
    now, chosen = timezone.now(), LineFilter.read(request.GET)
    sites = list(own_sites(request.user))
    stages = all_stages(chosen.product)
    window = window_of(sites, stages.values(), chosen.weeks, now, timezone.get_current_timezone())
    figures = line_figures(sites, stages, window)
    plants = [one for one in figures if one.site.kind == SiteKind.PLANT]
    centres = [one for one in figures if one.site.kind != SiteKind.PLANT]
    return {"now": now, "chosen": chosen, "plants": plants, "centres": centres}


def _site(request: HttpRequest, site_code: str) -> Site:
    site = own_sites(request.user).filter(code=site_code).first()
    if site is None:
        raise Http404
    return site


def _reading(request: HttpRequest, site: Site) -> LineReading:
    address = reverse("line_orders", args=[site.code])
    zone = timezone.get_current_timezone()
    return LineReading.of(site, LineFilter.read(request.GET), address, timezone.now(), zone)


def _line(request: HttpRequest, site_code: str) -> dict[str, Any]:
    reading = _reading(request, _site(request, site_code))
    figures = reading.figures()
    queue = queue_chart(reading, figures)
    page = {"now": reading.window.now, "chosen": reading.chosen, "site": reading.site, "reading": reading}
    return page | {"line": figures, "queue": queue}


def _stage(request: HttpRequest, site_code: str, stage_code: str) -> dict[str, Any]:
    page = _line(request, site_code)
    if page["reading"].stage(stage_code) is None:
        raise Http404
    return page | stage_figures(page["reading"], page["line"], stage_code)


def _choices() -> dict[str, Any]:
    return {"products": Product.objects.only("code", "name"), "spans": WEEKS}


def _line_file(name: str, page: dict[str, Any]) -> HttpResponse:
    site, history = page["site"], page["history"]
    if name == "stages":
        return csv_file(site.code, STAGE_COLUMNS, stage_rows([page["line"]]))
    if name == "weeks":
        return csv_file(f"{site.code}-weeks", ("stage", "in_all", *week_names(history)), week_rows(history))
    return _chart_file(site.code, name, history.charts | {page["queue"].key: page["queue"]})


def _chart_file(name: str, key: str, charts: dict[str, Any]) -> HttpResponse:
    if key not in charts:
        raise Http404
    return chart_file(name, charts[key])
