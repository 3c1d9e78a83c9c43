"""The order list: the page, what of it changes, and the same as a file."""

from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboards.orders.queries import filter as order_filter
from dashboards.orders.queries.export import order_file
from dashboards.orders.queries.filter import OrderChoice
from dashboards.orders.queries.list import chosen_orders, lines_of, stages_in_order
from dashboards.orders.queries.paging import at_most, order_page, with_places
from dashboards.orders.queries.views import heads, usual_views
from dashboards.orders.rules.files import file_name
from supplychain.orders.statuses import Priority
from supplychain.pages.access import signed_in
from supplychain.pages.scopes import scope_of
from supplychain.pages.viewers import Viewer
from supplychain.people.statuses import Role

MOST_COUNTED = 1_000
# Who may report events of orders.
RECORDERS = (Role.OPERATIONS, Role.QA, Role.ADMINISTRATOR)


@require_safe
@signed_in
def orders(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    return render(request, "dashboards/orders/orders.html", {**_list(request), **_choices(request)})


@require_safe
@signed_in
def orders_live(request: HttpRequest) -> HttpResponse:
    """What of it changes."""
    return render(request, "dashboards/orders/_orders.html", _list(request))


@require_safe
@signed_in
def orders_csv(request: HttpRequest) -> StreamingHttpResponse:
    """All orders that the filter lets through, in its order."""
    now, zone, viewer = timezone.now(), timezone.get_current_timezone(), Viewer.of(request.user)
    chosen = OrderChoice.read(request.GET)
    orders, _ = chosen_orders(chosen, viewer, scope_of(viewer), now, zone)
    lines = order_file(orders, chosen.sorting(now), zone)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name("orders", now, zone)}"'
    return response


def _list(request: HttpRequest) -> dict[str, Any]:
    now, viewer = timezone.now(), Viewer.of(request.user)
    chosen, scope = OrderChoice.read(request.GET), scope_of(viewer)
    orders, found = chosen_orders(chosen, viewer, scope, now, timezone.get_current_timezone())
    after, before = (request.GET.get(name, "")[:200].replace("\0", "") for name in ("after", "before"))
    page = order_page(orders, chosen.sorting(now), after=after, before=before)
    return {
        "now": now,
        "chosen": chosen,
        "scope": scope,
        "found": found,
        "page": page,
        "place": {"after": after, "before": before},
        "lines": lines_of(with_places(page.orders), now),
        "total": at_most(orders, MOST_COUNTED),
        "most_counted": MOST_COUNTED,
        "heads": heads(chosen),
        "sorted_words": order_filter.SORTS[chosen.sort],
        "only_search": OrderChoice(q=chosen.q).query,
        "has_sites": bool(viewer.site_ids),
        "may_record": bool(request.user.roles.intersection(RECORDERS)),
    }


def _choices(request: HttpRequest) -> dict[str, Any]:
    """What the page lets one choose from."""
    chosen = OrderChoice.read(request.GET)
    usual = usual_views()
    own = [(view, OrderChoice.read_text(view.query).query) for view in request.user.saved_views.all()]
    return {
        "statuses": order_filter.STATUSES,
        "flag_choices": order_filter.FLAGS,
        "run_choices": order_filter.RUNS,
        "due_choices": order_filter.DUES,
        "sorts": order_filter.SORTS,
        "priorities": Priority.choices,
        "stages": stages_in_order(),
        "usual_views": usual,
        "is_usual_view": chosen.query in [query for _, query in usual],
        "own_views": own,
        "own_view": next((view for view, query in own if query == chosen.query), None),
    }
