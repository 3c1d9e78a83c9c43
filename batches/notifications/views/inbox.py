"""The inbox: what a person was told, and how many messages wait."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from batches.notifications.queries.handovers import HANDING_ROLES
from batches.notifications.queries.inbox import (
    MOST_COUNTED,
    InboxFilter,
    InboxView,
    inbox_of,
    unread_count,
)
from batches.notifications.queries.notices import notices_for, signing_notices_for
from batches.notifications.rules.notifications import ROLE_ORDER
from supplychain.pages.access import signed_in
from supplychain.pages.viewers import Viewer


@require_safe
@signed_in
def inbox(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    return render(request, "batches/notifications/inbox.html", _inbox(request))


@require_safe
@signed_in
def inbox_live(request: HttpRequest) -> HttpResponse:
    """What of it changes."""
    return render(request, "batches/notifications/_inbox.html", _inbox(request))


@require_safe
@signed_in
def inbox_count(request: HttpRequest) -> HttpResponse:
    """How many messages wait, notices that stand among them, for the mark in the navigation of every page."""
    count = unread_count(Viewer.of(request.user)) + len(notices_for(request.user))
    count += len(signing_notices_for(request.user))
    return render(request, "batches/notifications/_inbox_count.html", {"count": count, "most": MOST_COUNTED - 1})


def _inbox(request: HttpRequest) -> dict[str, Any]:
    viewer, chosen = Viewer.of(request.user), InboxFilter.read(request.GET)
    return {
        "now": timezone.now(),
        "chosen": chosen,
        "views": InboxView.choices,
        "inbox": inbox_of(viewer, chosen),
        "notices": notices_for(request.user),
        "signings": signing_notices_for(request.user),
        "has_sites": bool(viewer.site_ids),
        "is_told": bool(request.user.roles.intersection(ROLE_ORDER)),
        "hands_over": bool(request.user.site_ids(*HANDING_ROLES)),
    }
