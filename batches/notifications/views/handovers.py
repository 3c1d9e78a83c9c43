"""The shift hand-over: what happened at a site, to be read and printed, and what a person tells the next shift."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from batches.notifications.actions.handovers import hand_over, take_over
from batches.notifications.forms import HandOverForm
from batches.notifications.models import HandOver
from batches.notifications.queries.handovers import (
    HOURS,
    MOST_ROWS,
    Shift,
    report_of,
    sites_to_hand_over,
)
from supplychain.audit.refusals import Refused
from supplychain.pages.access import signed_in


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def handover(request: HttpRequest) -> HttpResponse:
    """The report of the chosen site and hours; taking the words of whoever hands over: 422 if there are none."""
    now, sites = timezone.now(), sites_to_hand_over(request.user)
    shift = Shift.read(sites, request.POST or request.GET, now)
    if shift is None and (sites or request.method == "POST"):
        raise Http404
    form = HandOverForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        hand_over(shift, text=form.cleaned_data["text"], by=request.user)
        messages.success(request, "Handed over. It stands on top until whoever comes takes it over.")
        return redirect(f"{reverse('handover')}?site={shift.site.code}&hours={shift.hours}")
    page = {"now": now, "sites": sites, "shift": shift, "hours": HOURS, "most": MOST_ROWS, "form": form}
    page["report"] = shift and report_of(shift, sites)
    return render(request, "batches/notifications/handover.html", page, status=422 if request.method == "POST" else 200)


@require_POST
@signed_in
def take_over_shift(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """Taking a shift over: back to the page of its site."""
    sites = [site.pk for site in sites_to_hand_over(request.user)]
    handover = get_object_or_404(HandOver.objects.select_related("site"), pk=handover_id, site__in=sites)
    try:
        take_over(handover.pk, remark=request.POST.get("remark", ""), by=request.user, now=timezone.now())
    except Refused as refusal:
        for text in refusal.errors.values():
            messages.error(request, text)
    else:
        messages.success(request, "Taken over.")
    return redirect(f"{reverse('handover')}?site={handover.site.code}")
