"""The inbox: what a person was told of orders that exist for them, in groups by order, the most urgent first."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import FloatField, Max, Min, Q, QuerySet, TextChoices, Value
from django.db.models.functions import Coalesce
from django.http import QueryDict

from batches.flags.models import Flag
from batches.flags.queries.causes import as_they_stand, causes_behind, hang_under, line_alarms
from batches.flags.queries.flags import settlements_of, urgency_in_sql
from batches.flags.rules.causes import LineAlarm
from batches.flags.rules.harm import urgency
from batches.judgement.statuses import Severity
from batches.notifications.models import Notification
from batches.notifications.statuses import NotificationKind
from supplychain.flows.models import Stage
from supplychain.orders.models import PatientOrder
from supplychain.orders.rules.interlocks import Settlement
from supplychain.pages.viewers import Viewer, of_orders

PAGE = 20
# Of one order so many messages are shown; the order page has the whole history.
MOST_OF_ORDER = 12
MOST_COUNTED = 100
# Behind every flag that is raised.
CLEARED = 1e14
UNREAD = Q(read_at__isnull=True, closed_at__isnull=True)


class InboxView(TextChoices):
    """Which messages the inbox shows; stands in its address."""

    UNREAD = "unread", "Unread"
    CRITICAL = "critical", "Critical"
    ESCALATED = "escalated", "Escalated to me"
    ALL = "all", "All"


VIEWS = {
    InboxView.UNREAD: UNREAD,
    InboxView.CRITICAL: Q(severity=Severity.CRITICAL),
    InboxView.ESCALATED: Q(kind=NotificationKind.ESCALATED),
    InboxView.ALL: Q(),
}
ORDER_PARTS = ("product", "plant", "ordering_site")


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """Which messages, and after which group the page begins (none: at the start)."""

    view: InboxView = InboxView.UNREAD
    after: str = ""

    @classmethod
    def read(cls, given: QueryDict) -> Self:
        """The filter in an address; what makes no sense counts as not given."""
        view = given.get("view", "")
        return cls(InboxView(view) if view in InboxView.values else InboxView.UNREAD, given.get("after", "")[:200])

    @property
    def query(self) -> str:
        """The address' query string, without what stands by default."""
        chosen = {"view": "" if self.view == InboxView.UNREAD else self.view.value, "after": self.after}
        return urlencode({name: value for name, value in chosen.items() if value})


@dataclass(frozen=True, slots=True)
class FlagMessages:
    """A flag with the person's messages about it, newest first."""

    flag: Flag
    messages: list[Notification]


@dataclass(frozen=True, slots=True)
class OrderMessages:
    """An order with what the person was told of it. `unread`: how many messages wait."""

    order: PatientOrder
    flags: list[FlagMessages]
    unread: int
    is_critical: bool
    is_escalated: bool
    is_cut: bool

    @property
    def first(self) -> Flag | None:
        """The raised flag that gives the order its place; None: all are cleared."""
        return next((one.flag for one in self.flags if one.flag.cleared_at is None), None)


@dataclass(frozen=True, slots=True)
class Inbox:
    """One page. `newest`: the newest message that the person can have seen; `after`: where the next page begins;
    `settlements`: what quality assurance decided of its flags; `causes`: at the start, pools for a place in which
    several orders wait, of which nothing else is told here."""

    groups: list[OrderMessages]
    after: str
    newest: UUID | None
    stage_names: dict[str, str]
    settlements: dict[UUID, Settlement]
    causes: Sequence[LineAlarm] = ()


def messages_of(viewer: Viewer) -> QuerySet[Notification]:
    """The person's messages about orders that exist for them now."""
    return of_orders(Notification.objects.filter(person=viewer.user), viewer.orders())


def unread_count(viewer: Viewer) -> int:
    """How many messages wait, MOST_COUNTED at most; one query over an index of the unread ones."""
    return messages_of(viewer).filter(UNREAD)[:MOST_COUNTED].count()


def inbox_of(viewer: Viewer, chosen: InboxFilter) -> Inbox:
    """One page of the inbox in ten queries at most, however many messages there are."""
    mine = messages_of(viewer).filter(VIEWS[chosen.view])
    told = Flag.objects.filter(pk__in=mine.values("flag"))
    causes = as_they_stand(causes_behind(told), viewer.orders())
    alone = mine.exclude(flag__in=told.filter(hang_under(causes), cleared_at__isnull=True)) if causes else mine
    rows = list(_groups(alone, chosen.after)[: PAGE + 1])
    shown = rows[:PAGE]
    order_ids = [row["order_id"] for row in shown]
    found = PatientOrder.objects.select_related(*ORDER_PARTS).in_bulk(order_ids)
    messages = _messages(mine, order_ids)
    groups = [_group(found[pk], messages.get(pk, [])) for pk in order_ids]
    return Inbox(
        groups=groups,
        after=_cursor(shown[-1]) if len(rows) > PAGE else "",
        newest=messages_of(viewer).order_by("-pk").values_list("pk", flat=True).first(),
        stage_names=_stage_names(found.values()),
        settlements=settlements_of(one.flag for group in groups for one in group.flags if not one.flag.cleared_at),
        causes=[] if chosen.after else line_alarms(causes, told, viewer.site_ids),
    )


def _groups(mine: QuerySet[Notification], after: str) -> QuerySet[Any]:
    """Orders by their most urgent raised flag; those of which every flag is cleared below, the newest first."""
    raised = Min(urgency_in_sql("flag__"), filter=Q(flag__cleared_at__isnull=True))
    groups = (
        mine.order_by()
        .values("order_id")
        .annotate(urgency=Coalesce(raised, Value(CLEARED), output_field=FloatField()), newest=Max("created_at"))
    )
    if place := _place(after):
        urgency, newest, order = place
        groups = groups.filter(
            Q(urgency__gt=urgency)
            | Q(urgency=urgency, newest__lt=newest)
            | Q(urgency=urgency, newest=newest, order_id__lt=order)
        )
    return groups.order_by("urgency", "-newest", "-order_id")


def _messages(mine: QuerySet[Notification], order_ids: Sequence[UUID]) -> dict[UUID, list[Notification]]:
    found: dict[UUID, list[Notification]] = {}
    rows = mine.filter(order__in=order_ids).order_by("order", "-pk")
    for row in rows.select_related("flag__owner", "change", "mail"):
        found.setdefault(row.order_id, []).append(row)
    return found


def _group(order: PatientOrder, messages: list[Notification]) -> OrderMessages:
    """Flags that stand first, the most urgent first."""
    by_flag: dict[UUID, FlagMessages] = {}
    waiting = [one for one in messages if one.read_at is None and one.closed_at is None]
    for message in sorted(messages, key=lambda one: one not in waiting)[:MOST_OF_ORDER]:
        message.flag.order = order
        by_flag.setdefault(message.flag_id, FlagMessages(message.flag, [])).messages.append(message)
    flags = sorted(by_flag.values(), key=lambda one: (one.flag.cleared_at is not None, urgency(one.flag)))
    standing = [one.flag for one in flags if one.flag.cleared_at is None]
    return OrderMessages(
        order=order,
        flags=flags,
        unread=len(waiting),
        is_critical=any(flag.is_critical for flag in standing),
        is_escalated=any(one.kind == NotificationKind.ESCALATED for one in waiting),
        is_cut=len(messages) > MOST_OF_ORDER,
    )


def _stage_names(orders: Any) -> dict[str, str]:
    flows = {order.flow_id for order in orders}
    return dict(Stage.objects.filter(flow__in=flows).values_list("code", "name")) if flows else {}


def _cursor(row: dict[str, Any]) -> str:
    place = json.dumps([row["urgency"], row["newest"].isoformat(), str(row["order_id"])])
    return base64.urlsafe_b64encode(place.encode()).decode()


def _place(after: str) -> tuple[float, datetime, UUID] | None:
    """Where a page begins; an address that somebody spoilt begins at the start."""
    try:
        urgency, newest, order = json.loads(base64.urlsafe_b64decode(after))
        number, moment = float(urgency), datetime.fromisoformat(newest)
        return (number, moment, UUID(order)) if moment.tzinfo and isfinite(number) else None
    except (ValueError, TypeError, AttributeError, OverflowError):
        return None
