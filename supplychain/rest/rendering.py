"""JSON in and out: strict and fast (msgspec)."""

from collections.abc import Mapping
from typing import Any

import msgspec
from django.utils.functional import Promise
from rest_framework.exceptions import NotAcceptable, ParseError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from supplychain.nesting import MOST_LEVELS, TOO_DEEP, is_too_deep
from supplychain.rest.counting import has_more_rows, parts_of
from supplychain.rest.problems import BodyTooLarge, TooManyRows

JSON = "application/json"
MOST_BODY_BYTES = 256 * 1024
MOST_ROWS = 1_000
# Values of all kinds in a body, for each row that it may have.
MOST_PARTS_A_ROW = 500


def _plain(value: Any) -> Any:
    """What msgspec does not know by itself: Django's lazy texts."""
    if isinstance(value, Promise):
        return str(value)
    raise NotImplementedError(f"{type(value)} cannot be written as JSON")


_encoder = msgspec.json.Encoder(enc_hook=_plain)
_decoder = msgspec.json.Decoder()


def to_json(value: Any) -> bytes:
    """`value` as JSON; moments as RFC 3339 text with offset, ids as text."""
    return _encoder.encode(value)


class JSONRenderer(BaseRenderer):
    """Writes structs, mappings and lists."""

    media_type = JSON
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping | None = None
    ) -> bytes:
        """JSON bytes; none for None."""
        return b"" if data is None else _encoder.encode(data)


class JSONParser(BaseParser):
    """Reads UTF-8 JSON: no NaN, no trailing text, no more bytes than the view's `most_body_bytes`, nor more
    rows than its `most_rows`: both are counted before anything is decoded."""

    media_type = JSON

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping | None = None) -> Any:
        """The decoded body; 400 when it is no JSON, 413 when it is too large."""
        view = (parser_context or {}).get("view")
        most = getattr(view, "most_body_bytes", MOST_BODY_BYTES)
        body = stream.read(most + 1)
        if len(body) > most:
            raise BodyTooLarge(most)
        refuse_too_much(body, getattr(view, "most_rows", MOST_ROWS))
        try:
            value = _decoder.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ParseError(f"The body is no readable JSON: {error}.") from error
        except RecursionError as error:
            raise ParseError(TOO_DEEP) from error
        # A list of reports is a level more than each of them.
        if is_too_deep(value, MOST_LEVELS + 1):
            raise ParseError(TOO_DEEP)
        return value


def refuse_too_much(body: bytes, most_rows: int) -> None:
    """Raises TooManyRows for a body that would become far more in memory than it is as text."""
    if parts_of(body) > most_rows * MOST_PARTS_A_ROW:
        raise TooManyRows(f"The body holds more than {most_rows * MOST_PARTS_A_ROW:,} values; send it in parts.")
    if has_more_rows(body, most_rows):
        raise TooManyRows(f"Send at most {most_rows:,} rows at once; this list has more.")


class JSONNegotiation(DefaultContentNegotiation):
    """One type in, one type out: the usual headers are settled without building media type trees."""

    def select_parser(self, request: Request, parsers: list[BaseParser]) -> BaseParser | None:
        """The JSON parser for JSON (`charset` and the like are ignored: JSON is UTF-8), else None, answered by 415."""
        media_type = request.content_type.partition(";")[0].strip().lower()
        return parsers[0] if media_type == JSON else None

    def select_renderer(
        self, request: Request, renderers: list[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The JSON renderer, if the client takes JSON; else 406."""
        accept = request.META.get("HTTP_ACCEPT", "*/*")
        if accept in ("*/*", JSON, ""):
            return renderers[0], JSON
        try:
            return super().select_renderer(request, renderers, format_suffix)
        except NotAcceptable as error:
            raise NotAcceptable(f"This interface answers in {JSON} only.") from error
