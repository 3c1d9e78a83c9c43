"""Where a browser finds the live stream."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


def stream_url(request: HttpRequest) -> str:
    """Address of the live stream: same host and, where nothing joins the two, a port of its own."""
    path = reverse("stream")
    return f"//{host_name(request)}:{settings.STREAM_PORT}{path}" if settings.STREAM_PORT else path


def host_name(request: HttpRequest) -> str:
    """The host by which the browser called us, without the port; brackets stay round an IPv6 address."""
    name = urlsplit(f"//{request.get_host()}").hostname or ""
    return f"[{name}]" if ":" in name else name
