"""The materials of one order: the tree, and the three things that people say of it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from supplychain.audit.refusals import Refused
from supplychain.flows.queries import flow_plan
from supplychain.materials.actions.saying import say_of_material
from supplychain.materials.forms import LotForm, MaterialForm, StatusForm
from supplychain.materials.queries import OrderMaterials, materials_of_order
from supplychain.materials.rules.saying import stages_for, statuses_for
from supplychain.materials.rules.tracing import Piece
from supplychain.orders.models import PatientOrder
from supplychain.orders.queries import open_stops, sites_of
from supplychain.orders.rules.duties import roles_at
from supplychain.orders.rules.interlocks import OVERRIDE, may_override
from supplychain.orders.rules.signing import asked_act, signing_words
from supplychain.orders.rules.verbs import OF_ORDER
from supplychain.orders.statuses import OrderEventKind
from supplychain.pages.access import signed_in
from supplychain.pages.viewers import Viewer
from supplychain.sign_in.signing import Signing

SIGNED_STATUSES = "Released or rejected a material (nothing else of it is signed)"
SIGNED_OVERRIDE = "What became of a material, although a critical flag stands"
Form = MaterialForm | StatusForm | LotForm


@sensitive_post_parameters("sign-password", "sign-code")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def order_materials(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The tree with the forms that this person may fill in; POST records the one named by `say`."""
    order = Viewer.of(request.user).orders().select_related("product").filter(pk=order_id).first()
    if order is None:
        raise Http404
    now = timezone.now()
    materials = materials_of_order(order, now)
    stops = open_stops([order.pk], now=now).get(order.pk, ())
    forms = _forms(request, order, materials, bool(stops))
    page = {"order": order, "materials": materials, "stops": stops, "forms": forms}
    said = forms.get(request.POST.get("say", "")) if request.method == "POST" else None
    page["signing"] = signing = _signing(request, order, forms.get(OrderEventKind.MATERIAL_IS.value))
    if request.method != "POST":
        return render(request, "supplychain/materials/order.html", page)
    if said and said.is_valid() and _is_taken(request, order, said, signing):
        messages.success(request, f"{OF_ORDER[said.KIND]} for {order.coi}.")
        return redirect("order_materials", order_id=order.pk)
    return render(request, "supplychain/materials/order.html", page, status=422)


def _signing(request: HttpRequest, order: PatientOrder, form: Form | None) -> Signing:
    """The part in which a release or rejection of a material is signed, where the product asks for it."""
    if form is None:
        return Signing(request, order.pk, "")
    flow, kind = flow_plan(order.flow_id), OrderEventKind.MATERIAL_IS
    if form.is_bound:
        said = {name: form[name].value() for name in ("status", "number", *_overrides(form))}
        return Signing(request, order.pk, signing_words(flow, kind, "", said))
    more = dict.fromkeys(_overrides(form), True)
    is_asked = any(asked_act(flow, kind, "", {"status": status} | more) for status, _ in form.fields["status"].choices)
    words = SIGNED_OVERRIDE if more else SIGNED_STATUSES
    return Signing(request, order.pk, words if is_asked else "")


def _overrides(form: Form) -> tuple[str, ...]:
    return (OVERRIDE,) if OVERRIDE in form.fields else ()


def _is_taken(request: HttpRequest, order: PatientOrder, form: Form, signing: Signing) -> bool:
    if form.KIND == OrderEventKind.MATERIAL_IS and not signing.check():
        return False
    said = {"occurred_at": form.cleaned_data["occurred_at"], "token": str(form.cleaned_data["token"])}
    said |= {"proof": signing.proof, "seen_version": form.cleaned_data.get("seen_version")}
    try:
        say_of_material(
            order.pk, by=request.user, kind=form.KIND.value, payload=form.payload, now=timezone.now(), **said
        )
    except Refused as refused:
        form.refuse(refused.errors)
        if isinstance(form, StatusForm):
            form.look_again()
        return False
    return True


def _forms(
    request: HttpRequest, order: PatientOrder, materials: OrderMaterials, is_stopped: bool
) -> Mapping[str, Form]:
    """The forms that the person's roles allow, by what they say; the one that was sent with what was typed."""
    flow, roles, now = flow_plan(order.flow_id), roles_at(sites_of(order), request.user.rights), timezone.now()
    pieces = {one.piece.number: one.piece for one in materials.branches}
    numbers = [(number, f"{number} ({_known(one)})") for number, one in pieces.items()]
    stages, statuses = stages_for(flow, roles), statuses_for(flow, roles)
    made = {"stages": stages, "numbers": numbers, "now": now}

    def sent(kind: OrderEventKind) -> Any:
        return request.POST if request.POST.get("say") == kind else None

    forms: dict[str, Form] = {}
    if stages:
        forms[OrderEventKind.MATERIAL] = MaterialForm(sent(OrderEventKind.MATERIAL), **made)
        forms[OrderEventKind.LOT_USED] = LotForm(sent(OrderEventKind.LOT_USED), **made)
    if statuses and numbers:
        overrides = is_stopped and may_override(None, roles)
        given = {"statuses": statuses, "numbers": numbers, "overrides": overrides, "version": order.version, "now": now}
        forms[OrderEventKind.MATERIAL_IS] = StatusForm(sent(OrderEventKind.MATERIAL_IS), **given)
    return {kind.value: form for kind, form in forms.items()}


def _known(piece: Piece) -> str:
    """What it is and what became of it: “Final bag; Quarantine: Leaks at the port.”"""
    status = ": ".join(filter(None, (piece.status_words, piece.status_reason)))
    return "; ".join(filter(None, (piece.kind_words, status)))
