"""What cannot be read is dealt with before any page sees it, in one place for every page and form."""

import codecs
from typing import Any

from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, QueryDict, UnreadablePostError
from django.utils.deprecation import MiddlewareMixin
from django.utils.http import parse_header_parameters

from supplychain.characters import is_storable, made_storable
from supplychain.nesting import TOO_DEEP, is_written_too_deep

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
UTF_8 = codecs.lookup("utf-8").name
# The interface for systems reads its addresses and bodies itself, and says what is wrong with them in its own way.
INTERFACE = "/api/"


class ReadableRequest(WSGIRequest):
    """A request whose address is read in UTF-8, whatever character set its body is said to have.

    Django takes it from the Content-Type for the address too; one that is none ends the request before any middleware.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))


class ReadableMiddleware(MiddlewareMixin):
    """Texts that no column can hold, JSON in a form that is nested too deeply, and other character sets than UTF-8.

    In a filter such a character becomes U+FFFD, as Django has it for bytes that are no UTF-8: it finds nothing. In a
    form, whose texts are kept, it is refused with 400. Python has character sets (`unicode_escape`, `utf-7`) that make
    half characters of plain ASCII, and some that are none (`hex`).
    """

    def process_request(self, request: HttpRequest) -> None:
        """Raises BadRequest."""
        if not _is_utf_8(request.content_params.get("charset", "")):
            raise BadRequest("A request is sent in UTF-8.")
        if not is_storable(request.path_info):
            raise BadRequest("The address holds a NUL or half a character.")
        if request.path_info.startswith(INTERFACE):
            return
        if not _all_storable(request.GET):
            request.GET = _replaced(request.GET)
        if request.method == "POST" and request.content_type in FORMS:
            _check_form(request)


def _check_form(request: HttpRequest) -> None:
    try:
        form = request.POST
    except UnreadablePostError:  # the browser went away
        return
    if not _all_storable(form):
        raise BadRequest("A field holds a NUL or half a character.")
    if any(is_written_too_deep(text) for _, texts in form.lists() for text in texts):
        raise BadRequest(TOO_DEEP)


def _is_utf_8(charset: str) -> bool:
    try:
        return not charset or codecs.lookup(charset).name in (UTF_8, "ascii")
    except (LookupError, ValueError):
        return False


def _all_storable(given: QueryDict) -> bool:
    return all(is_storable(name) and all(map(is_storable, values)) for name, values in given.lists())


def _replaced(given: QueryDict) -> QueryDict:
    cleaned = QueryDict(mutable=True)
    for name, values in given.lists():
        cleaned.setlist(made_storable(name), [made_storable(value) for value in values])
    cleaned._mutable = False
    return cleaned
