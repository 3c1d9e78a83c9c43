"""Requesting an order: choose the product, read what it asks for, fill in, look it over, place it."""

from collections.abc import Mapping
from typing import NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from batches.forecasts.queries.outlooks import ready_outlooks
from batches.forecasts.rules.outlooks import chance_words, quickest, quickest_words
from batches.forecasts.rules.ready import ReadyForecast
from supplychain.flows.models import Flow
from supplychain.flows.queries import flow_plan
from supplychain.flows.statuses import StagePlace
from supplychain.orders.actions.requests import request_order as place_request
from supplychain.orders.forms import OrderRequestForm
from supplychain.orders.queries import open_orders_of_patient, order_options
from supplychain.orders.rules.placing import OrderRefused
from supplychain.orders.rules.requests import requirements
from supplychain.orders.statuses import Priority
from supplychain.pages.access import signed_in
from supplychain.sites.models import Site

PLACE, CHANGE = "place", "change"


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def request_order(request: HttpRequest) -> HttpResponse:
    """The products; for one chosen (`?journey=`) the form, then what it says to look over, then the order."""
    options = order_options(request.user)
    if not options.may_order:
        return render(request, "batches/orders/order_request_refused.html", status=403)
    flow = _chosen(options.flows, request.GET.get("journey", ""))
    if flow is None:
        return render(request, "batches/orders/order_request_products.html", {"flows": options.flows})
    form = OrderRequestForm(request.POST or None, flow=flow, options=options, now=timezone.now())
    return _answer(request, form)


def _chosen(flows: list[Flow], journey: str) -> Flow | None:
    """The journey “product/flow”; the only one there is needs no choice."""
    if len(flows) == 1:
        return flows[0]
    return next((flow for flow in flows if f"{flow.product.code}/{flow.code}" == journey), None)


class OutlookLine(NamedTuple):
    """When a dose ordered now of a plant would be ready; `priority`: of which orders, empty: of any; `quickest`: that
    this plant is, in words."""

    plant: Site
    priority: str
    outlook: ReadyForecast
    quickest: str


def _answer(request: HttpRequest, form: OrderRequestForm) -> HttpResponse:
    if request.method != "POST":
        return _form(request, form)
    if form.errors:
        return _form(request, form, status=422)
    if request.POST.get("go") == PLACE:
        return _place(request, form)
    return _form(request, form) if request.POST.get("go") == CHANGE else _review(request, form)


def _place(request: HttpRequest, form: OrderRequestForm) -> HttpResponse:
    try:
        placed = place_request(by=request.user, token=str(form.cleaned_data["token"]), now=form.now, **form.request)
    except OrderRefused as refused:
        form.refuse(refused.errors)
        return _form(request, form, status=422)
    messages.success(request, f"Order {placed.coi} is placed: the plant has it now.")
    return redirect("order", order_id=placed.order_id)


def _form(request: HttpRequest, form: OrderRequestForm, status: int = 200) -> HttpResponse:
    found, usual = _outlooks(form), form["priority"].value()
    by_plant = {plant.pk: made[usual] for plant, made in found.items() if usual in made}
    first = quickest(by_plant)
    if not form.is_bound and first:
        form.choose_plant(next(plant for plant in found if plant.pk == first))
    context = {"form": form, "flow": form.flow, "needs": requirements(flow_plan(form.flow.pk)), "now": form.now}
    context |= {"outlooks": _outlook_lines(found)}
    return render(request, "batches/orders/order_request.html", context, status=status)


def _outlooks(form: OrderRequestForm) -> dict[Site, dict[str, ReadyForecast]]:
    """When a dose ordered now could be ready at the sites chosen so far, from each plant, by priority; none while a
    site is missing."""
    ids = {place: site.pk for place, site in form.chosen_sites.items() if place != StagePlace.PLANT}
    plants = {plant.pk: plant for plant in form.options.plants}
    if len(ids) < len(StagePlace) - 1:
        return {}
    made = ready_outlooks(form.flow.pk, form.flow.product_id, ids, plants.keys(), form.now, is_stored=form.is_stored)
    return {plant: made[pk] for pk, plant in plants.items() if made[pk]}


def _outlook_lines(found: Mapping[Site, Mapping[str, ReadyForecast]]) -> list[OutlookLine]:
    """What the form says of each plant: a line for each priority, or one for all where it is the same."""
    return [
        OutlookLine(plant, label, one, _quickest_words(found, plant, priority))
        for plant, made in found.items()
        for priority, label, one in _by_priority(made)
    ]


def _by_priority(made: Mapping[str, ReadyForecast]) -> list[tuple[str, str, ReadyForecast]]:
    """Priorities with their labels and what is said of them; one without a label where it is the same."""
    labels = {} if len(set(made.values())) == 1 else dict(Priority.choices)
    lines = [(priority, labels.get(priority, ""), one) for priority, one in made.items()]
    return lines[: len(labels) or 1]


def _quickest_words(found: Mapping[Site, Mapping[str, ReadyForecast]], plant: Site, priority: str) -> str:
    """That this plant is the quickest of several for an order of this priority; empty: it is not, or nobody knows."""
    by_plant = {one.pk: made[priority] for one, made in found.items() if priority in made}
    first = quickest(by_plant)
    return quickest_words(by_plant, plant.pk) if first == plant.pk and len(found) > 1 else ""


def _expected(form: OrderRequestForm) -> ReadyForecast | None:
    """When a dose would be ready that is ordered as the form says, if anything is said of it."""
    plant = form.chosen_sites.get(StagePlace.PLANT.value)
    return _outlooks(form).get(plant, {}).get(form.cleaned_data["priority"]) if plant else None


def _review(request: HttpRequest, form: OrderRequestForm) -> HttpResponse:
    said, expected = form.cleaned_data, _expected(form)
    known = open_orders_of_patient(request.user, said["patient_reference"], said["ordering_site"])
    context = {"form": form, "flow": form.flow, "said": said, "sites": form.chosen_sites, "known": known}
    context |= {"expected": expected, "now": form.now}
    if expected and said.get("promised_at"):
        context["chance"] = chance_words(expected, said["promised_at"])
    return render(request, "batches/orders/order_request_review.html", context)
