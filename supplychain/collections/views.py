"""The page of a collection: its checklist and record, filled in at the chair, and cells that were collected earlier."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from supplychain.audit.refusals import Refused
from supplychain.collections.actions import check_collection, record_earlier_collection
from supplychain.collections.forms import CollectionForm, EarlierForm
from supplychain.collections.queries import ShownCollection, collections_of
from supplychain.orders.models import PatientOrder
from supplychain.orders.queries import open_stops, sites_of
from supplychain.orders.rules.duties import right_problem, roles_at
from supplychain.orders.statuses import StageEventKind
from supplychain.pages.access import signed_in
from supplychain.pages.viewers import Viewer

EARLIER = "earlier"  # what the form of an earlier collection says


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def order_collection(request: HttpRequest, order_id: UUID, stage: str) -> HttpResponse:
    """What was answered of the newest attempt's collection, and the forms of who may answer; POST records one."""
    order, now = _order(request, order_id), timezone.now()
    shown = next((one for one in reversed(collections_of(order, now)) if one.plan.code == stage), None)
    if shown is None:
        raise Http404
    page: dict[str, Any] = {"order": order, "shown": shown, "now": now} | _forms(request, order, shown)
    page["stops"] = open_stops([order.pk], now=now).get(order.pk, ())
    said = page["earlier"] if request.POST.get("say") == EARLIER else page["form"]
    if said and said.is_bound and said.is_valid() and _is_taken(request, order, stage, said):
        messages.success(request, f"{shown.plan.name} of {order.coi}: kept.")
        return redirect("order_collection", order_id=order.pk, stage=stage)
    is_refused = request.method == "POST"
    return render(request, "supplychain/collections/collection.html", page, status=422 if is_refused else 200)


def _order(request: HttpRequest, order_id: UUID) -> PatientOrder:
    """The order. Raises Http404 where it does not exist for this person."""
    orders = Viewer.of(request.user).orders().select_related("product", "flow", "collection_site")
    if (order := orders.filter(pk=order_id).first()) is None:
        raise Http404
    return order


def _forms(request: HttpRequest, order: PatientOrder, shown: ShownCollection) -> dict[str, Any]:
    """What this person may fill in; the form that was sent with what was typed, and why there is none."""
    roles = roles_at(sites_of(order), request.user.rights)
    no_right = right_problem(shown.plan, StageEventKind.COLLECTION_CHECKED, roles)
    may_end = not right_problem(shown.plan, StageEventKind.COMPLETED, roles)
    is_earlier = request.POST.get("say") == EARLIER
    sent = request.POST if request.method == "POST" else None
    form = None if no_right else CollectionForm(None if is_earlier else sent, items=shown.items)
    earlier = EarlierForm(sent if is_earlier else None) if shown.may_be_earlier and may_end else None
    return {"form": form, "earlier": earlier, "no_right": no_right}


def _is_taken(request: HttpRequest, order: PatientOrder, stage: str, form: CollectionForm | EarlierForm) -> bool:
    said = form.cleaned_data
    whose = {"by": request.user, "stage": stage, "reason": said["reason"], "token": str(said["token"])}
    try:
        if isinstance(form, EarlierForm):
            given = {"donation": said["donation_number"], "ended_at": said["ended_at"]}
            record_earlier_collection(order.pk, **whose, **given, now=timezone.now())
        else:
            check_collection(order.pk, **whose, answers=form.answers, now=timezone.now())
    except Refused as refused:
        form.refuse(refused.errors)
        return False
    return True
