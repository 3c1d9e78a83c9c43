"""How much one system or person may ask in a while, counted over all web processes.

A window of ten seconds, so that whoever came too often may soon come again: what waits may be a patient's event. A
large body counts for more than one request. Who counts and what the headers say: draft-ietf-httpapi-ratelimit-headers
in the form that clients know (RateLimit-Limit, -Remaining, -Reset, -Policy), RFC 6585 §4 for 429.
"""

import time
from typing import Any, NamedTuple

from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

WINDOW_SECONDS = 10
# A body counts as one request more for each so many bytes.
BYTES_OF_A_REQUEST = 64 * 1024


class Allowance(NamedTuple):
    """What is left of a window; `reset`: seconds until the next one begins."""

    limit: int
    remaining: int
    reset: int

    @property
    def headers(self) -> dict[str, str]:
        """Sent with every answer."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Policy": f"{self.limit};w={WINDOW_SECONDS}",
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


class RequestLimit(BaseThrottle):
    """Counts the request of the system or person who asks; leaves `request.allowance`."""

    reset = WINDOW_SECONDS

    def allow_request(self, request: Request, view: Any) -> bool:
        """False once the window's requests are used up."""
        who, limit = _who(request)
        if not who:
            return True
        now = time.time()
        window = int(now // WINDOW_SECONDS)
        self.reset = max(1, round((window + 1) * WINDOW_SECONDS - now))
        used = cache.count(f"requests:{who}:{window}", _cost(request), 2 * WINDOW_SECONDS)
        request.allowance = Allowance(limit, max(0, limit - used), self.reset)
        return used <= limit

    def wait(self) -> float:
        """Seconds after which it is worth asking again."""
        return self.reset


def _who(request: Request) -> tuple[str, int]:
    """Who asks, and how many requests of theirs a window takes."""
    source = getattr(request.auth, "source", None)
    if source is not None:
        return str(source.pk), source.request_limit or settings.REQUEST_LIMIT
    return (str(request.user.pk), settings.REQUEST_LIMIT) if request.user and request.user.pk else ("", 0)


def _cost(request: Request) -> int:
    length = request.META.get("CONTENT_LENGTH") or ""
    return 1 + (int(length) // BYTES_OF_A_REQUEST if length.isascii() and length.isdigit() else 0)
