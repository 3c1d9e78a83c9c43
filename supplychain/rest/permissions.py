"""What one may do: systems by scope, people by their roles. Every right ends at one's own sites."""

from collections.abc import Mapping
from typing import Any

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from supplychain.orders.actions.events import Reporter
from supplychain.orders.rules.duties import PLACERS, PLANT_OPERATIONS, reporting_roles
from supplychain.people.statuses import ACTING_ROLES, Role
from supplychain.rest.authentication import SourceClient
from supplychain.systems.rules import right_words
from supplychain.systems.statuses import ReportScope

# Which roles give a person the right that a system has by the scope: those that may do something of it in the browser
# (duties.py). Which orders, stages and decisions of it are theirs is checked by the same actions by every way in.
ROLES_FOR_SCOPE: Mapping[str, tuple[Role, ...]] = {
    "events:write": reporting_roles(),
    "orders:read": tuple(Role),
    "orders:write": tuple(role for _, role in PLACERS),
    ReportScope.PROMISE.value: tuple(role for _, role in PLANT_OPERATIONS),
    "flags:read": tuple(Role),
    "flags:write": ACTING_ROLES,
    "capacity:read": tuple(Role),
    "identity:write": ACTING_ROLES,
}


class ScopeMissing(PermissionDenied):
    """The token is good but does not carry the scope (RFC 6750 §3.1)."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"Your system has not the right {right_words(scope)}; an administrator gives it.")
        self.auth_header = f'Bearer realm="CellOps", error="insufficient_scope", scope="{scope}"'


class HasScope(BasePermission):
    """Holds `view.required_scopes` (by method) against the one who asks; a view that names none is closed.

    Leaves a `Reporter` in `request.auth`: for a person with just those sites where a role of theirs gives the right.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """False without authentication; raises 403 with the reason when a scope or role is missing."""
        if not request.user or not request.user.is_authenticated:
            return False
        method = "GET" if request.method == "HEAD" else request.method
        if method not in view.allowed_methods:
            return True  # answered with 405
        scope = getattr(view, "required_scopes", {}).get(method)
        if scope is None:
            return False
        return _of_source(request.user, scope) if request.auth else _of_person(request, scope)


def _of_source(client: SourceClient, scope: str) -> bool:
    if scope not in client.scopes:
        raise ScopeMissing(scope)
    return True


def _role_words(scope: str) -> str:
    roles = ROLES_FOR_SCOPE[scope]
    return "a role" if set(roles) == set(Role) else f"the role {' or '.join(Role(role).label for role in roles)}"


def _of_person(request: Request, scope: str) -> bool:
    site_ids = request.user.site_ids(*ROLES_FOR_SCOPE[scope])
    if not site_ids:
        raise PermissionDenied(f"This takes {_role_words(scope)} at a site; an administrator gives it.")
    rights = tuple(right for right in request.user.rights if right[0] in site_ids)
    request.auth = Reporter(site_ids=frozenset(site_ids), user=request.user, rights=rights)
    return True
