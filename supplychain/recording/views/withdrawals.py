"""Taking back a report: the form in a dialog or on a page of its own."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.orders.queries import open_stops
from supplychain.pages.access import signed_in
from supplychain.recording.actions import ReportRefused, withdraw_reports
from supplychain.recording.forms import WithdrawalForm
from supplychain.recording.queries import withdrawal_of

# Closes the dialog; open pages fetch their fragment anew (templates/live_page.html).
CHANGED = {"HX-Trigger": "flag-changed"}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def withdraw_event(request: HttpRequest, order_id: UUID, event_id: UUID) -> HttpResponse:
    """The form that asks for the reason, and taking it: 422 with the form for a reason that is missing or refused."""
    event = _event(request, order_id, event_id)
    stops = open_stops([order_id], now=timezone.now()).get(order_id, ())
    subject = withdrawal_of(event, request.user, stops)
    form = WithdrawalForm(request.POST or None, later=subject.later)
    if request.method == "POST" and form.is_valid():
        wrong = [*(UUID(pk) for pk in form.cleaned_data["also"]), event.pk]
        try:
            withdraw_reports(wrong, by=request.user, now=timezone.now(), reason=form.cleaned_data["reason"])
        except ReportRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _done(request, event)
    name = "_withdraw_form" if request.htmx else "withdraw"
    context = {"form": form, "event": event, "order": event.order, "subject": subject}
    status = 422 if request.method == "POST" else 200
    return render(request, f"supplychain/recording/{name}.html", context, status=status)


def _event(request: HttpRequest, order_id: UUID, event_id: UUID) -> StatusEvent:
    """The event. Raises Http404 where its order does not exist for this person."""
    orders = PatientOrder.objects.of_sites(request.user.site_ids()).filter(pk=order_id)
    related = ("order__product", "order__flow", "source", "user")
    event = StatusEvent.objects.filter(pk=event_id, order__in=orders).select_related(*related).first()
    if event is None:
        raise Http404
    return event


def _done(request: HttpRequest, event: StatusEvent) -> HttpResponse:
    if request.htmx:
        return HttpResponse(status=204, headers=CHANGED)
    is_gone = PatientOrder.objects.filter(pk=event.order_id, withdrawn_events__contains=[str(event.pk)]).exists()
    became = "the report is withdrawn" if is_gone else "the report is said to be wrong; a second person must confirm"
    messages.success(request, f"Recorded for {event.order.coi}: {became}.")
    return redirect("order", order_id=event.order_id)
