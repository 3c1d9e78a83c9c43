"""Alarms: what the flags were worth, what other thresholds would have done, and how many alarms there are."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from batches.alarms import queries
from batches.alarms.rules import loads as load_rules
from batches.alarms.rules.charts import CURVE_HEADER, HEADER, curve_chart, curve_row, file_row
from batches.alarms.rules.figures import FEW, FORESEEN, AlarmRow, WatchedOrder, rows_by, rows_of
from batches.alarms.rules.loads import loads
from batches.alarms.rules.proposals import FEWEST_ORDERS, ThresholdProposal, proposals
from batches.alarms.rules.replays import Ledger, ThresholdFigures, curve
from batches.alarms.rules.words import promise_words, proposal_words
from batches.calibration.queries.pages import CalibrationFilter
from batches.forecasts.queries.predictions import costs_of_products, thresholds_of_products
from batches.forecasts.rules.thresholds import ActingCosts, Thresholds
from batches.judgement.statuses import FlagCode
from supplychain.orders.models import PatientOrderQuerySet
from supplychain.pages.access import signed_in
from supplychain.pages.csv_files import csv_file
from supplychain.pages.scopes import Scope, scope_of
from supplychain.pages.viewers import Viewer
from supplychain.people.statuses import RECORD_READERS


@require_safe
@signed_in
def alarms(request: HttpRequest) -> HttpResponse:
    """The page."""
    seen = _seen(request)
    scope, orders, now = seen["scope"], seen["orders"], seen["now"]
    watched = queries.watched_orders(orders, now)
    ledger = queries.ledger_of(watched)
    offers = _proposals(watched, ledger, scope)
    tables = _tables(watched, scope)
    rows, costs = _curve(watched, ledger, offers)
    lines = [(plant.pk, plant.name, plant.time_zone) for plant in _plants(seen)]
    context = seen | {
        "tables": tables,
        "words": [
            sentence
            for row in tables["All orders"]
            if row.code == FlagCode.PROMISE_AT_RISK
            for sentence in promise_words(row)
        ],
        "proposals": [(one, proposal_words(one)) for one in offers],
        "curve": [(row, curve_row(row, costs)[-1]) for row in rows],
        "has_costs": costs is not None,
        "past": len(watched),
        "unjudged": sum(not order.is_judged for order in watched),
        "chart": curve_chart(rows),
        "loads": loads(
            queries.raises_of(orders, now), queries.standing_of(orders, now), lines, window=queries.LOAD_WINDOW
        ),
        "may_administer": bool(request.user.roles.intersection(RECORD_READERS)),
        "foreseen": [(code.label, words) for code, words in FORESEEN.items()],
        "limits": {"few": FEW, "fewest": FEWEST_ORDERS, "most": queries.MOST_ORDERS},
        "yardsticks": load_rules,
    }
    return render(request, "batches/alarms/alarms.html", context)


@require_safe
@signed_in
def alarms_csv(request: HttpRequest) -> HttpResponse:
    """The figures as a file."""
    seen = _seen(request)
    tables = _tables(queries.watched_orders(seen["orders"], seen["now"]), seen["scope"])
    return csv_file("cellops-alarms", HEADER, [file_row(row) for rows in tables.values() for row in rows])


@require_safe
@signed_in
def alarm_thresholds_csv(request: HttpRequest) -> HttpResponse:
    """Every threshold of every product as a file."""
    seen = _seen(request)
    watched = queries.watched_orders(seen["orders"], seen["now"])
    offers = _proposals(watched, queries.ledger_of(watched), seen["scope"])
    rows = [(one.code, *curve_row(row, one.costs)) for one in offers for row in one.curve]
    return csv_file("cellops-alarm-thresholds", ("product", *CURVE_HEADER), rows)


def _seen(request: HttpRequest) -> dict[str, Any]:
    """What every one of these pages begins with."""
    viewer = Viewer.of(request.user)
    chosen, scope = CalibrationFilter.read(request.GET), scope_of(viewer)
    return {
        "now": timezone.now(),
        "chosen": chosen,
        "scope": scope,
        "orders": _orders(chosen, viewer, scope),
        "has_sites": bool(viewer.site_ids),
    }


def _orders(chosen: CalibrationFilter, viewer: Viewer, scope: Scope) -> PatientOrderQuerySet:
    return viewer.orders().filter(*scope.conditions(product=chosen.product, plant=chosen.plant, site=""))


def _plants(seen: dict[str, Any]) -> list[Any]:
    return [plant for plant in seen["scope"].plants if seen["chosen"].plant in ("", plant.code)]


def _tables(watched: list[WatchedOrder], scope: Scope) -> dict[str, list[AlarmRow]]:
    plants, products = ([(place.pk, place.name) for place in places] for places in (scope.plants, scope.products))
    return {
        "All orders": rows_of("All orders", watched),
        "By plant": rows_by(watched, plants, lambda order: order.line_id),
        "By product": rows_by(watched, products, lambda order: order.product_id),
    }


def _proposals(watched: list[WatchedOrder], ledger: Ledger, scope: Scope) -> list[ThresholdProposal]:
    products = [(product.pk, product.name, product.code) for product in scope.products]
    return proposals(watched, ledger, products, thresholds_of_products(), costs_of_products())


def _curve(
    watched: list[WatchedOrder], ledger: Ledger, offers: list[ThresholdProposal]
) -> tuple[list[ThresholdFigures], ActingCosts | None]:
    """Of a single product its own, with its present thresholds and its costs; of several one for all."""
    if len(offers) == 1:
        return list(offers[0].curve), offers[0].costs
    usual = Thresholds()
    return curve(watched, ledger, easing=usual.easing), None
