"""How right we were: the page, and every prediction behind its numbers."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from batches.calibration.queries import pages as queries
from batches.calibration.queries.pages import CalibrationFilter
from batches.calibration.queries.verdicts import trials_of, verdicts_of
from batches.calibration.rules import choice, conformal, gate, replays
from batches.calibration.rules import figures as rules
from batches.calibration.rules.charts import charts, verdict_chart
from batches.calibration.rules.lists import HEADER, file_row, list_row
from batches.calibration.rules.questions import OF_THE_PROMISE, Question
from batches.calibration.rules.verdicts import ledger as ledger_of
from batches.calibration.rules.words import promise_words, words, worst_words
from supplychain.pages.access import signed_in
from supplychain.pages.csv_files import csv_file
from supplychain.pages.scopes import scope_of
from supplychain.pages.viewers import Viewer

ASKED = {
    Question.BY_PROMISE: "No dose by the promise",
    Question.LATE: "Late",
    Question.WAIT: "A permitted wait runs out",
    Question.NO_DOSE: "No dose at all",
}
MOST_IN_FILE = 20_000


@require_safe
@signed_in
def calibration(request: HttpRequest) -> HttpResponse:
    """The page."""
    context = _seen(request)
    chosen, scope, viewer = context["chosen"], context["scope"], context["viewer"]
    by_lead = queries.rows_by_lead(chosen, context["seen"], context["now"])
    rows = by_lead[chosen.lead]
    asked = rules.Inquiry(chosen.ask, chosen.lead, context["now"])
    tables = {
        "By time before the promise": rules.figures_by_lead(by_lead, asked),
        "By plant": rules.figures_by(rows, asked, _names(scope.plants), lambda row: row.said.line_id),
        "By product": rules.figures_by(rows, asked, _names(scope.products), lambda row: row.product_id),
    }
    worst = worst_words([row for part in tables.values() for row in part], chosen.ask)
    if context["has_medians"]:
        tables["By promise"] = rules.figures_by_promise(by_lead[rules.EVERYTHING], asked)
    context |= (
        _figures(rows, asked, chosen)
        | {
            "tables": tables,
            "worst": worst,
            "promises": promise_words(tables.get("By promise", ()), chosen.ask),
            "waiting": queries.awaited(context["seen"], context["now"]),
            "states": queries.states_of(chosen, scope, viewer),
        }
        | _verdicts(context)
    )
    return render(request, "batches/calibration/calibration.html", context)


@require_safe
@signed_in
def calibration_predictions(request: HttpRequest) -> HttpResponse:
    """The list behind a number."""
    context = _seen(request)
    chosen = context["chosen"]
    page = Paginator(_listed(context), queries.PAGE).get_page(chosen.page)
    context |= {
        "page": page,
        "rows": [list_row(one, chosen.ask) for one in page],
        "earlier": chosen.at_page(page.number - 1),
        "later": chosen.at_page(page.number + 1),
        "most": MOST_IN_FILE,
    }
    return render(request, "batches/calibration/calibration_predictions.html", context)


@require_safe
@signed_in
def calibration_csv(request: HttpRequest) -> HttpResponse:
    """The same as a file, at most MOST_IN_FILE predictions."""
    context = _seen(request)
    found = _listed(context)[:MOST_IN_FILE]
    return csv_file("cellops-predictions", HEADER, [file_row(list_row(one, context["chosen"].ask)) for one in found])


def _seen(request: HttpRequest) -> dict[str, Any]:
    """What every one of these pages begins with."""
    viewer = Viewer.of(request.user)
    chosen, scope = CalibrationFilter.read(request.GET), scope_of(viewer)
    return {
        "now": timezone.now(),
        "viewer": viewer,
        "chosen": chosen,
        "scope": scope,
        "seen": queries.seen_predictions(chosen, viewer, scope),
        "has_sites": bool(viewer.site_ids),
        "asked": ASKED,
        "asked_words": ASKED[chosen.ask],
        "has_medians": chosen.ask in OF_THE_PROMISE,
        "leads": {lead: rules.lead_name(lead) for lead in queries.LEADS},
        "lead_words": rules.lead_name(chosen.lead),
    }


def _verdicts(context: dict[str, Any]) -> dict[str, Any]:
    """What was said of the lines themselves: for their own people."""
    lines = queries.own_lines(context["chosen"], context["scope"], context["viewer"])
    verdicts = verdicts_of([line.pk for line in lines], context["now"])
    ledger = ledger_of(verdicts.scored, _names(lines))
    trials = trials_of([line.pk for line in lines])
    return {
        "lines": lines, "verdicts": verdicts, "ledger": ledger, "verdict_chart": verdict_chart(ledger.bins),
        "trials": [(line.name, trials[line.pk]) for line in lines],
    }  # fmt: skip


def _listed(context: dict[str, Any]) -> Any:
    return queries.listed(context["chosen"], queries.settled(context["chosen"], context["seen"], context["now"]))


def _figures(rows: list[rules.ScoredRow], asked: rules.Inquiry, chosen: CalibrationFilter) -> dict[str, Any]:
    found, address = rules.figures(rows, asked), reverse("calibration_predictions")

    def behind(one: rules.Bin) -> str:
        return f"{address}?{chosen.part(low=one.said_low, high=one.said_high).query}"

    return {
        "found": found,
        "charts": charts(rows, found, chosen.ask, behind, timezone.get_current_timezone()),
        "words": words(found, chosen.ask),
        "missed": chosen.part(held="no"),
        "few": rules.FEW,
        "rule": choice,
        "conformal": conformal,
        "gate": gate,
        "replays": replays,
    }


def _names(places: list[Any]) -> list[tuple[Any, str]]:
    return [(place.pk, place.name) for place in places]
