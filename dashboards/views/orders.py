"""One order, and the way to it by any of its identifiers."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboards.queries.orders import order_of, order_view, orders_with_identifier
from dashboards.queries.viewers import Viewer
from supplychain.models import PatientOrder
from supplychain.views.access import signed_in


@require_safe
@signed_in
def order_page(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The whole page of one order."""
    return render(request, "dashboards/order.html", _order(request, order_id))


@require_safe
@signed_in
def order_live(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """What of it changes."""
    return render(request, "dashboards/_order.html", _order(request, order_id))


@require_safe
@signed_in
def find_order(request: HttpRequest) -> HttpResponse:
    """Opens the order that bears the identifier in `?code=`; several are listed, none is said."""
    code = request.GET.get("code", "")
    found = orders_with_identifier(Viewer.of(request.user), code)
    if len(found) == 1:
        return redirect("order", order_id=found[0].pk)
    return render(request, "dashboards/found_orders.html", {"code": code.strip(), "orders": found})


def _order(request: HttpRequest, order_id: UUID) -> dict[str, Any]:
    now = timezone.now()
    try:
        order = order_of(Viewer.of(request.user), order_id)
    except PatientOrder.DoesNotExist as missing:
        raise Http404 from missing
    return {"now": now, "order": order, "view": order_view(order, now)}
