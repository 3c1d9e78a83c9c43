"""The control tower: every order that may need somebody, and where the flow is held up."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboards.tower.queries.filters import TowerFilter
from dashboards.tower.queries.tower import tower
from supplychain.pages.access import signed_in
from supplychain.pages.viewers import Viewer

# Page and what of it changes, on a desk and on a wall.
PAGES = {False: "dashboards/tower/control_tower.html", True: "dashboards/tower/wall.html"}
FRAGMENTS = {False: "dashboards/tower/_control_tower.html", True: "dashboards/tower/_wall.html"}


@require_safe
@signed_in
def control_tower(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    shown = _tower(request)
    return render(request, PAGES[shown["chosen"].wall], shown)


@require_safe
@signed_in
def control_tower_live(request: HttpRequest) -> HttpResponse:
    """What of it changes."""
    shown = _tower(request)
    return render(request, FRAGMENTS[shown["chosen"].wall], shown)


def _tower(request: HttpRequest) -> dict[str, Any]:
    zone = timezone.get_current_timezone()
    return tower(Viewer.of(request.user), TowerFilter.read(request.GET), timezone.now(), zone)
