"""Where a request came from."""

from allauth.core.internal.httpkit import get_client_ip
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """Network address of the browser or system; that of the proxy's client if BEHIND_PROXY says so. "" if unknown."""
    return get_client_ip(request) or ""
