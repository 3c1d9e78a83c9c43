"""Reports that name one stage's cells by other numbers. Of two senders the one heard of first stands, and the other is
asked about; of one sender what it said last stands, whatever moment that is of, and is shown.

A person who writes a correction (a note) replaces, without a word, what was said before it; the note of a system is a
report of its sender like any other. Pure.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from supplychain.identifiers.rules.characters import lookup_key
from supplychain.orders.rules.meaning import plain_detail
from supplychain.orders.rules.states import NUMBERS_SAID, Fact, OrderState, RunState
from supplychain.orders.rules.surprises import OTHER_NUMBER, REASON_RENUMBERED, note_surprise
from supplychain.orders.rules.withdrawals import IDENTIFYING
from supplychain.orders.statuses import StageEventKind

LABELS = {"donation_number": "donation number", "batch_number": "batch number"}
# Under which the newest note is kept, as the word of whoever writes corrections.
NOTE = "note"


class Word(NamedTuple):
    """What one sender says: its newest number, the event that says so (its kind and the moment that it is of, empty
    where it was folded before these were kept), and (as recorded) when the sender was heard of first, when it was first
    heard with this number, and when last."""

    number: str
    event: str
    first: str
    told_at: str
    last: str
    kind: str = ""
    at: str = ""

    @classmethod
    def of(cls, fact: Fact, name: str) -> "Word":
        """As this fact says it."""
        at = fact.recorded_at.astimezone(UTC).isoformat()
        number, of_when = plain_detail(name, fact.payload[name]), fact.occurred_at.isoformat()
        return cls(number, str(fact.event_id), at, at, at, str(fact.kind), of_when)

    def report(self, fact: Fact, reporter: str) -> Fact:
        """The report that says it; `fact`: another one of the same stage."""
        if self.event == str(fact.event_id) or not self.kind:
            return fact._replace(event_id=UUID(self.event))
        moment = datetime.fromisoformat(self.at)
        return fact._replace(event_id=UUID(self.event), kind=self.kind, occurred_at=moment, reporter=reporter)

    def is_same(self, other: "Word") -> bool:
        """Whether both say one number."""
        return lookup_key(self.number) == lookup_key(other.number)

    def with_word(self, other: "Word") -> "Word":
        """What the sender says by both: the number recorded last."""
        newest, older = (other, self) if (other.last, other.event) >= (self.last, self.event) else (self, other)
        told_at = min(self.told_at, other.told_at) if self.is_same(other) else newest.told_at
        return newest._replace(first=min(newest.first, older.first), told_at=told_at)


def judge_numbers(state: OrderState, run: RunState, fact: Fact) -> Fact:
    """The fact with the numbers that stand after it; keeps what every sender said."""
    payload, said = dict(fact.payload), dict(run.details.get(NUMBERS_SAID, {}))
    for name in (name for name in IDENTIFYING if isinstance(payload.get(name), str)):
        words = _words(said.get(name), run.details.get(name))
        key = NOTE if fact.kind == StageEventKind.NOTE and not fact.is_of_system else fact.reporter
        own = Word.of(fact, name)
        if key != NOTE:
            _note_unlike(state, fact, name, own, words)
        words[key] = words[key].with_word(own) if key in words else own
        said[name] = {key: list(word) for key, word in words.items()}
        payload[name] = standing_word(words).number
    if said:
        run.details = {**run.details, NUMBERS_SAID: said}
    return fact._replace(payload=payload) if payload != fact.payload else fact


def standing_word(words: Mapping[str, Word]) -> Word:
    """The word that stands: of the sender heard of first, unless a note corrects what that one says."""
    senders = [word for key, word in words.items() if key != NOTE]
    first = min(senders, key=lambda word: (word.first, word.event), default=None)
    note = words.get(NOTE)
    if first is None or (note and note.last >= first.told_at):
        return note or next(iter(words.values()))
    return first


def _words(kept: Any, number: str | None) -> dict[str, Word]:
    """What every sender said so far. Of a run that was folded before senders were told apart one is known."""
    if isinstance(kept, list):
        reporter, event, at = kept[:3]
        return {reporter: Word(number, event, at, at, at)} if number else {}
    return {key: Word(*word) for key, word in (kept or {}).items()}


def _note_unlike(state: OrderState, fact: Fact, name: str, own: Word, words: Mapping[str, Word]) -> None:
    """Says, of the later report, that its sender said another number before, or that another sender does."""
    before, label = words.get(fact.reporter), LABELS[name]
    if before and not before.is_same(own):
        last = before.with_word(own)
        text = f"with {label} {last.number}, while its sender had said {_other(last, before, own)} before: "
        text += f"{last.number}, told last, stands"
        note_surprise(state, last.report(fact, fact.reporter), REASON_RENUMBERED, text)
    others = {key: word for key, word in words.items() if key not in (NOTE, fact.reporter)}
    if not others:
        return
    known, now = standing_word(others), before.with_word(own) if before else own
    sender = next(key for key, word in others.items() if word == known)
    if not known.is_same(now):
        first, other = (known, now) if known.first <= now.first else (now, known)
        by = sender if other is known else fact.reporter
        text = f"with {label} {other.number}, while another sender’s report says {first.number}: "
        text += f"{first.number}, known first, stands"
        note_surprise(state, other.report(fact, by), "contradicts", text, **{OTHER_NUMBER: True})


def _other(last: Word, before: Word, own: Word) -> str:
    return (own if last.event == before.event else before).number
