"""The page of an order's chain of custody."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from supplychain.audit.statuses import SignedAct
from supplychain.custody.queries import custody_for, links_of, offers_for, stopped_offers, tries_of
from supplychain.custody.queries.steps import step_offers
from supplychain.flows.queries import flow_plan
from supplychain.orders.models import PatientOrder
from supplychain.orders.queries import open_stops
from supplychain.pages.access import signed_in
from supplychain.pages.viewers import Viewer
from supplychain.transport.queries import arrivals_of, delays_of, packagings_of

SITES = ("collection_site", "plant", "infusion_site", "ordering_site")


@require_safe
@signed_in
def custody_page(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Who holds the cells now, and every hand-over; `?print=1`: for paper."""
    order, now = visible_order(request, order_id), timezone.now()
    name = "custody_print" if request.GET.get("print") == "1" else "custody"
    return render(request, f"supplychain/custody/{name}.html", custody_context(request, order, now))


def custody_context(request: HttpRequest, order: PatientOrder, now: datetime) -> dict[str, Any]:
    """What the page shows; the links for drivers only to who may make some for this order."""
    offers, may_link = offers_for(order, request.user)
    stops = open_stops([order.pk], now=now).get(order.pk, ())
    stopped = stopped_offers(order, offers, stops, now) if offers else {}
    links = [(link, link.state_at(now), tries_of(link)) for link in links_of(order)] if may_link else []
    runs = order.stage_runs.select_related("stage", "shipment").order_by("stage__position", "attempt")
    delays = [one for ones in delays_of(runs).values() for one in ones]
    custody = custody_for(order, now, stops)
    unconfirmed = step_offers(order, request.user, custody.steps, now)
    packed = packagings_of(order, runs)
    signs_second = SignedAct.SECOND_PERSON in flow_plan(order.flow_id).signed_acts
    return {"order": order, "now": now, "custody": custody, "signs_second": signs_second,
            "unconfirmed": unconfirmed, "stops": stops, "links": links,
            "offers": [one for one in offers if one not in stopped], "stopped": stopped,
            "may_link": may_link, "arrivals": arrivals_of(order, runs, now), "delays": delays,
            "packagings": [(run.stage.name, packed[run.pk]) for run in runs if run.pk in packed]}  # fmt: skip


def visible_order(request: HttpRequest, order_id: UUID) -> PatientOrder:
    """The order. Raises Http404 where it does not exist for this person."""
    orders = Viewer.of(request.user).orders().select_related(*SITES, "product")
    if (order := orders.filter(pk=order_id).first()) is None:
        raise Http404
    return order
