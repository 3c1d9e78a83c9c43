"""What every endpoint of `/api/v1/` has in common."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, NoReturn

from django.db.models import QuerySet
from django.http import HttpResponse
from django_filters import MultipleChoiceFilter
from rest_framework.exceptions import APIException, NotFound, ParseError, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from supplychain.characters import all_storable
from supplychain.rest.limits import RequestLimit
from supplychain.rest.paging import KeysetPagination, all_of, problems_of, read_place, sort_columns
from supplychain.rest.problems import TooManyRequests
from supplychain.rest.rendering import JSON, JSONNegotiation, to_json


class LengthRequired(APIException):
    """411: a body in chunks, whose length nobody knows."""

    status_code = HTTPStatus.LENGTH_REQUIRED
    default_detail = "Send the body with a Content-Length, not in chunks."


class EndpointMixin:
    """JSON only; nothing may be kept by a shared cache."""

    content_negotiation_class = JSONNegotiation
    http_method_names = ("get", "head", "post", "patch")
    throttle_classes = (RequestLimit,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse an address that says what nobody reads or no query can be asked with, and a body that would be read as
        empty."""
        super().initial(request, *args, **kwargs)
        _refuse_unstorable(request)
        if problems := _odd_parameters(request, self.parameters(request)):
            raise ValidationError(self.value_problems(request) | problems)
        if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "") and not request.META.get("CONTENT_LENGTH"):
            raise LengthRequired

    def parameters(self, request: Request) -> Mapping[str, Any]:
        """What may stand behind the question mark, each with its filter if it is one."""
        return {}

    def value_problems(self, request: Request) -> dict[str, Any]:
        """What is wrong with the values behind the question mark, by name, to be said beside what is odd there."""
        return {}

    def throttled(self, request: Request, wait: float) -> NoReturn:
        """429, with the seconds to wait."""
        raise TooManyRequests(wait)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """With what is left of the allowance."""
        response = super().finalize_response(request, response, *args, **kwargs)
        if allowance := getattr(request, "allowance", None):
            for name, value in allowance.headers.items():
                response[name] = value
        return response

    @property
    def default_response_headers(self) -> dict[str, str]:
        """Sent with every answer."""
        return {"Allow": ", ".join(self.allowed_methods), "Cache-Control": "private, no-cache"}


class Endpoint(EndpointMixin, APIView):
    """One thing, or something to do."""


class ListEndpoint(EndpointMixin, ListModelMixin, GenericAPIView):
    """Rows of a table, filtered and paged: a constant number of queries, whatever the number of rows.

    `columns`: what values_list reads; `order_by`: see KeysetPagination; `bodies`: what becomes of a page of rows.
    """

    pagination_class = KeysetPagination
    columns: tuple[str, ...] = ()
    order_by: tuple[str, ...] = ()

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A page of what the one who asks may see."""
        rows = self.paginate_queryset(self._asked_for())
        return self.get_paginated_response(self.bodies(rows))

    def _asked_for(self) -> QuerySet:
        """The rows that the filters let through. Raises ValidationError for all that is wrong with filters, place."""
        rows = self.visible()
        columns = sort_columns(rows.model, self.order_by)
        return all_of(lambda: self.filter_queryset(rows), lambda: read_place(self.request, columns))[0]

    def value_problems(self, request: Request) -> dict[str, Any]:
        """Those of the filters and of the place in the list."""
        return problems_of(self._asked_for)

    def visible(self) -> QuerySet:
        """The rows that the one who asks may see."""
        raise NotImplementedError

    def bodies(self, rows: Sequence[tuple]) -> list[Any]:
        """What is sent for these rows, tuples of `columns`."""
        raise NotImplementedError

    def parameters(self, request: Request) -> Mapping[str, Any]:
        """The filters and the place in the list; nothing of what is sent."""
        if request.method not in ("GET", "HEAD"):
            return {}
        filterset = getattr(self, "filterset_class", None)
        return {"cursor": None, "page_size": None} | (filterset.base_filters if filterset else {})


def _refuse_unstorable(request: Request) -> None:
    text = "It holds a NUL or half a character; remove it."
    given = dict(request.GET.lists())
    if not all_storable(list(given)):
        raise ParseError(f"The name of a parameter cannot be read. {text}")
    if odd := [name for name, values in given.items() if not all_storable(values)]:
        raise ValidationError({name: [text] for name in odd})


def _odd_parameters(request: Request, known: Mapping[str, Any]) -> dict[str, list[str]]:
    """A parameter that is misspelt, blank or said twice must not answer with everything, or with another thing."""
    use = f"use {', '.join(sorted(known))}" if known else "this address takes none"
    problems = {
        name: _parameter_problems(values, known[name]) if name in known else [f"There is no such parameter; {use}."]
        for name, values in sorted(request.GET.lists())
    }
    return {name: texts for name, texts in problems.items() if texts}


def _parameter_problems(values: Sequence[str], wanted: Any) -> list[str]:
    """What is odd about a parameter's values; only the filter of a closed list takes several."""
    if not all(value.strip() for value in values):
        return ["It is blank, which would find everything; leave it out, or say what to look for."]
    is_one = not isinstance(wanted, MultipleChoiceFilter)
    return ["Give it once; only one of these would count."] if is_one and len(values) > 1 else []


class UnknownAddress(Endpoint):
    """Every address under `/api/` that is none: 404 as a problem document."""

    permission_classes = (IsAuthenticated,)

    def check_permissions(self, request: Request) -> None:
        """Strangers learn nothing, others that there is nothing."""
        super().check_permissions(request)
        raise NotFound("There is no such address. Addresses end with a slash; /api/docs/ lists them.")


def json_response(body: Any, status: int = HTTPStatus.OK, headers: dict[str, str] | None = None) -> HttpResponse:
    """A finished answer, without DRF's rendering machinery."""
    return HttpResponse(to_json(body), content_type=JSON, status=status, headers=headers)
