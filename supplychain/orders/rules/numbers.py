"""Two senders who name one stage's cells by other numbers: the one heard of first stands, and the other is asked about.

A number may be corrected by its own sender, and by a person who writes a correction (a note). Pure.
"""

from datetime import UTC
from typing import Any, NamedTuple

from supplychain.identifiers.rules.characters import lookup_key
from supplychain.orders.rules.meaning import plain_detail
from supplychain.orders.rules.states import NUMBERS_SAID, Fact, OrderState, RunState
from supplychain.orders.rules.surprises import OTHER_NUMBER, note_surprise
from supplychain.orders.rules.withdrawals import IDENTIFYING
from supplychain.orders.statuses import StageEventKind

LABELS = {"donation_number": "donation number", "batch_number": "batch number"}


class NumberSaid(NamedTuple):
    """Who said the number that stands, by which event, and when that was recorded."""

    reporter: str
    event: str
    recorded_at: str

    @classmethod
    def of(cls, fact: Fact) -> "NumberSaid":
        """As this fact says it."""
        return cls(fact.reporter, str(fact.event_id), fact.recorded_at.astimezone(UTC).isoformat())

    def in_place_of(self, known: list[Any] | None) -> "NumberSaid":
        """This one, heard of as early as the one that it corrects: no number told in between stands against it."""
        return self if known is None else min(self, NumberSaid(*known), key=_heard)._replace(reporter=self.reporter)


def judge_numbers(state: OrderState, run: RunState, fact: Fact) -> Fact:
    """The fact without the numbers that do not stand; keeps who said those that do."""
    payload, said = dict(fact.payload), dict(run.details.get(NUMBERS_SAID, {}))
    for name in (name for name in IDENTIFYING if isinstance(payload.get(name), str)):
        own, known = NumberSaid.of(fact), said.get(name)
        before, now = run.details.get(name), plain_detail(name, payload[name])
        if known and before and lookup_key(before) == lookup_key(now):
            said[name] = list(min(own, NumberSaid(*known), key=_heard))
        elif known and before and _contradicts(fact, known):
            if not _stands_against(state, run, fact, name, NumberSaid(*known)):
                del payload[name]
            else:
                said[name] = list(own)
        else:
            said[name] = list(own.in_place_of(known))
    if said:
        run.details = {**run.details, NUMBERS_SAID: said}
    return fact._replace(payload=payload) if payload.keys() != fact.payload.keys() else fact


def _contradicts(fact: Fact, known: list[Any]) -> bool:
    return fact.reporter != known[0] and fact.kind != StageEventKind.NOTE


def _stands_against(state: OrderState, run: RunState, fact: Fact, name: str, known: NumberSaid) -> bool:
    """Whether this fact's number was heard of before the known one; says that the two differ, of the later report."""
    before, now = run.details[name], plain_detail(name, fact.payload[name])
    own = NumberSaid.of(fact)
    is_first = _heard(own) < _heard(known)
    first, other = (now, before) if is_first else (before, now)
    text = f"with {LABELS[name]} {other}, while another sender’s report says {first}: {first}, known first, stands"
    event = known.event if is_first else own.event
    note_surprise(state, fact, "contradicts", text, event=event, **{OTHER_NUMBER: True})
    return is_first


def _heard(said: NumberSaid) -> tuple[str, str]:
    """Sorts by when it was recorded; ids of one list follow each other."""
    return said.recorded_at, said.event
