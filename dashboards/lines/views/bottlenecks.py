"""Which pool holds up each line, now and before, and why that changed."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboards.lines.queries.bottlenecks import (
    DAYS,
    BottleneckChoice,
    LineBottlenecks,
    bottleneck_lines,
)
from dashboards.lines.queries.lines import own_sites
from supplychain.pages.access import signed_in
from supplychain.pages.csv_files import csv_file
from supplychain.sites.statuses import SiteKind

PERIOD_COLUMNS = ("line", "pool", "from", "to", "why")
SHARE_COLUMNS = ("line", "pool", "hours", "share", "times_named")
FILES = (("periods", "periods"), ("shares", "share of time"), ("changes", "changes"))
CHANGE_COLUMNS = ("line", "at", "before", "after", "crossed", "why")


@require_safe
@signed_in
def bottlenecks(request: HttpRequest) -> HttpResponse:
    """The whole page; `?csv=periods`, `shares` or `changes` gives that table."""
    page = _bottlenecks(request)
    if name := request.GET.get("csv"):
        return _file(name, page["lines"])
    return render(request, "dashboards/lines/bottlenecks.html", page)


@require_safe
@signed_in
def bottlenecks_live(request: HttpRequest) -> HttpResponse:
    """What of it changes."""
    return render(request, "dashboards/lines/_bottlenecks.html", _bottlenecks(request))


def _bottlenecks(request: HttpRequest) -> dict[str, Any]:
    now, chosen = timezone.now(), BottleneckChoice.read(request.GET)
    plants = list(own_sites(request.user).filter(kind=SiteKind.PLANT))
    lines = bottleneck_lines(plants, chosen, now)
    return {"now": now, "chosen": chosen, "plants": plants, "lines": lines, "spans": DAYS, "files": FILES}


def _file(name: str, lines: Iterable[LineBottlenecks]) -> HttpResponse:
    columns, rows = {
        "shares": (SHARE_COLUMNS, _share_rows),
        "changes": (CHANGE_COLUMNS, _change_rows),
    }.get(name, (PERIOD_COLUMNS, _period_rows))
    return csv_file(f"bottleneck-{name if name in ('shares', 'changes') else 'periods'}", columns, rows(lines))


def _period_rows(lines: Iterable[LineBottlenecks]) -> Iterator[list[Any]]:
    for one in lines:
        for band in one.bands.bands:
            yield [one.site.code, band.row, band.started_at, band.ended_at, band.text]


def _share_rows(lines: Iterable[LineBottlenecks]) -> Iterator[list[Any]]:
    for one in lines:
        for share in one.shares:
            yield [one.site.code, share.name, round(share.time.total_seconds() / 3600, 1), round(share.share, 4),
                   share.times]  # fmt: skip


def _change_rows(lines: Iterable[LineBottlenecks]) -> Iterator[list[Any]]:
    for one in lines:
        for change in one.changes:
            yield [one.site.code, change.at, change.before, change.after, change.crossed, change.why]
