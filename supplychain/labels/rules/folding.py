"""What the reports of an order say of its labels: a fold over the facts in the order in which things happened. Pure.

Every label that was printed is open until one report says how it ended; the first of them counts until it is withdrawn.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from supplychain.identifiers.rules.characters import lookup_key
from supplychain.labels.statuses import LabelDoubt, LabelStatus
from supplychain.orders.rules.states import Fact
from supplychain.orders.statuses import LABEL_KINDS, OrderEventKind

MOST_REASON = 500
ENDS = {
    OrderEventKind.LABEL_USED: LabelStatus.USED,
    OrderEventKind.LABEL_SPOILED: LabelStatus.SPOILED,
    OrderEventKind.LABEL_DESTROYED: LabelStatus.DESTROYED,
}


@dataclass(slots=True)
class LabelState:
    """One label as the reports have it."""

    serial: str
    number: str = ""
    number_key: str = ""
    stage: str = ""
    attempt: int | None = None
    layout: str = ""
    printer: str = ""
    replaces: str = ""
    replaces_why: str = ""
    printed_at: datetime | None = None
    printed_event: UUID | None = None
    status: str = LabelStatus.OPEN.value
    ended_at: datetime | None = None
    ended_event: UUID | None = None
    reason: str = ""
    doubts: set[LabelDoubt] = field(default_factory=set)


def is_of_labels(fact: Fact) -> bool:
    """Whether the fact may change what is known of the order's labels: one of theirs, or a word against a report."""
    said_against = fact.kind in (OrderEventKind.WITHDRAWN, OrderEventKind.SETTLED) and not fact.stage
    return fact.kind in LABEL_KINDS or said_against


def labels_of(facts: Iterable[Fact], withdrawn: Collection[str]) -> dict[str, LabelState]:
    """By key, what the facts say, given in any order and however often; without those that were taken back.

    That a label was printed counts whoever says it: it must be accounted for. How it ended only from who may say so.
    """
    known = {fact.event_id: fact for fact in facts if fact.kind in LABEL_KINDS}
    found: dict[str, LabelState] = {}
    for fact in sorted(known.values(), key=_key):
        is_print = fact.kind == OrderEventKind.LABEL_PRINTED
        if str(fact.event_id) in withdrawn or (fact.lacked_scope and not is_print):
            continue
        one = found.setdefault(lookup_key(fact.payload["serial"]), LabelState(fact.payload["serial"]))
        _print(one, fact) if is_print else _end(one, fact)
    for one in found.values():
        if one.printed_event is None:
            one.doubts.add(LabelDoubt.UNPRINTED)
    return found


def _key(fact: Fact) -> tuple[Any, ...]:
    # At one moment a label is printed before it ends.
    is_end = fact.kind != OrderEventKind.LABEL_PRINTED
    return (fact.occurred_at, is_end, fact.position, fact.reporter, fact.source_event_id)


def _print(one: LabelState, fact: Fact) -> None:
    if one.printed_event is not None:
        one.doubts.add(LabelDoubt.PRINTED_TWICE)
        return
    said = fact.payload
    for name in ("serial", "number", "stage", "layout", "printer", "replaces", "attempt"):
        setattr(one, name, said.get(name, getattr(one, name)))
    one.number_key = lookup_key(one.number)
    one.replaces_why = str(said.get("reason", ""))[:MOST_REASON]
    one.printed_at, one.printed_event = fact.occurred_at, fact.event_id


def _end(one: LabelState, fact: Fact) -> None:
    status = ENDS[OrderEventKind(fact.kind)].value
    if one.status != LabelStatus.OPEN:
        if one.status != status:
            one.doubts.add(LabelDoubt.ENDED_OTHERWISE)
        return
    one.status, one.ended_at, one.ended_event = status, fact.occurred_at, fact.event_id
    one.reason = str(fact.payload.get("reason", ""))[:MOST_REASON]
