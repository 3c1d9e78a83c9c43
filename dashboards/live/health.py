"""Whether this process can do its work: asked by a load balancer or container engine."""

from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

TIMEOUT_SECONDS = 2.0
OK = "ok"


@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """200 when database and Redis answer, else 503; the body says which does not. Open to all: it tells no more."""
    parts = parts_of_health()
    return JsonResponse(parts, status=status_of(parts))


def parts_of_health() -> dict[str, str]:
    """What this process needs, and whether each answers."""
    return {"database": _answers(_ask_database), "redis": _answers(_ask_redis)}


def status_of(parts: dict[str, str]) -> int:
    """HTTP status that says whether work can be done."""
    return 200 if all(part == OK for part in parts.values()) else 503


def _answers(ask: Callable[[], object]) -> str:
    try:
        ask()
    except (DatabaseError, redis.RedisError, OSError):
        return "does not answer"
    return OK


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_redis() -> None:
    timeouts = {"socket_timeout": TIMEOUT_SECONDS, "socket_connect_timeout": TIMEOUT_SECONDS}
    with redis.Redis.from_url(settings.REDIS_URL, retry=None, **timeouts) as client:
        client.ping()
