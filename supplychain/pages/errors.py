"""What people see when the database is away, or when somebody else holds what they want to change."""

import sys

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin
from django.views.defaults import server_error as usual_error

from supplychain.sql import LOST, first_line, is_busy

RETRY_SECONDS = 5
log = structlog.get_logger(__name__)


class UnavailableMiddleware(MiddlewareMixin):
    """A view that did not reach the database answers 503: try again, not “something is broken”."""

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The answer, if that is what went wrong."""
        return unavailable(request, error) if isinstance(error, LOST) else None


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400. Without the request: what a page shows of it may be what could not be read, its host."""
    return render(None, "400.html", status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: the same for what a middleware could not read."""
    error = sys.exc_info()[1]
    return unavailable(request, error) if isinstance(error, LOST) else usual_error(request)


def unavailable(request: HttpRequest, error: BaseException) -> HttpResponse:
    """The page that says so, in one line of the log, and when to ask again."""
    busy = is_busy(error)
    log.warning("page not available", path=request.path, busy=busy, error=first_line(error))
    response = render(None, "503.html", {"busy": busy}, status=503)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response
