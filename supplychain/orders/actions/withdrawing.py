"""What is checked before anybody is heard who says that an earlier report is wrong."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple
from uuid import UUID

from supplychain.flows.rules.plans import StagePlan
from supplychain.orders.actions.facts import EVENT_TABLE, Reporter
from supplychain.orders.actions.store import LockedOrder
from supplychain.orders.queries import ORDER_TABLE
from supplychain.orders.rules.duties import Roles, roles_at, withdrawal_right_problem
from supplychain.orders.rules.events import EventReport
from supplychain.orders.rules.interlocks import may_override
from supplychain.orders.rules.withdrawals import NOT_WITHDRAWN, REJECTS, WITHDRAWN, event_named, needs_quality
from supplychain.orders.statuses import OrderEventKind
from supplychain.people.statuses import Role
from supplychain.sql import read, texts


class EventSaid(NamedTuple):
    """An event that a withdrawal names. `against`: who has said already that it is wrong; `quality_sites`: where one of
    them is quality assurance."""

    order_id: UUID
    kind: str
    stage: str
    source_id: UUID | None
    user_id: UUID | None
    against: frozenset[str]
    quality_sites: frozenset[UUID]


def events_named(ids: set[UUID]) -> dict[UUID, EventSaid]:
    """The events, and who said against them: read as the fold reads it, as older withdrawals name an event in whatever
    spelling of its id the sender had. A withdrawal that a settlement rejected counts no more."""
    sql = f"SELECT id, order_id, kind, stage, source_id, user_id FROM {EVENT_TABLE} WHERE id = ANY(%(ids)s::uuid[])"
    events = read(sql, ids=texts(ids))
    said = read(
        f"""SELECT w.payload ->> 'event', COALESCE(w.source_id, w.user_id)::text, ARRAY(SELECT m.site_id
                FROM supplychain_membership m WHERE m.user_id = w.user_id AND m.role = %(quality)s)
            FROM {EVENT_TABLE} w WHERE w.order_id = ANY(%(orders)s::uuid[]) AND w.kind = %(withdrawn)s
            AND NOT EXISTS (SELECT 1 FROM {EVENT_TABLE} s JOIN {ORDER_TABLE} o ON o.id = s.order_id
                WHERE s.order_id = w.order_id AND s.kind = %(settled)s AND s.payload -> %(rejects)s ? w.id::text
                AND NOT o.withdrawn_events ? s.id::text)""",
        orders=texts({row[1] for row in events}),
        withdrawn=WITHDRAWN,
        quality=Role.QA.value,
        settled=OrderEventKind.SETTLED.value,
        rejects=REJECTS,
    )
    against: dict[UUID | None, list[tuple[str, list[UUID]]]] = {}
    for named, reporter, sites in said:
        against.setdefault(event_named({"event": named}), []).append((reporter, sites))
    return {
        row[0]: EventSaid(
            *row[1:],
            frozenset(reporter for reporter, _ in against.get(row[0], ())),
            frozenset(site for _, sites in against.get(row[0], ()) for site in sites),
        )
        for row in events
    }


def may_withdraw(
    by: Reporter, events: Mapping[UUID, EventSaid], report: EventReport, plan: StagePlan | None, roles: Roles
) -> bool:
    """Whether a person with these roles may say that the event which a report names is wrong."""
    event_id = event_named(report.payload)
    event = events.get(event_id) if event_id else None
    is_own = event is not None and str(event.user_id) == by.key
    return event is not None and not withdrawal_right_problem(plan, event.kind, roles, is_own=is_own)


def withdrawal_problems(
    by: Reporter, events: Mapping[UUID, EventSaid], report: EventReport, order: LockedOrder
) -> Iterator[str]:
    """Why a report is not taken that another is wrong. `events`: those that withdrawals name."""
    event_id = event_named(report.payload)
    event = events.get(event_id) if event_id else None
    if event_id is None or event is None or event.order_id != order.id:
        yield "payload.event: this order has no such event; give the id of the event that is wrong."
        return
    if event.stage != report.stage:
        yield f"stage: the event is one of “{event.stage or 'the whole order'}”; name the same with its withdrawal."
    yield _not_to_withdraw(by, event_id, event, order)


def _not_to_withdraw(by: Reporter, event_id: UUID, event: EventSaid, order: LockedOrder) -> str:
    """Why this reporter does not withdraw this event; empty if they do."""
    if event.kind in (OrderEventKind.CHANGE_ASKED, OrderEventKind.TAKEN_BACK):
        return "payload.event: a request is not withdrawn; take it back (taken_back), or ask for something else."
    if event.kind in NOT_WITHDRAWN:
        return "payload.event: this report cannot be withdrawn; report what is true anew, or cancel the order."
    if by.source and event.source_id != by.source.pk:
        return "payload.event: a system withdraws only what it said itself; ask the sender."
    if str(event_id) in order.state.withdrawn:
        return "" if by.source else "payload.event: this report was withdrawn already."
    if by.key in event.against:
        return "" if by.source else "payload.event: a second person must confirm; you asked for it yourself."
    return _quality_missing(by, event, order)


def _quality_missing(by: Reporter, event: EventSaid, order: LockedOrder) -> str:
    """Why this reporter may not be the second to say that the event is wrong: neither of the two decides of quality."""
    plan = order.flow.stages.get(event.stage)
    if not event.against or not needs_quality(plan, event.kind):
        return ""
    rights = [*by.rights, *((site, Role.QA) for site in event.quality_sites)]
    if may_override(plan, roles_at(order.sites, rights)):
        return ""
    return "payload.event: one of the two must be quality assurance; it was asked for already, have them confirm it."
