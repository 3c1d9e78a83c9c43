"""Who needs a second factor, and what happens to those who have none yet."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, resolve_url
from django.utils.deprecation import MiddlewareMixin
from django_htmx.http import HttpResponseClientRedirect

from supplychain.people.models import User
from supplychain.people.statuses import Role

KINDS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
SET_UP = "mfa_index"
# What somebody without the second factor that they need may open: setting one up, and leaving.
FREE = {
    SET_UP, "mfa_activate_totp", "mfa_add_webauthn", "mfa_list_webauthn", "account_reauthenticate",
    "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "login", "logout", "account_login", "account_logout",
    "health", "stay_signed_in", "schema", "api_docs", "oauth_token",
}  # fmt: skip
WORDS = "Your role needs a second factor. Sign in on the pages and set one up first."


def needs_second_factor(user: User) -> bool:
    """Whether one of the person's roles must not act on a password alone (CELLOPS_SECOND_FACTOR_ROLES)."""
    wanted = settings.SECOND_FACTOR_ROLES
    if not wanted:
        return False
    # Who may open the administration pages is an administrator, whatever the memberships say.
    return (user.is_superuser and Role.ADMINISTRATOR in wanted) or not user.roles.isdisjoint(wanted)


def lacks_second_factor(user: User, session: SessionBase) -> bool:
    """Whether the person needs a second factor and has none. One query, for people who need one only."""
    if not needs_second_factor(user) or _was_asked_by_provider(user, session):
        return False
    return not Authenticator.objects.filter(user_id=user.pk, type__in=KINDS).exists()


def _was_asked_by_provider(user: User, session: SessionBase) -> bool:
    if not settings.OIDC_HAS_SECOND_FACTOR:
        return False
    request = HttpRequest()
    request.session = session
    return any(record["method"] == "socialaccount" for record in get_authentication_records(request, user))


class SecondFactorMiddleware(MiddlewareMixin):
    """Leads whoever lacks a second factor to the page where one is set up, before anything else."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Look only at signed-in people, and at nobody while no role needs a second factor."""
        if not settings.SECOND_FACTOR_ROLES or request.resolver_match.url_name in FREE:
            return None
        if not request.user.is_authenticated or not lacks_second_factor(request.user, request.session):
            return None
        return _lead(request)


def _lead(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/api/"):
        body = {"type": "about:blank", "title": "Forbidden", "status": HTTPStatus.FORBIDDEN, "detail": WORDS}
        return JsonResponse(body, status=HTTPStatus.FORBIDDEN, content_type="application/problem+json")
    if request.htmx:
        return HttpResponseClientRedirect(resolve_url(SET_UP))
    return redirect(SET_UP)
