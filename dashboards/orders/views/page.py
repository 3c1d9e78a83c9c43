"""One order, and the way to it by any of its identifiers."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from dashboards.orders.queries.back import list_before
from dashboards.orders.queries.page import order_of, order_view
from dashboards.orders.queries.record import order_record
from dashboards.orders.queries.sharing import orders_with_identifier
from supplychain.identifiers.rules.characters import visible
from supplychain.identifiers.rules.codes import keyboard_hint, read_code
from supplychain.nesting import laid_out
from supplychain.orders.models import PatientOrder
from supplychain.pages.access import signed_in
from supplychain.pages.camera import reads_with_camera
from supplychain.pages.viewers import Viewer


@require_safe
@reads_with_camera
@signed_in
def order_page(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The whole page of one order; `?print=1`: all of it, laid out for paper (21 CFR 11.10(b))."""
    if request.GET.get("print") == "1":
        return render(request, "dashboards/orders/order_print.html", _order(request, order_id, printing=True))
    shown = _order(request, order_id) | {"back": list_before(request)}
    return render(request, "dashboards/orders/order.html", shown)


@require_safe
@signed_in
def order_live(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """What of it changes."""
    return render(request, "dashboards/orders/_order.html", _order(request, order_id))


@require_safe
@signed_in
def order_record_file(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The complete record as a JSON file."""
    order = found_order(request, order_id)
    record = order_record(order, request.user, timezone.now())
    response = HttpResponse(laid_out(record), content_type="application/json")
    response["Content-Disposition"] = content_disposition_header(True, f"{order.coi}.json")
    return response


@require_safe
@signed_in
def find_order(request: HttpRequest) -> HttpResponse:
    """Opens the order that bears the identifier in `?code=`; several are listed, none leads to those that begin so.

    A code that cannot be read is shown with every character of it that cannot be seen, and what is wrong with it.
    """
    code = request.GET.get("code", "")
    found = orders_with_identifier(Viewer.of(request.user), code)
    if len(found) == 1:
        return redirect("order", order_id=found[0].pk)
    reading = read_code(code)
    why = "" if found else reading.problem or reading.left_over or keyboard_hint(code)
    if not found and code.strip() and not why:
        return redirect(f"{reverse('orders')}?{urlencode({'q': code.strip()})}")
    context = {"code": code.strip(), "shown": visible(code.strip()), "orders": found, "why": why}
    return render(request, "dashboards/orders/found_orders.html", context)


def _order(request: HttpRequest, order_id: UUID, *, printing: bool = False) -> dict[str, Any]:
    now = timezone.now()
    order = found_order(request, order_id)
    view = order_view(order, request.user, now, **({"most_events": None} if printing else {}))
    return {"now": now, "order": order, "view": view, "actions": view.actions, "printing": printing}


def found_order(request: HttpRequest, order_id: UUID) -> PatientOrder:
    """The order. Raises Http404 where it does not exist for this person."""
    try:
        return order_of(Viewer.of(request.user), order_id)
    except PatientOrder.DoesNotExist as missing:
        raise Http404 from missing
