"""What comes again: events that are stored already, under whichever rules and in whichever spelling they were taken."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from supplychain.orders.actions.facts import EVENT_TABLE, Reporter, content_of
from supplychain.orders.models import StatusEvent
from supplychain.orders.rules.events import EventReport, ids_in, numbers_of
from supplychain.orders.rules.meaning import is_same
from supplychain.orders.rules.packing import as_sent
from supplychain.orders.rules.states import Fact
from supplychain.sql import read

# Event id, order id, content hash.
KnownEvent = tuple[UUID, UUID, str]
NewFacts = Mapping[UUID, Sequence[Fact]]


class ReportOfBefore(NamedTuple):
    """A report that today's rules refuse. It may have been taken before there were these, if it is `is_whole`: else
    `report` is what could be read of it, and `said_id` the sender's id of it as it came."""

    report: EventReport
    problems: tuple[str, ...]
    said_id: str
    is_whole: bool = True

    @property
    def source_event_id(self) -> str:
        """The sender's id of it, as an answer says it."""
        return self.said_id[:100]


def known_events(by: Reporter, source_event_ids: list[str]) -> dict[str, KnownEvent]:
    """(event id, order id, content hash) of the reporter's ids that are stored already."""
    column = "source_id" if by.source else "user_id"
    sql = f"""SELECT source_event_id, id, order_id, content_hash FROM {EVENT_TABLE}
        WHERE {column} = %(reporter)s AND source_event_id = ANY(%(ids)s)"""
    return {row[0]: tuple(row[1:]) for row in read(sql, reporter=by.key, ids=source_event_ids)}


def is_known(report: EventReport, known: KnownEvent, new_facts: NewFacts) -> bool:
    """Whether the report says of the known event's order what that event says."""
    event_id, order_id, stored = known
    return content_of(order_id, report) == stored or _means_the_same(report, order_id, event_id, new_facts)


def _means_the_same(report: EventReport, order_id: UUID, event_id: UUID, new_facts: NewFacts) -> bool:
    """Whether the report says in another spelling what the known event says, stored or taken in this very call.

    The numbers and ids of an event stored before there was one form of them are compared in the form of today.
    """
    fields = ("attempt", "kind", "stage", "occurred_at", "resource", "payload")
    new = {fact.event_id: [getattr(fact, name) for name in fields] for fact in new_facts.get(order_id, ())}
    *known, payload = new.get(event_id) or StatusEvent.objects.values_list(*fields).get(pk=event_id)
    payload = as_sent(report.kind, payload)
    payload = payload | numbers_of(payload) | ids_in(report.kind, payload)
    return is_same([*known, payload], [getattr(report, name) for name in fields])
