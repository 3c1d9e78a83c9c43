"""Condition of an order's shipments: charts, loggers' files, decisions on excursions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from supplychain.conditions.actions.deciding import DecisionRefused, decide_excursion
from supplychain.conditions.actions.files import ReadingFileRefused, answer_file, receive_file
from supplychain.conditions.forms import AnswersForm, DecisionForm, LoggerFileForm
from supplychain.conditions.models import ReadingDelivery
from supplychain.conditions.queries import ShipmentCondition, conditions_of, excursions_of, runs_with_shipments
from supplychain.conditions.rules.excursions import ExcursionFacts
from supplychain.conditions.statuses import DeliveryStatus
from supplychain.flows.queries import flow_plan
from supplychain.orders.actions.events import Reporter
from supplychain.orders.models import PatientOrder
from supplychain.orders.queries import open_stops, sites_of
from supplychain.orders.queries.signatures import signatures_of
from supplychain.orders.rules.duties import has_right, holder_words, holders_of, roles_at
from supplychain.orders.rules.interlocks import Stop
from supplychain.orders.rules.signing import signing_words
from supplychain.orders.statuses import OrderEventKind
from supplychain.pages.access import signed_in
from supplychain.pages.viewers import Viewer
from supplychain.people.models import User
from supplychain.people.statuses import Role
from supplychain.sign_in.signing import Signing

# Who hands in what a logger says: whoever packs, receives or judges at one of the order's places.
HAND_IN = frozenset({Role.OPERATIONS, Role.SITE_COORDINATOR, Role.QA})
HANDED_IN_BEFORE = "This file was handed in before, as it says here: nothing of it is taken twice."
MAY_NOT_HAND_IN = "Readings are handed in by operations, quality assurance or a coordinator of the order's sites."
DECIDED = {
    "use_as_is": "the cells are used as they are, and the flag goes",
    "reject": "the cells are rejected: nothing that would use them is begun; a new attempt or a cancellation follows",
    "more_data": "it stays open until the data are there",
}


@require_safe
@signed_in
def order_condition(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """What the loggers of every shipment of an order say."""
    order = _order(request, order_id)
    return render(request, "supplychain/conditions/condition.html", _page(request.user, order))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def hand_in_readings(request: HttpRequest, order_id: UUID, shipment_id: UUID) -> HttpResponse:
    """A logger's file: kept as it came, and taken where it says all that must be known."""
    order = _order(request, order_id)
    one, roles = _shipment(order, shipment_id), _roles(request.user, order)
    form = LoggerFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and _may_hand_in(roles) and form.is_valid():
        now = timezone.now()
        file = form.cleaned_data["file"]
        try:
            by = Reporter.of_user(request.user)
            delivery = receive_file(one.shipment, file, file.name, by=by, now=now)
        except ReadingFileRefused as refusal:
            form.add_error("file", str(refusal))
        else:
            if delivery.received_at != now:
                messages.info(request, HANDED_IN_BEFORE)
            return redirect("reading_delivery", order_id=order.pk, delivery_id=delivery.pk)
    problem = "" if _may_hand_in(roles) else MAY_NOT_HAND_IN
    context = {"order": order, "one": one, "form": form, "problem": problem}
    status = 422 if request.method == "POST" else 200
    return render(request, "supplychain/conditions/hand_in.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def reading_delivery(request: HttpRequest, order_id: UUID, delivery_id: UUID) -> HttpResponse:
    """What was understood of a file, what it asks, and taking it with the answers."""
    order = _order(request, order_id)
    delivery = _delivery(order, delivery_id)
    form, status = _answers(request, delivery), 200
    may = _may_hand_in(_roles(request.user, order))
    if request.method == "POST":
        if may and form and form.is_valid():
            said = {name: text for name, text in form.cleaned_data.items() if name != "is_sure"}
            is_sure = form.cleaned_data.get("is_sure", False)
            answer_file(delivery.pk, said, is_sure=is_sure, now=timezone.now())
            return redirect("reading_delivery", order_id=order.pk, delivery_id=delivery.pk)
        status = (422 if form else 409) if may else 403
    context = {"order": order, "one": _shipment(order, delivery.shipment_id), "delivery": delivery, "form": form}
    ends = {name: _moment(delivery.understood.get(name)) for name in ("first_at", "last_at")}
    context |= ends | {"problem": "" if may else MAY_NOT_HAND_IN}
    return render(request, "supplychain/conditions/delivery.html", context, status=status)


@sensitive_post_parameters("sign-password", "sign-code")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def decide_on_excursion(request: HttpRequest, order_id: UUID, excursion_id: UUID) -> HttpResponse:
    """The decision of quality assurance on cells that were too warm or too cold."""
    order = _order(request, order_id)
    excursion = _excursion(order, excursion_id)
    holders = holders_of(None, OrderEventKind.EXCURSION_DECIDED)
    may = has_right(holders, _roles(request.user, order))
    form = DecisionForm(request.POST or None, initial={"seen": excursion.seen, "token": uuid4()})
    signing = Signing(request, order.pk, _means(order, request.POST) if may else "")
    if request.method == "POST" and may and form.is_valid() and signing.check():
        said = form.cleaned_data | {"token": str(form.cleaned_data["token"]), "proof": signing.proof}
        try:
            decide_excursion(excursion.id, by=request.user, now=timezone.now(), **said)
        except DecisionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Decided for {order.coi}: {DECIDED[said['decision']]}.")
            return redirect("order_condition", order_id=order.pk)
    context = {
        "order": order, "excursion": excursion, "one": _shipment(order, excursion.shipment_id), "form": form,
        "signing": signing, "stops": _stops(order), "signatures": signatures_of(order),
        "problem": "" if may else f"On an excursion decides {holder_words(holders)}.",
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return render(request, "supplychain/conditions/decide.html", context, status=status)


def _means(order: PatientOrder, said: Mapping[str, Any]) -> str:
    """What a signature under the decision says; empty: the product asks for none."""
    flow, decided = flow_plan(order.flow_id), {"decision": said.get("decision", "")}
    return signing_words(flow, OrderEventKind.EXCURSION_DECIDED, "", decided)


def _page(user: User, order: PatientOrder) -> dict[str, Any]:
    roles = _roles(user, order)
    shipments = list(conditions_of(order, runs_with_shipments(order)).values())
    may = has_right(holders_of(None, OrderEventKind.EXCURSION_DECIDED), roles)
    return {"order": order, "shipments": shipments, "may_decide": may, "may_hand_in": _may_hand_in(roles),
            "stops": _stops(order), "signatures": signatures_of(order)}  # fmt: skip


def _stops(order: PatientOrder) -> Sequence[Stop]:
    return open_stops([order.pk], now=timezone.now()).get(order.pk, ())


def _order(request: HttpRequest, order_id: UUID) -> PatientOrder:
    """The order. Raises Http404 where it does not exist for this person."""
    order = Viewer.of(request.user).orders().select_related("product").filter(pk=order_id).first()
    if order is None:
        raise Http404
    return order


def _roles(user: User, order: PatientOrder) -> dict[str, frozenset[str]]:
    return roles_at(sites_of(order), user.rights)


def _may_hand_in(roles: dict[str, frozenset[str]]) -> bool:
    return any(HAND_IN & held for held in roles.values())


def _shipment(order: PatientOrder, shipment_id: UUID) -> ShipmentCondition:
    found = conditions_of(order, runs_with_shipments(order)).get(shipment_id)
    if found is None:
        raise Http404
    return found


def _delivery(order: PatientOrder, delivery_id: UUID) -> ReadingDelivery:
    rows = ReadingDelivery.objects.filter(shipment__stage_run__order=order).exclude(file_name="")
    delivery = rows.select_related("user").filter(pk=delivery_id).first()
    if delivery is None:
        raise Http404
    return delivery


def _excursion(order: PatientOrder, excursion_id: UUID) -> ExcursionFacts:
    found = next((one for one in excursions_of([order.pk]).get(order.pk, ()) if one.id == excursion_id), None)
    if found is None or found.stage not in flow_plan(order.flow_id).stages:
        raise Http404
    return found


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _answers(request: HttpRequest, delivery: ReadingDelivery) -> AnswersForm | None:
    """The form for what a file does not say; None: nothing is open."""
    if delivery.status != DeliveryStatus.ASKS:
        return None
    probes = delivery.understood.get("probes", [])
    return AnswersForm(request.POST or None, asks=delivery.asks, probes=probes, doubted=not delivery.asks)
