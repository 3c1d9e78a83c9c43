"""Ramp-up: what limits each line next, the cheapest plan for a target, and scenarios side by side."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from batches.ramp_ups.queries.pages import (
    MOST_COMPARED,
    ListedScenario,
    answer_of,
    lines_of,
    listed_scenarios,
    one_scenario,
    others_of,
    outlooks,
    sides_of,
)
from batches.ramp_ups.queries.replays import replays
from batches.ramp_ups.rules.pages import CSV_COLUMNS, charts, csv_rows, metric_rows, pool_rows
from batches.ramp_ups.rules.tried_plans import SURE
from supplychain.pages.access import signed_in
from supplychain.pages.csv_files import csv_file


@require_safe
@signed_in
def ramp_ups(request: HttpRequest) -> HttpResponse:
    """The prepared questions and every scenario that the person may see."""
    return render(request, "batches/ramp_ups/ramp_ups.html", _overview(request))


@require_safe
@signed_in
def ramp_ups_live(request: HttpRequest) -> HttpResponse:
    """What limits each line next, while it is being simulated."""
    return render(request, "batches/ramp_ups/_ramp_up_outlooks.html", _overview(request))


@require_safe
@signed_in
def ramp_up(request: HttpRequest, scenario_id: UUID) -> HttpResponse:
    """One scenario with its results beside the line as it is, and beside others."""
    return render(request, "batches/ramp_ups/ramp_up.html", _page(request, scenario_id))


@require_safe
@signed_in
def ramp_up_live(request: HttpRequest, scenario_id: UUID) -> HttpResponse:
    """What of it changes while it is being simulated."""
    return render(request, "batches/ramp_ups/_ramp_up.html", _page(request, scenario_id))


@require_safe
@signed_in
def ramp_up_csv(request: HttpRequest, scenario_id: UUID) -> HttpResponse:
    """Every figure of the comparison shown."""
    page = _page(request, scenario_id)
    return csv_file("cellops-ramp-up", CSV_COLUMNS, csv_rows(page["sides"]))


@require_safe
@signed_in
def ramp_up_json(request: HttpRequest, scenario_id: UUID) -> HttpResponse:
    """The scenario and its newest result, whole."""
    listed = _visible(request, scenario_id)
    one, done = listed.scenario, listed.done
    body: dict[str, Any] = {
        "id": str(one.pk), "line": one.line.code, "name": one.name, "base": one.base, "weeks": one.weeks,
        "replications": one.replications, "changes": one.changes, "costs": one.costs,
        "currency": one.currency,
        "fingerprint": done.fingerprint if done else None, "made_at": done.requested_at if done else None,
        "result": done.result if done else None,
    }  # fmt: skip
    return JsonResponse(body, headers={"Content-Disposition": 'attachment; filename="cellops-ramp-up.json"'})


def _overview(request: HttpRequest) -> dict[str, Any]:
    lines, chosen = lines_of(request.user, request.GET.get("line", ""))
    shown = [chosen] if chosen else lines
    looks, past = outlooks(shown), replays(shown)
    seen = {one.scenario.line_id for one in looks}
    return {
        "now": timezone.now(), "lines": lines, "chosen": chosen, "outlooks": looks, "replays": past,
        "not_seen": [line for line in shown if line.pk not in seen],
        "is_working": any(one.run and one.run.is_open for one in (*looks, *past)),
        "scenarios": listed_scenarios(request.user, chosen) if lines else [],
    }  # fmt: skip


def _visible(request: HttpRequest, scenario_id: UUID) -> ListedScenario:
    listed = one_scenario(request.user, scenario_id)
    if listed is None:
        raise Http404
    return listed


def _page(request: HttpRequest, scenario_id: UUID) -> dict[str, Any]:
    listed = _visible(request, scenario_id)
    others, chosen = others_of(request.user, listed, request.GET.getlist("with"))
    sides = sides_of(listed, chosen)
    return {
        "now": timezone.now(), "one": listed, "others": others, "chosen": chosen, "sides": sides,
        "chosen_ids": {str(one.scenario.pk) for one in chosen}, "most": MOST_COMPARED, "answer": answer_of(listed),
        "rows": metric_rows(sides) if sides else [], "pools": pool_rows(sides) if sides else [],
        "charts": charts(sides) if sides else [], "is_own": listed.scenario.owner_id == request.user.pk,
        "is_search": bool(listed.run and listed.run.kind == "search"), "sure": 100 * SURE,
        "replay": replays([listed.scenario.line])[0], "query": "&".join(f"with={one.scenario.pk}" for one in chosen),
    }  # fmt: skip
