"""The whole control tower."""

from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

from batches.flags.models import Flag
from batches.flags.queries.causes import causes_behind
from batches.flags.queries.flags import HANDLING_ROLES, common_causes
from batches.notifications.queries.handovers import waiting_handovers
from dashboards.tower.queries.board import flow_board, lines_of
from dashboards.tower.queries.do_first import do_first
from dashboards.tower.queries.expected import expected_events
from dashboards.tower.queries.filters import SIZES, TowerFilter
from dashboards.tower.queries.first_steps import first_steps
from dashboards.tower.queries.freshness import freshness
from dashboards.tower.queries.risks import at_risk, counts
from dashboards.tower.rules import SHOWN, SHOWN_AT_MOST, SHOWN_ON_WALL, DayTimes, day_of
from supplychain.pages.scopes import Scope, scope_of
from supplychain.pages.viewers import Viewer, of_orders
from supplychain.sites.models import Site


def tower(viewer: Viewer, chosen: TowerFilter, now: datetime, zone: tzinfo) -> dict[str, Any]:
    """What the templates of the control tower need, for what the viewer chose to see."""
    scope = scope_of(viewer)
    orders = chosen.orders(viewer, scope)
    plants = _plants(scope, chosen)
    lines = lines_of(plants, viewer)
    board = flow_board(orders, _pool_sites(viewer, scope, chosen), lines, now)
    shown = SHOWN_AT_MOST if chosen.shows_day else SHOWN_ON_WALL if chosen.wall else SHOWN
    expected = expected_events(orders, DayTimes.of(now, zone), max(shown.values()))
    causes = causes_behind(of_orders(Flag.objects.all(), orders))
    totals, risks = counts(orders, causes, now), at_risk(orders, chosen, viewer, causes, now)
    return {
        "now": now,
        "chosen": chosen,
        "sizes": SIZES,
        "scope": scope,
        "lines": lines,
        "board": board,
        "watched": {state.pool.site_id for group in board for state in group.states},
        "first_steps": first_steps(viewer),
        "fresh": freshness(plants, orders, [state for group in board for state in group.states], viewer, now),
        "shows_pools": any(group.states or group.bottlenecks for group in board),
        "has_sites": bool(viewer.site_ids),
        "stage_names": {cell.code: cell.name for group in board for cell in group.cells},
        "counts": totals,
        "folded_dates": totals.promises - sum(row.is_promise for row in risks.others),
        "do_first": do_first(orders, causes, now, viewer.user.roles, str(viewer.user.pk)),
        "risks": risks,
        "waiting_handovers": waiting_handovers(viewer.user),
        "causes": common_causes(orders) if viewer.user.roles.intersection(HANDLING_ROLES) else [],
        "day": day_of(expected, shown),
    }


def _plants(scope: Scope, chosen: TowerFilter) -> list[Site]:
    return [plant for plant in scope.plants if chosen.plant in ("", plant.code)]


def _pool_sites(viewer: Viewer, scope: Scope, chosen: TowerFilter) -> list[UUID]:
    """The viewer's own sites in view: how busy another one is, is that one's business."""
    centres = [site for site in scope.sites if chosen.site in ("", site.code)]
    return [site.pk for site in (*_plants(scope, chosen), *centres) if site.pk in viewer.site_ids]
