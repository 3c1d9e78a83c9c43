"""The control tower: every order that may need somebody, and where the flow is held up."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboards.queries.board import flow_board, open_bottlenecks
from dashboards.queries.filters import SIZES, Scope, TowerFilter, scope_of
from dashboards.queries.risks import at_risk, counts
from dashboards.queries.viewers import Viewer
from supplychain.views.access import signed_in


@require_safe
@signed_in
def control_tower(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    return render(request, "dashboards/control_tower.html", _tower(request))


@require_safe
@signed_in
def control_tower_live(request: HttpRequest) -> HttpResponse:
    """What of it changes."""
    return render(request, "dashboards/_control_tower.html", _tower(request))


def _tower(request: HttpRequest) -> dict[str, Any]:
    now = timezone.now()
    viewer = Viewer.of(request.user)
    chosen = TowerFilter.read(request.GET)
    scope = scope_of(viewer)
    lines = _lines(scope, chosen)
    orders = chosen.orders(viewer, scope)
    bottlenecks = open_bottlenecks(lines)
    board = flow_board(orders, _pool_sites(viewer, scope, chosen), bottlenecks.values())
    return {
        "now": now,
        "chosen": chosen,
        "first_page": chosen.at_page(1),
        "previous_page": chosen.at_page(chosen.page - 1),
        "next_page": chosen.at_page(chosen.page + 1),
        "sizes": SIZES,
        "scope": scope,
        "lines": [(line, bottlenecks.get(line.pk)) for line in lines],
        "board": board,
        "shows_pools": any(group.states for group in board),
        "has_sites": bool(viewer.site_ids),
        "stage_names": {cell.code: cell.name for group in board for cell in group.cells},
        "counts": counts(orders, now),
        "risks": at_risk(orders, chosen),
    }


def _lines(scope: Scope, chosen: TowerFilter) -> list[Any]:
    return [plant for plant in scope.plants if chosen.plant in ("", plant.code)]


def _pool_sites(viewer: Viewer, scope: Scope, chosen: TowerFilter) -> list[Any]:
    """Sites whose pools are shown: the lines, and of the others only the viewer's own."""
    own = [site for site in scope.sites if site.pk in viewer.site_ids and chosen.site in ("", site.code)]
    return [site.pk for site in (*_lines(scope, chosen), *own)]
