"""Suites, shippers and couriers: what each had to do with, and the way to put all of it on hold."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboards.resources.queries.ended import Resource
from dashboards.resources.queries.uses import (
    MOST_ENDED,
    Use,
    resources_in_use,
    runs_of,
    site_name,
    sites_with_places,
    uses_of,
)
from dashboards.resources.statuses import PLURALS, WORDS
from supplychain.orders.queries.infusions import giving_now
from supplychain.orders.statuses import OrderEventKind
from supplychain.pages.access import signed_in
from supplychain.pages.csv_files import csv_file
from supplychain.pages.viewers import Viewer
from supplychain.recording.queries import may_report
from supplychain.recording.views.operations import MOST_ORDERS, address

COLUMNS = ("order", "patient reference", "product", "attempt", "stages", "started", "ended", "where", "status")
CUT = "Of ended orders only the newest {most} stages are listed here: there are more."
# Stages of ended orders on a page.
PAST = 100
MOST_DIGITS = 6


@require_safe
@signed_in
def resources(request: HttpRequest) -> HttpResponse:
    """What the person's open orders have to do with, by kind."""
    viewer = Viewer.of(request.user)
    found = resources_in_use(viewer)
    groups = [
        {"kind": kind, "words": PLURALS[kind], "named": of_kind.named, "is_cut": of_kind.is_cut}
        for kind, of_kind in found.items()
    ]
    page = {"groups": groups, "sites": sites_with_places(viewer)}
    return render(request, "dashboards/resources/resources.html", page)


@require_safe
@signed_in
def resource(request: HttpRequest, kind: str) -> HttpResponse:
    """The orders that had to do with one thing; `?csv` gives them as a file."""
    asked = Resource.read(kind, request.GET)
    if asked is None:
        raise Http404
    viewer, now = Viewer.of(request.user), timezone.now()
    if "csv" in request.GET:
        return _file(asked, viewer, now)
    number = _page(request.GET.get("page", ""))
    runs = runs_of(asked, viewer, first=PAST * (number - 1), most=PAST)
    uses = uses_of([*runs.of_open, *runs.of_ended], now)
    giving = giving_now({use.order.pk for use in uses if use.counts}, now)
    # Whoever is being given the dose in this minute stands first.
    waiting = sorted((use for use in uses if use.counts), key=lambda use: use.order.pk not in giving)
    free = [use for use in waiting if use.may_be_held]
    to_hold = [use for use in free if may_report(use.order, request.user, OrderEventKind.HELD)]
    page = {
        "asked": asked,
        "words": WORDS[asked.kind],
        "site_name": site_name(asked, viewer),
        "now": waiting,
        "giving": giving,
        "past": [use for use in uses[len(waiting) :] if number == 1 or not use.order.is_open],
        "newer": _at_page(request, number - 1) if number > 1 else "",
        "older": _at_page(request, number + 1) if runs.is_more else "",
        "most": MOST_ENDED,
        "on_hold": len(waiting) - len(free),
        "of_others": len(free) - len(to_hold),
        "holds": list(_holds(to_hold, request.get_full_path())),
    }
    return render(request, "dashboards/resources/resource.html", page)


def _file(asked: Resource, viewer: Viewer, now: datetime) -> HttpResponse:
    runs = runs_of(asked, viewer, most=MOST_ENDED)
    uses = uses_of([*runs.of_open, *runs.of_ended], now)
    cut = [[CUT.format(most=MOST_ENDED)]] if runs.is_more else []
    return csv_file(f"orders-of-{asked.kind}", COLUMNS, [*_rows(uses), *cut])


def _page(given: str) -> int:
    return max(int(given[:MOST_DIGITS]), 1) if given.isascii() and given.isdigit() else 1


def _at_page(request: HttpRequest, number: int) -> str:
    given = request.GET.copy()
    given["page"] = str(number)
    return given.urlencode()


def _holds(to_hold: list[Use], back: str) -> Iterator[dict[str, Any]]:
    """Ways to the worklist with the hold chosen, for as many orders each as it takes, and back to look again."""
    for first in range(0, len(to_hold), MOST_ORDERS):
        some = to_hold[first : first + MOST_ORDERS]
        link = address([use.order.pk for use in some], deed=f"{OrderEventKind.HELD}:", back=back)
        yield {"address": link, "first": first + 1, "last": first + len(some)}


def _rows(uses: list[Use]) -> Iterator[tuple[Any, ...]]:
    for use in uses:
        order = use.order
        head = (order.coi, order.patient_reference, order.product.name, use.attempt, ", ".join(use.stages))
        yield (*head, use.started_at, use.ended_at, use.words, order.get_status_display())
