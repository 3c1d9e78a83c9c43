"""Marking messages as read."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from batches.notifications.actions.notices import see_signing_notice
from batches.notifications.actions.notifications import mark_read
from supplychain.pages.access import signed_in

# Tells the page (hx-trigger) that what it shows is no longer so.
CHANGED = {"HX-Trigger": "inbox-changed"}


@require_POST
@signed_in
def read(request: HttpRequest) -> HttpResponse:
    """Mark the messages about some orders (`order`), or all, as read, up to the newest that was shown (`until`); or a
    notice of an attempt to sign (`signing`) as seen."""
    try:
        if signing := request.POST.get("signing"):
            see_signing_notice(UUID(signing), by=request.user, now=timezone.now())
            return _done(request)
        until = UUID(request.POST.get("until", ""))
        orders = [UUID(order) for order in request.POST.getlist("order") if order] or None
    except ValueError:
        return HttpResponse("Reload the inbox and try again.", status=400, content_type="text/plain; charset=utf-8")
    mark_read(by=request.user, orders=orders, until=until, now=timezone.now())
    return _done(request)


def _done(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=204, headers=CHANGED) if request.htmx else redirect("inbox")
