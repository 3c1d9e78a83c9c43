"""The labels of one order: print them, and say how each ended."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from supplychain.audit.refusals import Refused
from supplychain.labels.actions.ending import end_label, scan_label
from supplychain.labels.actions.printing import NewLabel, WantedLabels, print_labels
from supplychain.labels.forms import EndForm, PrintForm, ScanForm
from supplychain.labels.queries import layouts, materials_to_label, shown_labels
from supplychain.labels.rules.layouts import LabelLayout
from supplychain.labels.rules.saying import may_end, steps_to_label
from supplychain.orders.models import PatientOrder
from supplychain.orders.queries import open_stops, order_state, sites_of
from supplychain.orders.rules.duties import roles_at
from supplychain.orders.rules.interlocks import OVERRIDE, Stop, binding_stops, may_override
from supplychain.orders.statuses import OrderEventKind
from supplychain.pages.access import signed_in
from supplychain.pages.label_papers import LabelPaper, LabelTooSmall, labels_pdf
from supplychain.pages.papers import FontMissing
from supplychain.pages.viewers import Viewer

Form = PrintForm | EndForm | ScanForm


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def order_labels(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The labels with what this person may do; POST does what `say` names: print (answers with the file), end, scan."""
    order = Viewer.of(request.user).orders().select_related("product").filter(pk=order_id).first()
    if order is None:
        raise Http404
    stops = open_stops([order.pk], now=timezone.now()).get(order.pk, ())
    forms = _forms(request, order, stops)
    said = forms.get(request.POST.get("say", "")) if request.method == "POST" else None
    if said and said.is_valid():
        try:
            return _do(request, order, said)
        except Refused as refused:
            said.refuse(refused.errors)
        except LabelTooSmall as small:
            said.refuse({"layout": str(small)})
        except FontMissing as missing:
            said.refuse({"all": f"No labels can be made: {missing}"})
    return _page(request, order, forms, stops, status=422 if request.method == "POST" else 200)


def _do(request: HttpRequest, order: PatientOrder, form: Form) -> HttpResponse:
    """What the form says; answers with the file, or leads back to the page. Raises Refused, LabelTooSmall."""
    said, now = form.cleaned_data, timezone.now()
    if isinstance(form, PrintForm):
        texts = {name: said.get(name, "") for name in ("number", "stage", "layout", "reason")}
        wanted = WantedLabels(
            **texts, copies=said["copies"], token=str(said["token"]), override=said.get(OVERRIDE, "")
        )  # fmt: skip
        return _file(order, print_labels(order.pk, wanted, by=request.user, draw=_draw, now=now))
    if isinstance(form, ScanForm):
        device = request.headers.get("User-Agent", "")
        _, label = scan_label(order, said["read"], by=request.user, device=device, token=said["token"], now=now)
        messages.success(request, f"Label {label.serial} is this order’s, and used.")
    else:
        told = {"end": said["end"], "reason": said["reason"], "token": str(said["token"])}
        label = end_label(order, said["serial"], by=request.user, now=now, **told)
        messages.success(request, f"Label {label.serial} is {said['end']}.")
    return redirect("order_labels", order_id=order.pk)


def _draw(labels: Sequence[NewLabel], layout: LabelLayout) -> bytes:
    papers = [LabelPaper(one.lines, one.code, one.serial) for one in labels]
    return labels_pdf(papers, layout.width, layout.height)


def _file(order: PatientOrder, file: bytes) -> HttpResponse:
    response = HttpResponse(file, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="cellops-labels-{order.pk}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


def _forms(request: HttpRequest, order: PatientOrder, stops: Sequence[Stop]) -> Mapping[str, Form]:
    """The forms that the person's roles allow, by what they do; the one that was sent with what was typed."""
    roles, sent = roles_at(sites_of(order), request.user.rights), request.POST if request.method == "POST" else None
    says = sent.get("say") if sent else ""
    forms: dict[str, Form] = {}
    state, kind = order_state(order), OrderEventKind.LABEL_PRINTED
    if stages := steps_to_label(state, roles):
        pieces = materials_to_label(order)
        forms["print"] = PrintForm(
            sent if says == "print" else None,
            numbers=[(one.number, f"{one.number} ({one.get_kind_display()})") for one in pieces],
            stages=stages,
            sizes=[(name, one.words) for name, one in layouts().items()],
            overrides=may_override(None, roles) and bool(binding_stops(state.flow, stops, kind, None)),
        )
    if may_end(roles):
        forms["end"] = EndForm(sent if says == "end" else None)
        forms["scan"] = ScanForm(sent if says == "scan" else None)
    return forms


def _page(
    request: HttpRequest, order: PatientOrder, forms: Mapping[str, Form], stops: Sequence[Stop], *, status: int
) -> HttpResponse:
    labels = shown_labels(order)
    page: dict[str, Any] = {
        "order": order,
        "open": [one for one in labels if one.is_open],
        "ended": [one for one in labels if not one.is_open],
        "forms": forms,
        "stops": stops,
        "token": uuid4(),
    }
    return render(request, "supplychain/labels/order.html", page, status=status)
