"""The page of a collection: its checklist and record, filled in at the chair."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from supplychain.audit.refusals import Refused
from supplychain.collections.actions import check_collection
from supplychain.collections.forms import CollectionForm
from supplychain.collections.queries import ShownCollection, collections_of
from supplychain.orders.models import PatientOrder
from supplychain.orders.queries import sites_of
from supplychain.orders.rules.duties import right_problem, roles_at
from supplychain.orders.statuses import StageEventKind
from supplychain.pages.access import signed_in
from supplychain.pages.viewers import Viewer


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def order_collection(request: HttpRequest, order_id: UUID, stage: str) -> HttpResponse:
    """What was answered of the newest attempt's collection, and the form of who may answer; POST records it."""
    order, now = _order(request, order_id), timezone.now()
    shown = next((one for one in reversed(collections_of(order, now)) if one.plan.code == stage), None)
    if shown is None:
        raise Http404
    kind, roles = StageEventKind.COLLECTION_CHECKED, roles_at(sites_of(order), request.user.rights)
    no_right = right_problem(shown.plan, kind, roles)
    data = request.POST if request.method == "POST" and not no_right else None
    form = None if no_right else CollectionForm(data, items=shown.items)
    if form and form.is_bound and form.is_valid() and _is_taken(request, order, shown, form):
        messages.success(request, f"{shown.plan.name} of {order.coi}: kept.")
        return redirect("order_collection", order_id=order.pk, stage=stage)
    page = {"order": order, "shown": shown, "form": form, "no_right": no_right, "now": now}
    is_refused = request.method == "POST"
    return render(request, "supplychain/collections/collection.html", page, status=422 if is_refused else 200)


def _order(request: HttpRequest, order_id: UUID) -> PatientOrder:
    """The order. Raises Http404 where it does not exist for this person."""
    orders = Viewer.of(request.user).orders().select_related("product", "flow", "collection_site")
    if (order := orders.filter(pk=order_id).first()) is None:
        raise Http404
    return order


def _is_taken(request: HttpRequest, order: PatientOrder, shown: ShownCollection, form: CollectionForm) -> bool:
    said = form.cleaned_data
    try:
        check_collection(
            order.pk, by=request.user, stage=shown.plan.code, answers=form.answers, reason=said["reason"],
            token=str(said["token"]), now=timezone.now(),
        )  # fmt: skip
    except Refused as refused:
        form.refuse(refused.errors)
        return False
    return True
