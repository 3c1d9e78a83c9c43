"""What every page's template gets."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from dashboards.live.addresses import stream_url
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
