"""Reads of an order's identity mismatches, and of who may resolve them."""

from collections.abc import Collection
from uuid import UUID

from supplychain.orders.models import StatusEvent
from supplychain.orders.rules.mismatches import (
    Mismatch,
    Resolution,
    mismatch_of,
    named_mismatches,
    standing_mismatches,
)
from supplychain.orders.rules.withdrawals import event_named
from supplychain.orders.statuses import OrderEventKind
from supplychain.people.models import Membership
from supplychain.people.statuses import Role

KINDS = (OrderEventKind.MISMATCH, OrderEventKind.RESOLVED, OrderEventKind.WITHDRAWN)


def mismatches_of(order_ids: Collection[UUID]) -> dict[UUID, list[Mismatch]]:
    """The mismatches of each of these orders that are not resolved; one query.

    A resolution of which somebody said that it is wrong counts no more: the flag stands until two say it anew.
    """
    events = StatusEvent.objects.filter(order__in=order_ids, stage="", kind__in=KINDS)
    rows = list(events.select_related("source", "user").order_by("position"))
    doubted = {event_named(row.payload) for row in rows if row.kind == OrderEventKind.WITHDRAWN}
    found: dict[UUID, list[Mismatch]] = {}
    said: dict[UUID, list[Resolution]] = {}
    for row in rows:
        by, name = str(row.source_id or row.user_id), str(row.source or row.user)
        if row.kind == OrderEventKind.MISMATCH:
            found.setdefault(row.order_id, []).append(mismatch_of(row.pk, row.payload, by, name, row.occurred_at))
        elif row.kind == OrderEventKind.RESOLVED and row.pk not in doubted:
            reason = str(row.payload.get("reason", ""))
            about = Resolution(named_mismatches(row.payload), by, name, reason, row.recorded_at)
            said.setdefault(row.order_id, []).append(about)
    return {order_id: standing_mismatches(ones, said.get(order_id, ())) for order_id, ones in found.items()}


def quality_among(people: Collection[str], plant: UUID) -> set[str]:
    """Which of these people (ids) are quality assurance of the plant now."""
    decide = Membership.objects.filter(user__in=people, role=Role.QA, site=plant)
    return set(map(str, decide.values_list("user", flat=True)))
