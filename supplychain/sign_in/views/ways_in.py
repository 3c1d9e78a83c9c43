"""The ways in and out: what allauth's views leave to us."""

from typing import Any

import requests
from allauth.account.views import LoginView, LogoutView
from allauth.mfa.base.views import IndexView
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.socialaccount.providers.openid_connect.views import callback as provider_callback
from allauth.socialaccount.providers.openid_connect.views import login as provider_login
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from supplychain.pages.access import signed_in
from supplychain.sign_in.provider import PROVIDER
from supplychain.sign_in.second_factor import needs_second_factor

# What a provider's description may lack or have wrong; a missing key is one of them.
PROVIDER_TROUBLE = (requests.RequestException, KeyError, ValueError, TypeError)


class Login(LoginView):
    """The way in; somebody who is in already goes on to where they wanted."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Whether there is single sign-on, and why the last session ended."""
        more = {"single_sign_on": settings.OIDC_NAME if settings.OIDC_ISSUER else ""}
        ended = self.request.GET.get("ended", "")
        return super().get_context_data(**kwargs) | more | {"ended": ended}


class Logout(LogoutView):
    """The way out, by POST only."""

    http_method_names = ["post", "options"]


class SecondFactor(IndexView):
    """A person's second factors."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Whether the person needs one."""
        return super().get_context_data(**kwargs) | {"needs_second_factor": needs_second_factor(self.request.user)}


@require_POST
@signed_in
def stay_signed_in(request: HttpRequest) -> HttpResponse:
    """Somebody uses the page (dashboards/js/idle.js); the middleware notes it."""
    return HttpResponse(status=204)


@require_safe
@never_cache
def single_sign_on(request: HttpRequest) -> HttpResponse:
    """Go to the provider, to sign in and for nothing else.

    By GET: a form may only be sent to our own address (content security policy), and browsers hold this against the
    redirect that follows it, too.
    """
    if not settings.OIDC_ISSUER or request.GET.get("process", "login") != "login":
        raise Http404
    return _with_provider(provider_login, request)


@never_cache
def single_sign_on_answer(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Come back from the provider."""
    if not settings.OIDC_ISSUER:
        raise Http404
    return _with_provider(provider_callback, request)


def _with_provider(view: Any, request: HttpRequest) -> HttpResponse:
    try:
        return view(request, PROVIDER)
    except PROVIDER_TROUBLE as error:
        provider = OpenIDConnectOAuth2Adapter(request, PROVIDER).get_provider()
        return render_authentication_error(request, provider, exception=error)


@require_safe
@signed_in
def no_password(request: HttpRequest) -> HttpResponse:
    """Somebody who has no password here asked to change it."""
    messages.info(request, "You have no password here: you sign in elsewhere, and change it there.")
    return redirect("profile")
