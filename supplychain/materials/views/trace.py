"""The trace page: where a lot or material went, and what an order was made from; also as a file."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Case, Count, Q, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from supplychain.materials.api.bodies import TraceBody, trace_body
from supplychain.materials.queries import ORDER_COLUMNS, TracedOrder, TraceQuestion, orders_to_hold, trace
from supplychain.nesting import laid_out
from supplychain.orders.models import PatientOrderQuerySet
from supplychain.orders.queries.infusions import giving_now
from supplychain.orders.rules.materials import DOSES
from supplychain.orders.statuses import OrderEventKind
from supplychain.pages.access import signed_in
from supplychain.pages.csv_files import csv_file
from supplychain.pages.viewers import Viewer
from supplychain.recording.views.operations import MOST_ORDERS, address

SHOWN, LONGEST, MOST_HELD = 100, 64, 1_000
COLUMNS = ("order", "patient reference", "product", "order status", "infused", "infusion under way since", "part",
           "material", "kind", "component", "status", "status since", "made from", "storage", "expires", "lots",
           "shipped", "delivered", "does not fit")  # fmt: skip


@require_safe
@signed_in
def trace_page(request: HttpRequest) -> HttpResponse:
    """What the question in the address leads to; `?csv`, `?json`: all of it as a file."""
    question = TraceQuestion(**{name: request.GET.get(name, "").strip()[:LONGEST] for name in TraceQuestion.__slots__})
    orders = question.orders_among(Viewer.of(request.user).orders())
    now = timezone.now()
    giving = giving_now(orders, now)
    # Whoever is being given the dose in this minute stands first.
    first = [Case(When(pk__in=list(giving), then=0), default=1)] if giving else []
    newest = orders.order_by(*first, "-ordered_at", "-id")
    if "csv" in request.GET or "json" in request.GET:
        return _file(request, trace(list(newest.values_list(*ORDER_COLUMNS)), question, now))
    number = _page(request.GET.get("page", ""))
    rows = list(newest.values_list(*ORDER_COLUMNS)[SHOWN * (number - 1) : SHOWN * number + 1])
    page = {
        "question": question,
        "now": now,
        "traced": trace(rows[:SHOWN], question, now),
        "counted": orders.aggregate(orders=Count("pk"), infused=Count("pk", filter=Q(infused_at__lte=now))),
        "giving": len(giving),
        "newer": _at_page(request, number - 1) if number > 1 else "",
        "older": _at_page(request, number + 1) if len(rows) > SHOWN else "",
    }
    return render(request, "supplychain/materials/trace.html", page | _holds(request, orders))


def _holds(request: HttpRequest, orders: PatientOrderQuerySet) -> dict[str, Any]:
    """Ways to put on hold all of these orders whose patient still waits, for as many each as the worklist takes."""
    found = orders_to_hold(orders, request.user, most=MOST_HELD)
    groups = [found.ids[first : first + MOST_ORDERS] for first in range(0, len(found.ids), MOST_ORDERS)]
    back = request.get_full_path()
    holds = [
        {"address": address(some, deed=f"{OrderEventKind.HELD}:", back=back), "number": len(some)} for some in groups
    ]
    return {"to_hold": found, "holds": holds, "is_cut": found.waiting > MOST_HELD, "most": MOST_HELD}


def _file(request: HttpRequest, traced: Sequence[TracedOrder]) -> HttpResponse:
    bodies = [trace_body(one) for one in traced]
    if "csv" in request.GET:
        return csv_file("trace", COLUMNS, [row for one in bodies for row in _rows(one)])
    response = HttpResponse(laid_out(bodies), content_type="application/json")
    response["Content-Disposition"] = 'attachment; filename="trace.json"'
    return response


def _rows(one: TraceBody) -> Iterator[tuple[Any, ...]]:
    """A line for each material; for an order of which only the use of a lot is known, one line without a material. The
    shipment to the patient is one of doses: nothing else of the order was on it."""
    head = (one.coi, one.patient_reference, one.product, one.status, one.infused_at, one.infusion_started_at)
    sent = [shipment for shipment in one.shipments if shipment.direction == "outbound"]
    moments = (max((s.picked_up_at for s in sent if s.picked_up_at), default=None),
               max((s.delivered_at for s in sent if s.delivered_at), default=None))  # fmt: skip
    for piece in one.materials:
        what = (piece.part.label, piece.number, piece.kind, piece.component, piece.status, piece.status_at)
        made = (", ".join(piece.parents), piece.storage, piece.expires_at, ", ".join(piece.lots))
        on_it = moments if piece.kind in DOSES else ("", "")
        yield (*head, *what, *made, *on_it, "; ".join(doubt.label for doubt in piece.doubts))
    if not one.materials:
        lots = ", ".join(dict.fromkeys(f"{use.product} {use.number}" for use in one.lots))
        yield (*head, *[""] * 9, lots, *moments, "")


def _page(given: str) -> int:
    return max(int(given[:6]), 1) if given.isascii() and given.isdigit() else 1


def _at_page(request: HttpRequest, number: int) -> str:
    given = request.GET.copy()
    given["page"] = str(number)
    return given.urlencode()
