"""Showing times in the person's own zone."""

from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.db.models import F, Max, Min, QuerySet
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin

from supplychain.people.models import Membership, User

SESSION_KEY = "time_zone"
FALLBACK = "UTC"


class TimeZoneMiddleware(MiddlewareMixin):
    """Activates the signed-in person's zone for the request; kept in the session, so it costs no query."""

    def process_request(self, request: HttpRequest) -> None:
        """Activate the person's zone, or none: threads are used again, so the last request's must not stay."""
        name = _zone_name(request)
        try:
            timezone.activate(ZoneInfo(name)) if name else timezone.deactivate()
        except (ZoneInfoNotFoundError, ValueError):
            timezone.deactivate()


def _zone_name(request: HttpRequest) -> str:
    # Systems with a token have no session; do not open one for them.
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return ""
    if (name := request.session.get(SESSION_KEY)) is None and request.user.is_authenticated:
        name = remember_time_zone(request, request.user)
    return name or ""


def remember_time_zone(request: HttpRequest, user: User) -> str:
    """Keep the person's zone in the session and return it; call it again when the person changes it."""
    name = time_zone_of(user)
    request.session[SESSION_KEY] = name
    return name


def time_zone_of(user: User) -> str:
    """IANA name of the zone that the person chose, else the one of all their sites, else UTC: which of several sites
    somebody sits at is not known."""
    if user.time_zone:
        return user.time_zone
    return next((row["zone"] for row in zones_of_sites(user.memberships.all())), FALLBACK)


def zones_of_sites(memberships: QuerySet[Membership]) -> QuerySet[Membership, dict[str, Any]]:
    """The `zone` of each person whose sites all lie in one; no row for whom they do not."""
    ends = {"zone": Min("site__time_zone"), "last": Max("site__time_zone")}
    return memberships.order_by().values("user").annotate(**ends).filter(zone=F("last")).values("zone")


@receiver(user_logged_in, dispatch_uid="remember_time_zone")
def _on_login(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    remember_time_zone(request, user)
