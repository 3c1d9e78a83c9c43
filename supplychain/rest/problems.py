"""Every error as a problem document (RFC 9457), whatever the client said it accepts."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions
from rest_framework.views import set_rollback

from supplychain.sql import first_line, is_busy

logger = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
FieldErrors = Mapping[str, list[str]]
RETRY = {"Retry-After": "1"}  # seconds


class Problem(msgspec.Struct, omit_defaults=True):
    """What went wrong and what to do about it."""

    type: str
    title: str
    status: int
    detail: str = ""
    errors: dict[str, list[str]] = {}


class Unprocessable(exceptions.APIException):
    """JSON that was read but cannot be used: 422, with the errors by field."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    default_detail = "The body was read but cannot be used; see errors."

    def __init__(self, errors: FieldErrors | None = None, detail: str | None = None) -> None:
        super().__init__(detail)
        self.errors = errors or {}


class BodyTooLarge(exceptions.APIException):
    """413: the body is longer than the endpoint takes."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE

    def __init__(self, most_bytes: int) -> None:
        super().__init__(f"The body is longer than the {most_bytes:,} bytes taken here; send it in parts.")


class Gone(exceptions.APIException):
    """410: a cursor of a time that is no longer kept."""

    status_code = HTTPStatus.GONE


class TooManyRows(exceptions.APIException):
    """413: the list has more rows, or the body more values, than the endpoint takes."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class TooManyRequests(exceptions.APIException):
    """429: the one who asks has used up what a while allows."""

    status_code = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, seconds: float) -> None:
        self.retry_after = str(max(1, round(seconds)))
        super().__init__(f"Too many requests at once; send it again in {self.retry_after} s, events best as lists.")


class Conflict(exceptions.APIException):
    """409: what is asked does not fit what is there."""

    status_code = HTTPStatus.CONFLICT


class Stale(exceptions.APIException):
    """412: the order was changed after the client read it."""

    status_code = HTTPStatus.PRECONDITION_FAILED


class PreconditionRequired(exceptions.APIException):
    """428: a change that must name the version it was made for (RFC 6585 §3)."""

    status_code = HTTPStatus.PRECONDITION_REQUIRED
    default_detail = "Send If-Match with the ETag of the order as you read it."


def problem(
    status: int, detail: str = "", errors: FieldErrors | None = None, headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:  # fmt: skip
    """The response for `status`, with `detail` for the reader, `errors` by field and `more` members."""
    title = HTTPStatus(status).phrase
    slug = title.lower().replace(" ", "-")
    document = Problem(f"urn:cellops:problem:{slug}", title, int(status), detail, dict(errors or {}))
    said = msgspec.to_builtins(document) | dict(more or {})
    return HttpResponse(msgspec.json.encode(said), content_type=MEDIA_TYPE, status=status, headers=headers)


def problem_response(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """DRF's exception handler. What nobody foresaw is logged and answered with 500, without internals."""
    set_rollback()
    match error:
        case Http404():
            return problem(404, _said(error) or "There is no such thing here, or it is not yours to see.")
        case PermissionDenied():
            return problem(403, _said(error))
        case exceptions.APIException():
            return _of_api_exception(error)
        case RequestDataTooBig():
            return problem(413, "The body is too large.")
        case DataError():
            return problem(400, "A value lies outside of what can be stored: a moment, an offset or a number.")
        case SuspiciousOperation() | BadRequest():
            return problem(400, "The request is malformed.")
        case OperationalError() | InterfaceError():
            return unavailable(error)
    return _unforeseen(error, context)


def unavailable(error: Exception) -> HttpResponse:
    """503: it may be sent again. Of a lost connection nobody knows whether its last word was heard."""
    busy = is_busy(error)
    logger.warning("%s: %s", "an order is in other hands" if busy else "database not reachable", first_line(error))
    why = (
        "What this is about is in other hands just now; nothing was stored."
        if busy
        else "The database does not answer now."
    )
    return problem(503, f"{why} Send the request again.", headers=RETRY)


def _of_api_exception(error: exceptions.APIException) -> HttpResponse:
    """One of DRF's errors, or one of ours."""
    header = getattr(error, "auth_header", None)
    headers = {"WWW-Authenticate": header} if header else {}
    if wait := getattr(error, "retry_after", ""):
        headers["Retry-After"] = wait
    if isinstance(error, exceptions.ValidationError):
        errors = by_field(error.detail)
        return problem(error.status_code, "The request cannot be used; see errors.", errors, headers)
    errors, more = getattr(error, "errors", None), getattr(error, "more", None)
    return problem(error.status_code, str(error.detail), errors, headers, more)


def _unforeseen(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    request = getattr(context.get("request"), "_request", None)
    logger.error("unforeseen error in %s", getattr(request, "path", "?"), exc_info=error)
    got_request_exception.send(sender=type(context.get("view")), request=request)
    return problem(500, "Something failed on our side. It was logged; please try again.")


def by_field(detail: Any, field: str = "") -> dict[str, list[str]]:
    """DRF's nested error details as flat lists, keyed `field.part`; errors of the whole under `""`."""
    if isinstance(detail, dict):
        errors: dict[str, list[str]] = {}
        for name, part in detail.items():
            for key, texts in by_field(part, f"{field}.{name}" if field else str(name)).items():
                errors.setdefault(key, []).extend(texts)
        return errors
    return {field: [str(text) for text in (detail if isinstance(detail, list) else [detail])]}


def _said(error: Exception) -> str:
    """The text that was given with an error of Django's, if it was meant for the reader."""
    text = str(error.args[0]) if error.args and isinstance(error.args[0], str) else ""
    return "" if text.startswith("No ") and text.endswith("matches the given query.") else text


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler404 for addresses of the interface."""
    return problem(404, "There is no such address. Addresses end with a slash; /api/docs/ lists them.")
