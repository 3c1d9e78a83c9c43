"""What is read of an order's identity mismatches, and checked before anybody is heard who resolves one."""

from collections.abc import Collection, Iterator
from uuid import UUID

from supplychain.orders.actions.facts import Reporter
from supplychain.orders.actions.store import LockedOrder
from supplychain.orders.models import StatusEvent
from supplychain.orders.rules.events import EventReport
from supplychain.orders.rules.mismatches import (
    MISMATCHES,
    Mismatch,
    Resolution,
    mismatch_of,
    named_mismatches,
    resolution_problem,
    standing_mismatches,
)
from supplychain.orders.rules.withdrawals import event_named, id_named
from supplychain.orders.statuses import OrderEventKind
from supplychain.people.models import Membership
from supplychain.people.statuses import Role
from supplychain.sql import read

KINDS = (OrderEventKind.MISMATCH, OrderEventKind.RESOLVED, OrderEventKind.WITHDRAWN)
# The room above keeps the checks; what one found is called as its event is.
CHECK_SQL = """SELECT 1 FROM supplychain_identitycheck
    WHERE id = %(check)s::uuid AND order_id = %(order)s::uuid AND outcome = %(mismatch)s"""


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


def mismatch_problems(report: EventReport, order: LockedOrder) -> Iterator[str]:
    """Why this is no mismatch: only a check that was kept finds one."""
    check = id_named(report.payload, "check")
    if check is None or not read(
        CHECK_SQL, check=str(check), order=str(order.id), mismatch=str(OrderEventKind.MISMATCH)
    ):
        yield "payload.check: this order has no identity check with this id that found a mismatch; check the code."


def resolving_problems(by: Reporter, report: EventReport, order: LockedOrder) -> Iterator[str]:
    """Why a resolution is not taken: it names no mismatch that stands, or its speaker is none of the two."""
    named = named_mismatches(report.payload)
    standing = [one for one in mismatches_of([order.id]).get(order.id, ()) if one.event in named]
    if not named or len(standing) != len(named):
        yield f"payload.{MISMATCHES}: name the mismatches of this order that stand, by their events; look at it again."
        return
    people = {said.by for one in standing for said in one.resolutions} | {by.key}
    if problem := resolution_problem(standing, by.key, quality_among(people, order.sites["plant"])):
        yield f"payload.{MISMATCHES}: {problem}"
