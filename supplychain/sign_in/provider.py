"""Single sign-on through one OpenID Connect provider, named in the environment (OIDC_ISSUER and its companions)."""

from typing import Any

import structlog
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import render

from supplychain.people.models import User
from supplychain.sign_in.actions import link_single_sign_on
from supplychain.sign_in.addresses import address_of
from supplychain.sign_in.rules import (
    CONTRADICTION,
    OTHER_ACCOUNT,
    SHARED,
    SWITCHED_OFF,
    UNKNOWN,
    asserted_email,
)

PROVIDER = "sso"

log = structlog.get_logger(__name__)


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Lets in whom an administrator already made, and nobody else."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """The provider of the environment; none that somebody wrote into the database."""
        return [app for app in super().list_apps(request, provider, client_id) if app.pk is None]

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Rights never come from outside."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find the person: by the subject they signed in as before, else by the address the provider vouches for."""
        email, reason = asserted_email(sociallogin.account.extra_data, always_verified=settings.OIDC_TRUSTS_EMAIL)
        if sociallogin.is_existing and reason != CONTRADICTION:
            return
        user = None
        if not reason:
            user, reason = _person_of(email)
        if user is None:
            _refuse(request, sociallogin, email, reason)
        sociallogin.account = link_single_sign_on(user=user, account=sociallogin.account)
        sociallogin.user = user

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, **more: Any
    ) -> None:
        """Record it; the page says what to do."""
        log.warning("single sign-on failed", error=str(error), cause=str(exception), address=address_of(request))


def _person_of(email: str) -> tuple[User | None, str]:
    """The one person of this address who may be linked to a subject now; else None and why."""
    people = list(User.objects.filter(email__iexact=email)[:2])
    if len(people) != 1:
        return None, SHARED if people else UNKNOWN
    if not people[0].is_active:
        return None, SWITCHED_OFF
    # An address may have been given to somebody new: the person it led to so far has another subject.
    if SocialAccount.objects.filter(user=people[0], provider=PROVIDER).exists():
        return None, OTHER_ACCOUNT
    return people[0], ""


def _refuse(request: HttpRequest, sociallogin: SocialLogin, email: str, reason: str) -> None:
    log.warning(
        "single sign-on refused",
        reason=reason,
        email=email,
        subject=sociallogin.account.uid,
        address=address_of(request),
    )
    context = {"reason": reason, "email": email, "single_sign_on": settings.OIDC_NAME}
    raise ImmediateHttpResponse(render(request, "socialaccount/refused.html", context, status=403))
