"""Where a second person confirms a report: signed in themselves, or beside the first one with their own password."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from supplychain.audit.refusals import Refused
from supplychain.custody.forms import SecondForm
from supplychain.custody.views.custody import visible_order
from supplychain.orders.actions.confirming import confirm_report
from supplychain.orders.models import PatientOrder
from supplychain.orders.rules.signing import SECOND_MEANS
from supplychain.orders.rules.withdrawals import id_named
from supplychain.pages.access import signed_in
from supplychain.people.models import User
from supplychain.sign_in.signing import confirm_second

CHANGED = {"HX-Trigger": "changed"}


@require_POST
@signed_in
def confirm_as_second(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Take that the person signed in checked as the second one what another reported (`event`)."""
    order = visible_order(request, order_id)
    try:
        confirm_report(order.pk, _event(request), by=request.user, now=timezone.now())
        messages.success(request, "Confirmed: you are the second person of this step.")
    except Refused as refusal:
        messages.error(request, refusal.errors["event"])
    return redirect("custody", order_id=order.pk)


@sensitive_post_parameters("password", "code")
@require_POST
@signed_in
def confirm_beside(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The same of somebody who stands beside the person signed in, and shows who they are with their own password."""
    order, event_id, form = visible_order(request, order_id), _event(request), SecondForm(request.POST)
    if form.is_valid():
        try:
            second, proof = confirm_second(request, order.pk, SECOND_MEANS, **form.cleaned_data)
            confirm_report(order.pk, event_id, by=second, now=timezone.now(), proof=proof)
            return _confirmed(request, order, second)
        except Refused as refusal:
            for field, text in refusal.errors.items():
                form.add_error(field if field in form.fields else None, text)
    if not request.htmx:
        messages.error(request, " ".join(text for texts in form.errors.values() for text in texts))
        return redirect("custody", order_id=order.pk)
    context = {"order": order, "event": event_id, "second_form": form}
    return render(request, "supplychain/custody/_beside.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _confirmed(request: HttpRequest, order: PatientOrder, second: User) -> HttpResponse:
    said = f"Confirmed by {second} as the second person."
    if not request.htmx:
        messages.success(request, said)
        return redirect("custody", order_id=order.pk)
    if request.htmx.current_url_abs_path == reverse("custody", args=[order.pk]):
        messages.success(request, said)
        return HttpResponse(headers={"HX-Refresh": "true"})
    response = render(request, "supplychain/custody/_beside.html", {"order": order, "confirmed": said})
    response["HX-Trigger"] = CHANGED["HX-Trigger"]
    return response


def _event(request: HttpRequest) -> UUID:
    """The report meant. Raises Http404 for what is no id."""
    if (event_id := id_named(request.POST, "event")) is None:
        raise Http404
    return event_id
