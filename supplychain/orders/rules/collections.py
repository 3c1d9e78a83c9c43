"""What was answered of a collection: its record and the checklist of its flow, and what of that stands open. Pure.

Answers come by one kind of report of the collection's stage (`collection_checked`); the newest answer to each item
counts, and the earlier ones stay in their reports.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from supplychain.flows.rules.checklists import (
    CD3,
    FROZEN,
    KIT_EXPIRES,
    KNOWN,
    MOST_CODE,
    NUCLEATED,
    NUMBERED,
    PRESERVATION,
    CheckItem,
    CheckKind,
    all_items,
    is_number,
)
from supplychain.flows.rules.plans import StagePlan
from supplychain.flows.statuses import StageKind
from supplychain.identifiers.rules.characters import identifier_problem
from supplychain.moments import read_day
from supplychain.orders.rules.states import ANSWER_EVENTS, ANSWERS, COLLECTED_EARLIER, OPEN_REASON, Fact, RunState
from supplychain.orders.statuses import StageEventKind
from supplychain.reasons import says_nothing

MOST_ANSWERS, MOST_ANSWER, MOST_KNOWN = 100, 500, 64
UNANSWERED = "not answered"
# A kit is good to the end of its day, wherever that day ends last.
LAST_ZONE = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """One answer to one item: who gave it, when, how it was asked then, and why it was given another time."""

    value: Any
    at: datetime
    by: str
    asked: str = ""
    reason: str = ""


class PointLeft(NamedTuple):
    """An open point as the collection keeps it; `is_missing`: an answer closes it, no decision is needed."""

    code: str
    words: str
    is_critical: bool
    is_missing: bool = True


class OpenRecord(NamedTuple):
    """A collection that ended with open points. `reason`: why it was reported completed all the same, if that was
    said."""

    stage: str
    attempt: int
    ended_at: datetime
    reason: str
    points: Sequence[PointLeft]


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """What of a collection is not as its product wants it; `is_critical`: the cells are not used while it is so."""

    code: str
    asked: str
    why: str
    is_critical: bool = False

    @property
    def words(self) -> str:
        """“Viability: 61 %, outside the limits (at least 80 %)”."""
        return f"{self.asked}: {self.why}"

    @property
    def left(self) -> PointLeft:
        """As it is kept once the collection has ended."""
        return PointLeft(self.code, self.words, self.is_critical, self.why == UNANSWERED)


def is_of_collections(plan: StagePlan | None) -> bool:
    """Whether a stage has a collection."""
    return plan is not None and plan.kind == StageKind.COLLECTION


def answer_problems(kind: str, payload: Mapping[str, Any]) -> Iterator[str]:
    """Why answers cannot be read, each with its field in front."""
    if kind != StageEventKind.COLLECTION_CHECKED:
        return
    answers, asked = payload.get(ANSWERS), payload.get("asked", {})
    if not isinstance(answers, dict) or not 1 <= len(answers) <= MOST_ANSWERS:
        yield f"payload.{ANSWERS}: must be 1 to {MOST_ANSWERS} answers by the code of their item."
        return
    for code, value in answers.items():
        if problem := answer_problem(code, value):
            yield f"payload.{ANSWERS}.{code if code in KNOWN else 'item'}: {problem}"
    if not isinstance(asked, dict) or not all(isinstance(text, str) for text in asked.values()):
        yield "payload.asked: must be the text of the items as they were asked, by code."


def answer_problem(code: str, value: Any) -> str:
    """Why a value is no answer, whatever a flow makes of it; empty if it is one."""
    if not isinstance(value, bool | str) and not is_number(value):
        return "must be true, false, a number or a text."
    most = MOST_KNOWN if code in KNOWN else MOST_ANSWER
    if not is_answer(value, most):
        return f"must be a text of 1 to {most} characters."
    if len(code) > MOST_CODE:
        return f"its code is longer than {MOST_CODE} characters."
    problem = unread_problem(KNOWN[code], value) if code in KNOWN else ""
    return problem or (identifier_problem(value) if code in NUMBERED else "")


def is_answer(value: Any, most: int = MOST_ANSWER) -> bool:
    """Whether it can be an answer to some item: true, false, a number or a text of at most so many characters."""
    if isinstance(value, str):
        return not says_nothing(value) and len(value) <= most
    return isinstance(value, bool) or is_number(value)


def unread_problem(item: CheckItem, value: Any) -> str:
    """Why it is no answer to this item; empty if it is one."""
    match item.kind:
        case CheckKind.YES_NO:
            return "" if isinstance(value, bool) else "must be true or false."
        case CheckKind.NUMBER:
            unit = f" in {item.unit}" if item.unit else ""
            if not is_number(value):
                return f"must be a number{unit}."
            low, high = item.possible or (value, value)
            span = f"from {low:g} on" if math.isinf(high) else f"from {low:g} to {high:g}"
            return "" if low <= value <= high else f"{value:g} is impossible{unit}: {span}."
        case CheckKind.DATE:
            return "" if read_day(value) else "must be a date such as 2027-03-31."
        case CheckKind.CHOICE:
            codes = [choice for choice, _ in item.choices]
            return "" if value in codes else f"use one of {', '.join(codes)}."
    return "" if isinstance(value, str) else "must be a text."


def value_words(item: CheckItem | None, value: Any) -> str:
    """An answer as people read it: “Yes”, “61 %”, “ACD-A”."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if item is None or unread_problem(item, value):
        return str(value)
    if item.kind == CheckKind.NUMBER:
        return f"{value:g} {item.unit}".strip()
    return dict(item.choices).get(value, str(value))


def answers_kept(run: RunState | None) -> Mapping[str, Any]:
    """The newest answer to each item, by code."""
    return run.details.get(ANSWERS, {}) if run else {}


def answers_of(facts: Iterable[Fact], run: RunState) -> dict[str, list[ItemAnswer]]:
    """All answers to each item of a collection, the one that counts last."""
    found: dict[str, list[ItemAnswer]] = {}
    by_id = {str(fact.event_id): fact for fact in facts}
    for fact in (by_id[one] for one in run.details.get(ANSWER_EVENTS, ()) if one in by_id):
        asked, reason = fact.payload.get("asked", {}), str(fact.payload.get("reason", ""))
        for code, value in fact.payload[ANSWERS].items():
            given = ItemAnswer(value, fact.occurred_at, fact.reporter, asked.get(code, ""), reason)
            found.setdefault(code, []).append(given)
    return found


def open_points(plan: StagePlan, run: RunState | None) -> tuple[OpenPoint, ...]:
    """What of a collection is missing, outside its limits or not as it must be."""
    answers = answers_kept(run)
    found = open_items(all_items(plan.checklist), answers)
    begun = (run.started_at or run.completed_at) if run else None
    if begun and is_expired(answers.get(KIT_EXPIRES), begun):
        found.append((KNOWN[KIT_EXPIRES], f"{answers[KIT_EXPIRES]}, before the collection"))
    return tuple(OpenPoint(item.code, item.text, why, item.is_critical) for item, why in found if why)


def open_items(items: Iterable[CheckItem], answers: Mapping[str, Any]) -> list[tuple[CheckItem, str]]:
    """Each item with why it stands open; empty if it does not."""
    return [(item, open_words(item, answers.get(item.code))) for item in items]


def left_open(plan: StagePlan, run: RunState) -> tuple[OpenPoint, ...]:
    """The open points with which a collection ended. Of a record that nobody began nothing is said: its site may keep
    it elsewhere, and whoever ends it on our pages says why something is open."""
    is_kept = bool(answers_kept(run)) or OPEN_REASON in run.details
    return open_points(plan, run) if run.is_done and is_kept else ()


def open_words(item: CheckItem, value: Any) -> str:
    """Why an item stands open with this answer (None: it has none); empty if it does not."""
    if value is None:
        return UNANSWERED if item.is_required else ""
    if problem := unread_problem(item, value):
        return f"“{value}” {problem}"
    words = value_words(item, value)
    if item.expected is not None and value != item.expected:
        return f"answered “{words}”" + (f", not “{item.limits}”" if item.limits else "")
    if (item.at_least is not None and value < item.at_least) or (item.at_most is not None and value > item.at_most):
        return f"{words}, outside the limits ({item.limits})"
    return ""


def is_expired(said: Any, begun: datetime) -> bool:
    """Whether a kit's date had passed when it was used."""
    until = good_until(said)
    return until is not None and begun >= until


def good_until(said: Any) -> datetime | None:
    """The moment at which a kit's last day is over everywhere on earth; None: none was said."""
    last = read_day(said)
    if last is None:
        return None
    return datetime.combine(last + timedelta(days=1), time.min, UTC) + LAST_ZONE


def last_day(good_until_at: datetime) -> date:
    """The kit's last day of which good_until made that moment: it is what stands on the kit."""
    return (good_until_at - LAST_ZONE - timedelta(days=1)).date()


def implausible(answers: Mapping[str, Any]) -> dict[str, str]:
    """What of these answers to ask about once more, by code."""
    found = {}
    for code, item in KNOWN.items():
        value = answers.get(code)
        if item.plausible and is_number(value) and not item.plausible[0] <= value <= item.plausible[1]:
            low, high = item.plausible
            found[code] = f"{value_words(item, value)} is unusual: mostly {low:g} to {high:g} {item.unit}."
    every, cd3 = answers.get(NUCLEATED), answers.get(CD3)
    if is_number(every) and is_number(cd3) and cd3 > every:
        found[CD3] = "More CD3+ cells than nucleated cells: one of the two is wrong."
    return found


def is_frozen(answers: Mapping[str, Any]) -> bool:
    """Whether the cells were cryopreserved before they left."""
    return answers.get(PRESERVATION) == FROZEN


def is_earlier(plan: StagePlan, run: RunState) -> bool:
    """Whether the cells were collected before the order, and its flow takes such cells."""
    return run.details.get(COLLECTED_EARLIER) is True and plan.frozen_for_hours is not None


def earlier_problem(plan: StagePlan, ended_at: datetime, ordered_at: datetime) -> str:
    """Why a person does not say so that cells were collected before the order; empty if they may."""
    if plan.frozen_for_hours is None:
        return "The flow of this order takes no cells that were collected before it."
    return "" if ended_at < ordered_at else "This is after the order was placed: report it as the collection’s end."


def is_too_old(plan: StagePlan, ended_at: datetime, now: datetime) -> bool:
    """Whether frozen cells collected then may not be used any more."""
    return plan.frozen_for_hours is not None and ended_at + timedelta(hours=plan.frozen_for_hours) < now


def frozen_until(plan: StagePlan, run: RunState) -> datetime | None:
    """Until when frozen cells of this collection may be used; None: they are fresh, it has no end yet, or its flow says
    nothing."""
    if run.completed_at is None or plan.frozen_for_hours is None:
        return None
    if not (is_earlier(plan, run) or is_frozen(answers_kept(run))):
        return None
    return run.completed_at + timedelta(hours=plan.frozen_for_hours)


def to_explain(run: RunState, answers: Mapping[str, Any], now: datetime) -> dict[str, str]:
    """What of these answers a person gives a reason for, by code: another answer than before, what can hardly be, and a
    kit whose date has passed."""
    kept = answers_kept(run)
    found = {
        code: f"It was answered “{value_words(KNOWN.get(code), kept[code])}” before."
        for code, value in answers.items()
        if code in kept and kept[code] != value
    }
    found |= implausible({**kept, **answers} if answers.keys() & {NUCLEATED, CD3} else answers)
    if is_expired(answers.get(KIT_EXPIRES), run.started_at or now):
        found[KIT_EXPIRES] = "This kit has expired: take another one."
    return {code: text for code, text in found.items() if code in answers}
