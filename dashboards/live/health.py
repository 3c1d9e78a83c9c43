"""Whether this process can do its work: asked by a load balancer or container engine. Whether what is due is done:
asked by whoever watches over the whole."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Min
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from batches.forecasts.models import ForecastJob
from batches.lines.models import PoolState
from batches.notifications.models import Mail, PendingFlip
from supplychain.orders.models import DueOrder

TIMEOUT_SECONDS = 2.0
OK = "ok"
RETRY = {"Retry-After": "5"}  # seconds
# What is due is done within seconds; after a storm of reports it may take a minute. One task of the simulator may take
# twenty minutes.
SOON, RETRIED, SLOW = timedelta(minutes=3), timedelta(minutes=15), timedelta(minutes=45)


@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """200 when database and Redis answer, else 503; the body says which does not. Open to all: it tells no more."""
    parts = parts_of_health()
    return _answer(parts)


@require_safe
@never_cache
def work(request: HttpRequest) -> JsonResponse:
    """200 when nothing that is due has waited long, else 503; the body says what waits since when. Open to all: it
    tells no more. A web process that says so is sound: it is workers, or beat, that hang, or a site's facts."""
    try:
        return _answer(parts_of_work(timezone.now()))
    except DatabaseError:
        return _answer({"database": "does not answer"})


def _answer(parts: Mapping[str, str]) -> JsonResponse:
    status = status_of(parts)
    return JsonResponse(parts, status=status, headers=None if status == 200 else RETRY)


def parts_of_work(now: datetime) -> dict[str, str]:
    """What the workers do, and whether the oldest of it has waited too long; six queries by index."""
    failing = PoolState.objects.aggregate(since=Min("failing_since"))["since"]
    unsent = Mail.objects.filter(due_at__isnull=False)  # that it is tried again and again does not make it young
    return {
        "judging orders": _in_time(DueOrder.objects.longest_due(), now - SOON),
        "reviewing pools": _in_time(PoolState.objects.aggregate(at=Min("review_after"))["at"], now - SOON)
        if failing is None else f"fails since {failing.isoformat()}",
        "forecasting lines": _in_time(ForecastJob.objects.aggregate(at=Min("forecast_after"))["at"], now - SLOW),
        "telling people": _in_time(PendingFlip.objects.aggregate(at=Min("due_at"))["at"], now - SOON),
        "sending mails": _in_time(unsent.aggregate(at=Min("created_at"))["at"], now - RETRIED),
    }  # fmt: skip


def _in_time(due: datetime | None, earliest: datetime) -> str:
    return OK if due is None or due >= earliest else f"waits since {due.isoformat()}"


def parts_of_health() -> dict[str, str]:
    """What this process needs, and whether each answers."""
    return {"database": _answers(_ask_database), "redis": _answers(_ask_redis)}


def status_of(parts: Mapping[str, str]) -> int:
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
