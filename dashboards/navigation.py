"""The main navigation: the pages that a person may have use for, and the one that they begin with."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from supplychain.pages.access import signed_in
from supplychain.people.models import User
from supplychain.people.statuses import RECORD_READERS, Role


@dataclass(frozen=True, slots=True)
class NavigationLink:
    """A link of the main navigation; `is_current`: it leads to the page shown or to what stands above it.

    `count`: the address of a number beside it, which the browser fetches by itself, so that no page waits for it and
    it follows what happens.
    """

    name: str
    icon: str
    address: str
    is_current: bool
    count: str = ""


PLANT_ROLES = (Role.OPERATIONS, *RECORD_READERS)
# Address name, words, icon, and the roles that have use for it (none: everybody).
PLACES = (
    ("control_tower", "Control tower", "ti-radar-2", ()),
    ("orders", "Orders", "ti-list-search", ()),
    ("lines", "Lines", "ti-building-factory-2", PLANT_ROLES),
    ("bottlenecks", "Bottlenecks", "ti-hourglass-high", PLANT_ROLES),
    ("kpis", "KPIs", "ti-chart-line", ()),
    ("ramp_ups", "Ramp-up", "ti-stairs-up", (Role.OPERATIONS, Role.QA, Role.ADMINISTRATOR)),
    ("site", "My centre", "ti-building-hospital", (Role.SITE_COORDINATOR,)),
    ("operations", "Record", "ti-scan", (Role.OPERATIONS, Role.QA, Role.ADMINISTRATOR)),
    ("inbox", "Inbox", "ti-inbox", ()),
    ("admin:index", "Master data", "ti-database-cog", RECORD_READERS),
)
# Who has one of these roles works at a plant too; who only coordinates begins at the centre's own page.
PLANT_ROLES = frozenset({Role.OPERATIONS, *RECORD_READERS})
# Pages that stand below a place, at addresses of their own.
BELOW = {
    "orders": ("trace",),
    "lines": ("resources", "durations"),
    "kpis": ("alarms", "calibration"),
    "admin:index": ("signatures",),
}
COUNTS = {"inbox": "inbox_count"}


def navigation(request: HttpRequest) -> list[NavigationLink]:
    """The links for the signed-in person; none for anybody else. No query besides that for the memberships."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    places = [place for place in PLACES if not place[3] or user.roles.intersection(place[3])]
    home = home_of(user)
    places.sort(key=lambda place: place[0] != home)
    return [_place(request, *place[:3]) for place in places]


def home_of(user: User) -> str:
    """The page that a person begins with: its address name. It stands first in the navigation."""
    coordinates_only = Role.SITE_COORDINATOR in user.roles and not user.roles.intersection(PLANT_ROLES)
    return "site" if coordinates_only else "control_tower"


def _place(request: HttpRequest, view: str, name: str, icon: str) -> NavigationLink:
    address = reverse(view)
    above = (address, *(reverse(one) for one in BELOW.get(view, ())))
    here = request.path == address if address == "/" else request.path.startswith(above)
    return NavigationLink(name, icon, address, here, reverse(COUNTS[view]) if view in COUNTS else "")


@require_safe
@signed_in
def start(request: HttpRequest) -> HttpResponse:
    """Where a person lands after signing in."""
    return redirect(home_of(request.user))
