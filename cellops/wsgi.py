"""The pages and the REST interface as a WSGI application.

Systems with a bearer token pass by the middleware that serves people only (session, CSRF, messages, content security
policy, time zone, history context), which took 0.8 of the 3.6 ms of processor time of a reported event.
"""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware
from django.urls import get_resolver

from supplychain.garbage import collect_seldom
from supplychain.pages.readable import ReadableRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cellops.settings")


class SystemsHandler(WSGIHandler):
    """Answers requests of `/api/v1/` that carry a bearer token: no other way to authenticate is looked at for them."""

    request_class = ReadableRequest

    def load_middleware(self, is_async: bool = False) -> None:
        """Transport security and the length of the answer are all that systems share with people."""
        self._view_middleware, self._template_response_middleware, self._exception_middleware = [], [], []
        view = convert_exception_to_response(self._get_response)
        self._middleware_chain = convert_exception_to_response(SecurityMiddleware(with_length(view)))


def with_length(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Say how long the answer is, as CommonMiddleware does; without it the server would send it in chunks."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = view(request)
        response.headers.setdefault("Content-Length", str(len(response.content)))
        return response

    return answer


people = get_wsgi_application()
people.request_class = ReadableRequest
systems = SystemsHandler()
# Import every view now: left to Django, the first requests of a new process would wait seconds for it.
addresses = get_resolver().url_patterns
collect_seldom()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Hand the request to the handler it needs."""
    has_token = environ.get("HTTP_AUTHORIZATION", "")[:7].lower() == "bearer "
    handler = systems if has_token and environ.get("PATH_INFO", "").startswith("/api/v1/") else people
    return handler(environ, start_response)
