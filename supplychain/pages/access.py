"""Letting people in."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.cache import add_never_cache_headers
from django_htmx.http import HttpResponseClientRedirect

View = Callable[..., HttpResponse]


def signed_in(view: View) -> View:
    """Serve `view` to signed-in people only, and have nobody keep a copy; everybody else is led to the login page.

    A fragment that htmx fetches after the session has ended takes the whole page there, not into the fragment.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return _to_login(request)
        response = view(request, *args, **kwargs)
        add_never_cache_headers(response)
        return response

    return guarded


def _to_login(request: HttpRequest) -> HttpResponse:
    ended = getattr(request, "session_ended", "")
    login = f"{resolve_url(settings.LOGIN_URL)}?ended={ended}" if ended else None
    if not request.htmx:
        return redirect_to_login(request.get_full_path(), login)
    back = {"next": request.htmx.current_url_abs_path or resolve_url(settings.LOGIN_REDIRECT_URL)}
    query = urlencode(back | ({"ended": ended} if ended else {}))
    return HttpResponseClientRedirect(f"{resolve_url(settings.LOGIN_URL)}?{query}")
