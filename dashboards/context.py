"""What every page's template gets."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from batches.judgement.statuses import FlagCode, Severity
from batches.lines.statuses import PoolCondition
from batches.notifications.queries.inbox import InboxView
from batches.notifications.statuses import NotificationKind
from batches.ramp_ups.statuses import RunStatus
from dashboards.live.addresses import stream_url
from dashboards.navigation import navigation
from supplychain.custody.statuses import LinkState
from supplychain.orders.statuses import ChangeOutcome, Ending, OrderStatus, Priority, ReportOutcome, StageStatus

# So that no template compares a status as a bare string.
STORED = (
    ChangeOutcome,
    Ending,
    FlagCode,
    LinkState,
    NotificationKind,
    OrderStatus,
    PoolCondition,
    Priority,
    ReportOutcome,
    RunStatus,
    Severity,
    StageStatus,
)
CLOSED_LISTS: dict[str, Any] = {each.__name__: each for each in (InboxView, *STORED)}


def closed_lists(request: HttpRequest) -> dict[str, Any]:
    """The closed lists by their names: `{% if order.priority == Priority.URGENT %}`."""
    return CLOSED_LISTS


def page(request: HttpRequest) -> dict[str, Any]:
    """The live stream's address, zone of the times shown, whether this is the demo
    or a trial without its data, when idle people are logged out."""
    return {
        "stream_url": stream_url(request),
        "navigation": navigation(request),
        "zone_name": timezone.get_current_timezone_name(),
        "is_demo": settings.HAS_DEMO_DATA,
        "is_trial": settings.DEMO and not settings.HAS_DEMO_DATA,
        "idle_seconds": settings.SESSION_IDLE_SECONDS,
    }
