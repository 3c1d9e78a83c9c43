"""A treatment centre's own orders: what they need, what to expect, what is wrong."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboards.centre.queries.cards import site_page
from dashboards.centre.queries.filters import Centres, SiteFilter
from dashboards.centre.rules.cards import CardGroup
from supplychain.pages.access import signed_in
from supplychain.pages.camera import reads_with_camera
from supplychain.people.statuses import Role

GROUP_NAMES = {
    "": "All",
    CardGroup.NEEDS_YOU: "Needs you",
    CardGroup.ON_ITS_WAY: "On its way",
    CardGroup.DONE: "Done recently",
}


@require_safe
@reads_with_camera
@signed_in
def site(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    return render(request, "dashboards/centre/site.html", _site(request))


@require_safe
@signed_in
def site_live(request: HttpRequest) -> HttpResponse:
    """What of it changes."""
    return render(request, "dashboards/centre/_site.html", _site(request))


def _site(request: HttpRequest) -> dict[str, Any]:
    now, chosen, centres = timezone.now(), SiteFilter.read(request.GET), Centres.of(request.user)
    page = site_page(centres, chosen, now)
    counts = {"": page.total, **page.counts}
    return {
        "now": now,
        "chosen": chosen,
        "centres": centres.sites,
        "products": centres.products(),
        "page": page,
        "groups": [(show, GROUP_NAMES[show], counts[show], to) for show, to in chosen.groups],
        "group_names": GROUP_NAMES,
        "may_order": bool(request.user.roles & {Role.SITE_COORDINATOR, Role.OPERATIONS}),
    }
