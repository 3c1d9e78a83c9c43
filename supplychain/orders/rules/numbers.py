"""Reports that name one stage's cells by other numbers. Of two senders the one heard of first stands, and the other is
asked about; of one sender what it said last stands, whatever moment that is of, and is shown.

A person who writes a correction (a note) replaces a number without a word. Pure.
"""

from datetime import UTC
from typing import NamedTuple

from supplychain.identifiers.rules.characters import lookup_key
from supplychain.orders.rules.meaning import plain_detail
from supplychain.orders.rules.states import NUMBERS_SAID, Fact, OrderState, RunState
from supplychain.orders.rules.surprises import OTHER_NUMBER, REASON_RENUMBERED, note_surprise
from supplychain.orders.rules.withdrawals import IDENTIFYING
from supplychain.orders.statuses import StageEventKind

LABELS = {"donation_number": "donation number", "batch_number": "batch number"}


class NumberSaid(NamedTuple):
    """Who said the number that stands, by which event, and when that was recorded. `known_from`: when it, or what it
    corrects, was recorded first; empty: then."""

    reporter: str
    event: str
    recorded_at: str
    known_from: str = ""

    @classmethod
    def of(cls, fact: Fact) -> "NumberSaid":
        """As this fact says it."""
        return cls(fact.reporter, str(fact.event_id), fact.recorded_at.astimezone(UTC).isoformat())

    @property
    def first(self) -> str:
        """When it, or what it corrects, was recorded first."""
        return self.known_from or self.recorded_at

    def known_with(self, other: "NumberSaid") -> "NumberSaid":
        """This one, known since the earlier of the two: no number told in between stands against a correction."""
        first = min(self.first, other.first)
        return self._replace(known_from="" if first == self.recorded_at else first)


def judge_numbers(state: OrderState, run: RunState, fact: Fact) -> Fact:
    """The fact without the numbers that do not stand; keeps who said those that do."""
    payload, said = dict(fact.payload), dict(run.details.get(NUMBERS_SAID, {}))
    for name in (name for name in IDENTIFYING if isinstance(payload.get(name), str)):
        known = NumberSaid(*said[name]) if said.get(name) and run.details.get(name) else None
        stands, does_count = _standing(state, run, fact, name, known)
        said[name] = list(stands)
        if not does_count:
            del payload[name]
    if said:
        run.details = {**run.details, NUMBERS_SAID: said}
    return fact._replace(payload=payload) if payload.keys() != fact.payload.keys() else fact


def _standing(
    state: OrderState, run: RunState, fact: Fact, name: str, known: NumberSaid | None
) -> tuple[NumberSaid, bool]:
    """Whose word stands after this fact, and whether the fact's number does."""
    own = NumberSaid.of(fact)
    if known is None:
        return own, True
    if lookup_key(run.details[name]) == lookup_key(plain_detail(name, fact.payload[name])):
        return _said_again(own, known), True
    if _contradicts(fact, known):
        does_count = own.recorded_at < known.first
        _note_two(state, run, fact, name, known, does_count=does_count)
        return (own if does_count else known), does_count
    does_count = _heard(own) >= _heard(known)
    if fact.kind != StageEventKind.NOTE:
        _note_renumbered(state, run, fact, name, known, does_count=does_count)
    return (own.known_with(known) if does_count else known.known_with(own)), does_count


def _said_again(own: NumberSaid, known: NumberSaid) -> NumberSaid:
    """The first who said it keeps it; when it was told last counts of one sender."""
    first, last = sorted((own, known), key=_heard)
    return (last if own.reporter == known.reporter else first).known_with(own).known_with(known)


def _contradicts(fact: Fact, known: NumberSaid) -> bool:
    return fact.reporter != known.reporter and fact.kind != StageEventKind.NOTE


def _note_two(state: OrderState, run: RunState, fact: Fact, name: str, known: NumberSaid, *, does_count: bool) -> None:
    """Says, of the later report, that two senders' numbers differ."""
    before, now = run.details[name], plain_detail(name, fact.payload[name])
    first, other = (now, before) if does_count else (before, now)
    text = f"with {LABELS[name]} {other}, while another sender’s report says {first}: {first}, known first, stands"
    event = known.event if does_count else str(fact.event_id)
    note_surprise(state, fact, "contradicts", text, event=event, **{OTHER_NUMBER: True})


def _note_renumbered(
    state: OrderState, run: RunState, fact: Fact, name: str, known: NumberSaid, *, does_count: bool
) -> None:
    """Says, of the later report, that its sender had said another number before."""
    before, now = run.details[name], plain_detail(name, fact.payload[name])
    last, other = (now, before) if does_count else (before, now)
    text = f"with {LABELS[name]} {last}, while its sender had said {other} before: {last}, told last, stands"
    event = str(fact.event_id) if does_count else known.event
    note_surprise(state, fact, REASON_RENUMBERED, text, event=event)


def _heard(said: NumberSaid) -> tuple[str, str]:
    """Sorts by when it was recorded last; ids of one list follow each other."""
    return said.recorded_at, said.event
