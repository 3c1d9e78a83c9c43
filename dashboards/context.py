"""What every page's template gets."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from dashboards.navigation import navigation


def page(request: HttpRequest) -> dict[str, Any]:
    """The live stream's address, zone of the times shown, whether this is the demo, when idle people are logged out."""
    return {
        "stream_url": stream_url(request),
        "navigation": navigation(request),
        "zone_name": timezone.get_current_timezone_name(),
        "is_demo": settings.DEMO,
        "idle_seconds": settings.SESSION_IDLE_SECONDS,
    }


def stream_url(request: HttpRequest) -> str:
    """Address of the live stream: same host and, where nothing joins the two, a port of its own."""
    path = reverse("stream")
    return f"//{host_name(request)}:{settings.STREAM_PORT}{path}" if settings.STREAM_PORT else path


def host_name(request: HttpRequest) -> str:
    """The host by which the browser called us, without the port; brackets stay round an IPv6 address."""
    name = urlsplit(f"//{request.get_host()}").hostname or ""
    return f"[{name}]" if ":" in name else name
