"""What cannot be read is refused before any page sees it, in one place for every page and form."""

import codecs

from django.core.exceptions import BadRequest
from django.http import HttpRequest, QueryDict
from django.utils.deprecation import MiddlewareMixin

from supplychain.characters import is_storable
from supplychain.nesting import TOO_DEEP, is_written_too_deep

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
UTF_8 = codecs.lookup("utf-8").name
# The ways in for systems read their own bodies.
NOT_FORMS = "/api/"


class ReadableMiddleware(MiddlewareMixin):
    """400 for a text that no column holds, in an address or a form, for JSON in a form that is nested too deeply (a
    security key's answer is JSON), and for a form in another character set than UTF-8.

    Python has character sets (`unicode_escape`, `utf-7`) that make half characters of plain ASCII, and some that are
    none (`hex`).
    """

    def process_request(self, request: HttpRequest) -> None:
        """Raises BadRequest."""
        if not _is_utf_8(request.content_params.get("charset", "")):
            raise BadRequest("A form is sent in UTF-8.")
        if not is_storable(request.path_info) or not _all_storable(request.GET):
            raise BadRequest("The address holds a NUL or half a character.")
        is_form = request.method == "POST" and request.content_type in FORMS
        is_form = is_form and not request.path_info.startswith(NOT_FORMS)
        if is_form and not _all_storable(request.POST):
            raise BadRequest("A field holds a NUL or half a character.")
        if is_form and any(is_written_too_deep(text) for _, texts in request.POST.lists() for text in texts):
            raise BadRequest(TOO_DEEP)


def _is_utf_8(charset: str) -> bool:
    try:
        return not charset or codecs.lookup(charset).name in (UTF_8, "ascii")
    except (LookupError, ValueError):
        return False


def _all_storable(given: QueryDict) -> bool:
    return all(is_storable(name) and all(map(is_storable, values)) for name, values in given.lists())
