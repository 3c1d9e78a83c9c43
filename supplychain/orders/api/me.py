"""`GET /api/v1/me/`: who asks, at which sites, with which rights."""

from typing import Literal

import msgspec
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from supplychain.orders.api import examples
from supplychain.people.models import User
from supplychain.rest.authentication import SourceClient
from supplychain.rest.documentation import NOT_YOURS
from supplychain.rest.endpoints import Endpoint
from supplychain.rest.permissions import ROLES_FOR_SCOPE
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind
from supplychain.systems.actions import REPORT
from supplychain.systems.statuses import ReportScope


class MySite(msgspec.Struct):
    """A site whose orders you see; `roles`: a person's roles there."""

    code: str
    name: str
    kind: SiteKind
    time_zone: str
    is_active: bool
    roles: list[str]


class Me(msgspec.Struct):
    """Who asks. `scopes`: what may be done now, of a system what this token carries and its
    system still has; what it may report (`events:collection` …) goes with `events:write`."""

    kind: Literal["system", "person"]
    code: str
    name: str
    scopes: list[str]
    sites: list[MySite]


class Myself(Endpoint):
    """The one who asks."""

    permission_classes = (IsAuthenticated,)
    required_scopes: dict[str, str] = {}
    http_method_names = ("get", "head")

    @extend_schema(
        operation_id="get_me",
        summary="Who you are here: sites and scopes",
        responses={200: Me} | NOT_YOURS,
        examples=examples.ME,
    )
    def get(self, request: Request) -> Response:
        """Any good token or session may ask; the first thing to look at when something is refused."""
        return Response(_system(request.user) if isinstance(request.user, SourceClient) else _person(request.user))


def _system(client: SourceClient) -> Me:
    source = client.reporter.source
    sites = [_site(site, []) for site in Site.objects.filter(pk__in=client.reporter.site_ids).order_by("code")]
    # What may be reported is the system's right, whatever the token names besides events:write.
    may_report = set(source.scopes).intersection(ReportScope.values) if REPORT in client.scopes else set()
    scopes = client.scopes - set(ReportScope.values) | may_report
    return Me("system", source.code, source.name, sorted(scopes), sites)


def _person(user: User) -> Me:
    roles: dict[object, list[str]] = {}
    for site_id, role in user.rights:
        roles.setdefault(site_id, []).append(role)
    sites = [_site(site, sorted(roles[site.pk])) for site in Site.objects.filter(pk__in=roles).order_by("code")]
    scopes = sorted(scope for scope, holders in ROLES_FOR_SCOPE.items() if user.site_ids(*holders))
    return Me("person", user.username, str(user), scopes, sites)


def _site(site: Site, roles: list[str]) -> MySite:
    return MySite(site.code, site.name, site.kind, site.time_zone, site.is_active, roles)
