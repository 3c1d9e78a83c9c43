"""Paging that loses no row: the next page starts after the last row seen, whatever came or went meanwhile.

An offset would skip a flag when one before it is cleared between two pages; DRF's own cursor falls back on an offset
among rows that share the first column. So the cursor names the whole sort key of a row.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.db.models import Field, Model, Q, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

DEFAULT_PAGE_SIZE = 50
MOST_PAGE_SIZE = 200


@dataclass(frozen=True, slots=True)
class SortColumn:
    """One column of the order; PostgreSQL sorts an empty value as the largest."""

    name: str
    field: Field
    descending: bool

    def beyond(self, value: Any, *, backwards: bool) -> Q | None:
        """Rows that this column puts after `value` (before it, if backwards); None: there are none."""
        if self.descending != backwards:
            return Q(**{f"{self.name}__lt": value}) if value is not None else Q(**{f"{self.name}__isnull": False})
        if value is None:
            return None
        larger = Q(**{f"{self.name}__gt": value})
        return larger | Q(**{f"{self.name}__isnull": True}) if self.field.null else larger

    def not_before(self, value: Any, *, backwards: bool) -> Q:
        """A bound that says nothing new, but one that an index can start from, which it cannot from an OR."""
        if self.field.null:
            return Q()
        return Q(**{f"{self.name}__{'lte' if self.descending != backwards else 'gte'}": value})

    def equal(self, value: Any) -> Q:
        """Rows with the same value."""
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})


class Cursor(msgspec.Struct, array_like=True):
    """The sort key of the row that a page starts after, and which way."""

    backwards: bool
    key: list[Any]


class KeysetPagination(BasePagination):
    """Pages over `view.order_by` (names as for order_by(), together unique, best those of one index).

    Rows are tuples of `view.columns`, which hold the columns of `order_by` too.
    """

    def paginate_queryset(self, queryset: QuerySet, request: Request, view: Any = None) -> list[tuple]:
        """The rows of the asked page. Raises ValidationError for a cursor or size that cannot be read."""
        self.request, self.columns = request, sort_columns(queryset.model, view.order_by)
        self.places = [view.columns.index(column.name) for column in self.columns]
        size, self.cursor = read_place(request, self.columns)
        backwards = self.cursor is not None and self.cursor.backwards
        if self.cursor:
            queryset = queryset.filter(rows_beyond(self.columns, self.cursor))
        signs = [column.descending != backwards for column in self.columns]
        names = [("-" if sign else "") + column.name for sign, column in zip(signs, self.columns, strict=True)]
        found = list(queryset.order_by(*names).values_list(*view.columns)[: size + 1])
        self.has_more, rows = len(found) > size, found[:size]
        self.rows = rows[::-1] if backwards else rows
        return self.rows

    def get_paginated_response(self, data: Sequence[Any]) -> Response:
        """The page with the addresses of its neighbours."""
        return Response({"next": self._next(), "previous": self._previous(), "results": data})

    def _next(self) -> str | None:
        came_back = self.cursor is not None and self.cursor.backwards
        return self._link(self.rows[-1], backwards=False) if self.rows and (came_back or self.has_more) else None

    def _previous(self) -> str | None:
        if not self.rows or self.cursor is None:
            return None
        return self._link(self.rows[0], backwards=True) if self.has_more or not self.cursor.backwards else None

    def _link(self, row: tuple, *, backwards: bool) -> str:
        key = [row[place] for place in self.places]
        text = urlsafe_b64encode(msgspec.json.encode(Cursor(backwards, key))).decode().rstrip("=")
        query = [(name, value) for name, values in self.request.GET.lists() for value in values if name != "cursor"]
        return self.request.build_absolute_uri(f"{self.request.path}?{urlencode([*query, ('cursor', text)])}")

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """The two query parameters, for OpenAPI."""
        size = {"type": "integer", "minimum": 1, "maximum": MOST_PAGE_SIZE, "default": DEFAULT_PAGE_SIZE}
        return [
            {
                "name": "cursor",
                "in": "query",
                "schema": {"type": "string"},
                "description": "From `next` or `previous`.",
            },
            {"name": "page_size", "in": "query", "schema": size, "description": "Rows on a page."},
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The shape of a page, for OpenAPI."""
        link = {"type": "string", "format": "uri", "nullable": True, "example": "/api/v1/orders/?cursor=W2ZhbHNlLFtd"}
        properties = {"next": link, "previous": link | {"example": None}, "results": schema}
        return {"type": "object", "required": ["next", "previous", "results"], "properties": properties}


def sort_columns(model: type[Model], order_by: Sequence[str]) -> list[SortColumn]:
    """The columns of `order_by`, with their model fields."""
    meta = model._meta
    names = [(name.lstrip("-"), name.startswith("-")) for name in order_by]
    fields = [(name, meta.get_field(name), descending) for name, descending in names]
    return [SortColumn(name, field.output_field if field.generated else field, down) for name, field, down in fields]


def rows_beyond(columns: Sequence[SortColumn], cursor: Cursor) -> Q:
    """Rows strictly after the cursor's key: beyond it in the first column, or equal there and beyond in the rest."""
    condition = Q(pk__in=[])
    for column, value in reversed(list(zip(columns, cursor.key, strict=True))):
        beyond = column.beyond(value, backwards=cursor.backwards)
        rest = column.equal(value) & condition
        condition = rest if beyond is None else beyond | rest
    return condition & columns[0].not_before(cursor.key[0], backwards=cursor.backwards)


def read_page_size(request: Request) -> int:
    """Rows on a page, 1 to MOST_PAGE_SIZE. Raises ValidationError."""
    text = request.GET.get("page_size", str(DEFAULT_PAGE_SIZE))
    if not (text.isascii() and text.isdigit()) or len(text) > 4 or not 1 <= int(text) <= MOST_PAGE_SIZE:
        raise ValidationError({"page_size": [f"Give a number from 1 to {MOST_PAGE_SIZE}."]})
    return int(text)


def read_place(request: Request, columns: Sequence[SortColumn]) -> tuple[Any, ...]:
    """How many rows are asked for, and after which (Cursor). Raises ValidationError, saying all that is wrong."""
    return all_of(lambda: read_page_size(request), lambda: read_cursor(request, columns))


def read_cursor(request: Request, columns: Sequence[SortColumn]) -> Cursor | None:
    """The row that a page starts after. Raises ValidationError."""
    text = request.GET.get("cursor")
    if not text:
        return None
    try:
        cursor = msgspec.json.decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=Cursor)
        values = zip(columns, cursor.key, strict=True)
        if any("\x00" in str(value) for value in cursor.key):
            raise ValueError("NUL")
        cursor.key = [None if value is None else column.field.to_python(value) for column, value in values]
    except Exception as error:
        raise ValidationError({"cursor": ["Take the cursor from next or previous, unchanged."]}) from error
    return cursor


def problems_of(reading: Callable[[], Any]) -> dict[str, Any]:
    """What this reading of an address finds wrong, by name."""
    try:
        reading()
    except ValidationError as error:
        return dict(error.detail)
    return {}


def all_of(*readings: Callable[[], Any]) -> tuple[Any, ...]:
    """What each of these reads of an address. Raises ValidationError with all that they find wrong, not with the
    first."""
    found: list[Any] = []
    problems: dict[str, Any] = {}
    for reading in readings:
        problems |= problems_of(lambda read=reading: found.append(read()))
    if problems:
        raise ValidationError(problems)
    return tuple(found)
