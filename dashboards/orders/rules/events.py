"""What stands out in an order's list of events."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from supplychain.flows.rules.plans import FlowPlan
from supplychain.orders.rules.signing import asked_act
from supplychain.orders.rules.withdrawals import REASON_WITHDRAWAL_ASKED, REASON_WITHDRAWN
from supplychain.orders.statuses import OrderEventKind, StageEventKind
from supplychain.words import span_words

# Systems report in batches; from here on it is worth saying by how much.
LATE_AFTER = timedelta(hours=1)
NOT_ENTITLED = "its sender has no right to report this"


class Event(Protocol):
    """One stored event."""

    id: UUID
    occurred_at: datetime
    recorded_at: datetime
    lacked_scope: str
    kind: str
    stage: str
    payload: Mapping[str, Any]
    source: Any


class MarkKind(StrEnum):
    """What is unusual about an event; also its CSS class."""

    LATE = "late"
    OUT_OF_ORDER = "out_of_order"
    SURPRISING = "surprising"
    UNSIGNED = "unsigned"


class EventMark(NamedTuple):
    """One thing that stands out, in words."""

    kind: MarkKind
    text: str


def is_told_late(event: Event) -> bool:
    """Whether it was reported so much later that it is worth saying."""
    return event.recorded_at - event.occurred_at >= LATE_AFTER


def event_heading(words: str, event: Event, surprises: Iterable[Mapping[str, Any]]) -> str:
    """An event in a few words, which are `words` but of a withdrawal: it says whether a second person has still to
    confirm it, or has."""
    if event.kind != StageEventKind.WITHDRAWN:
        return words
    of_withdrawals = (REASON_WITHDRAWAL_ASKED, REASON_WITHDRAWN)
    own = [one for one in surprises if one["event"] == str(event.id) and one["reason"] in of_withdrawals]
    said = own[0] if own else {}
    what = "Settlement" if said.get("kind") == OrderEventKind.SETTLED else words.partition(":")[0]
    if said.get("reason") == REASON_WITHDRAWN:
        return f"{what}: {'withdrawal confirmed' if said.get('by_second') else 'report withdrawn'}"
    return f"{what}: said to be wrong{', a second person must confirm' if said else ''}"


def event_said(words: str, event: Event, surprises: Iterable[Mapping[str, Any]]) -> str:
    """One event in a line: its words, and what does not fit about it, as the order's page says it."""
    marks = marks_of([event], surprises).get(event.id, [])
    return ": ".join(filter(None, (words, "; ".join(mark.text for mark in marks if mark.kind == MarkKind.SURPRISING))))


def marks_of(
    events: Iterable[Event], surprises: Iterable[Mapping[str, Any]], flow: FlowPlan | None = None
) -> dict[UUID, list[EventMark]]:
    """By event id, what is unusual about it. `events` come in the order in which we heard of them.

    `surprises` are those of the fold (PatientOrder.surprises); `flow`: what systems told that people would have signed
    is marked, too.
    """
    marks: dict[UUID, list[EventMark]] = {}
    newest: datetime | None = None
    for event in events:
        late = event.recorded_at - event.occurred_at
        if is_told_late(event):
            marks.setdefault(event.id, []).append(EventMark(MarkKind.LATE, f"reported {span_words(late)} later"))
        if event.lacked_scope:
            marks.setdefault(event.id, []).append(EventMark(MarkKind.SURPRISING, NOT_ENTITLED))
        if flow and event.source and asked_act(flow, event.kind, event.stage, event.payload):
            text = f"not signed: as told by {event.source.name}"
            marks.setdefault(event.id, []).append(EventMark(MarkKind.UNSIGNED, text))
        if newest and event.occurred_at < newest:
            marks.setdefault(event.id, []).append(EventMark(MarkKind.OUT_OF_ORDER, "arrived after later events"))
        newest = max(newest or event.occurred_at, event.occurred_at)
    for surprise in surprises:
        marks.setdefault(UUID(surprise["event"]), []).append(EventMark(MarkKind.SURPRISING, surprise["text"]))
    return marks
