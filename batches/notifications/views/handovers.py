"""The shift hand-over: what happened at a site, to be read and printed, and what a person tells the next shift."""

from collections.abc import Sequence
from datetime import datetime
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
    MOST_OF_A_SITE,
    MOST_ROWS,
    USUAL_HOURS,
    Shift,
    report_of,
    sites_report,
    sites_to_hand_over,
)
from supplychain.audit.refusals import Refused
from supplychain.pages.access import signed_in
from supplychain.sites.models import Site


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def handover(request: HttpRequest) -> HttpResponse:
    """The report of the chosen site and hours, of all sites where none is chosen; taking the words of whoever hands
    over: 422 if there are none."""
    now, sites = timezone.now(), sites_to_hand_over(request.user)
    if request.method != "POST" and len(sites) > 1 and not request.GET.get("site"):
        return _all_sites(request, sites, now)
    shift = Shift.read(sites, request.POST or request.GET, now)
    if shift is None and (sites or request.method == "POST"):
        raise Http404
    form = HandOverForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        hand_over(shift, text=form.cleaned_data["text"], by=request.user)
        messages.success(request, "Handed over. It stands on top until whoever comes takes it over.")
        return _back(request, shift.site, f"&hours={shift.hours}")
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
        said = {"remark": request.POST.get("remark", ""), "takes_flags": "takes_flags" in request.POST}
        _, flags = take_over(handover.pk, **said, by=request.user, now=timezone.now())
    except Refused as refusal:
        for text in refusal.errors.values():
            messages.error(request, text)
    else:
        which = "1 flag" if flags == 1 else f"{flags} flags"
        with_flags = f" You have {which} of {handover.person} now." if flags else ""
        messages.success(request, f"Taken over.{with_flags}")
    return _back(request, handover.site)


def _all_sites(request: HttpRequest, sites: Sequence[Site], now: datetime) -> HttpResponse:
    """What is open at each of the person's sites, to be handed over and taken over site by site."""
    report = sites_report(sites)
    forms = [(one, HandOverForm(auto_id=f"id_{one.site.code}_%s")) for one in report.sites]
    page = {"now": now, "sites": sites, "hours": HOURS, "report": report, "forms": forms, "most": MOST_OF_A_SITE}
    page["usual_hours"] = USUAL_HOURS
    return render(request, "batches/notifications/handover_sites.html", page)


def _back(request: HttpRequest, site: Site, also: str = "") -> HttpResponse:
    """To the page that led here: that of all sites, or the site's own."""
    if request.POST.get("all"):
        return redirect(f"{reverse('handover')}#site-{site.code}")
    return redirect(f"{reverse('handover')}?site={site.code}{also}")
