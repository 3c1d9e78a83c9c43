"""What each field of a flow file may hold. A reader returns the value meant or raises FieldError with the remedy."""

import math
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from string import Formatter
from typing import Any

from supplychain.audit.statuses import SignedAct
from supplychain.flows.rules.checklists import ChecklistProblem, read_checklist
from supplychain.flows.rules.files import Document, Path
from supplychain.flows.rules.plans import PHASES
from supplychain.flows.rules.storage import StorageProblem, read_storage
from supplychain.flows.statuses import ASKS_TWO, Direction, StageKind, StagePlace

HOURS_PER_UNIT = {"hour": 1, "day": 24, "week": 7 * 24, "month": 30 * 24}  # a month is 30 days, exactly
LONGEST_HOURS = 100 * 366 * 24
_DURATION = re.compile(r"([0-9]{1,7}(?:\.[0-9]{1,9})?) (hour|day|week|month)s?")
_CODE = re.compile(r"[a-z0-9_]+")
_PRODUCT_CODE = re.compile(r"[a-z0-9_-]+")


class FieldError(ValueError):
    """A value that a field cannot take; the message says what it takes."""


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How one field is read, and what it is when it is not there (`required`: that is a problem)."""

    read: Callable[[Any], Any]
    required: bool = False
    default: Any = None


def text(longest: int) -> Callable[[Any], str]:
    """A reader of one line of text of at most `longest` characters."""

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise FieldError(f"must be text, not {_shown(value)}; put it in quotes if it is meant so")
        if not value.strip() or len(value) > longest or not value.isprintable():
            raise FieldError(f"must be one line of 1 to {longest} characters")
        return value.strip()

    return read


def code(longest: int, pattern: re.Pattern[str] = _CODE, letters: str = "a-z, 0-9 and _") -> Callable[[Any], str]:
    """A reader of a code: lower-case letters, digits and `_`, at most `longest` characters."""

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise FieldError(f"must be a code, not {_shown(value)}; put it in quotes if it is meant so")
        if not pattern.fullmatch(value):
            raise FieldError(f"“{value}” is no code; a code holds only {letters}")
        if len(value) > longest:
            raise FieldError(f"“{value}” is longer than {longest} characters")
        return value

    return read


def product_code(longest: int) -> Callable[[Any], str]:
    """A reader of a product's code, which may also hold `-`."""
    return code(longest, _PRODUCT_CODE, "a-z, 0-9, _ and -")


def yes_or_no(value: Any) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise FieldError(f"must be true or false, not {_shown(value)}")
    return value


def hours(value: Any) -> float:
    """Read a duration: a number of hours, or text such as `36 hours`, `7 days`, `2 weeks`, `30 months`."""
    number = _in_hours(value)
    if not math.isfinite(number):
        raise FieldError(f"{number} is not a duration; leave the field out where there is no limit")
    if number < 0:
        raise FieldError(f"{value} is negative; a duration is 0 or more hours")
    if number > LONGEST_HOURS:
        raise FieldError(f"{_shown(value)} is longer than 100 years; the number is in hours")
    return number


def _in_hours(value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        with suppress(OverflowError):
            return float(value)
        return math.inf
    if isinstance(value, str) and (match := _DURATION.fullmatch(value.strip())):
        return float(match[1]) * HOURS_PER_UNIT[match[2]]
    raise FieldError(f"must be a number of hours or text like “7 days”, not {_shown(value)}")


def one_of(choices: Iterable[str]) -> Callable[[Any], str]:
    """A reader of one word of a closed list."""
    words = list(choices)

    def read(value: Any) -> str:
        if value in words:
            return value
        raise FieldError(f"{_shown(value)} is unknown{did_you_mean(value, words)}; it is one of {', '.join(words)}")

    return read


def some_of(choices: Iterable[str]) -> Callable[[Any], list[str]]:
    """A reader of a list of words of a closed list, each once; they come in the order of that list."""
    words, one = list(choices), one_of(choices)

    def read(value: Any) -> list[str]:
        said = [one(word) for word in listed(value)]
        if twice := [word for word in words if said.count(word) > 1]:
            raise FieldError(f"“{twice[0]}” stands here twice")
        return [word for word in words if word in said]

    return read


def phrases(value: Any) -> dict[str, str]:
    """Read what a treatment centre is told of a stage: a sentence for some of PHASES, with places for what is known."""
    if not isinstance(value, dict) or not value:
        raise FieldError(f"must be a group of sentences ({', '.join(PHASES)}), not {_shown(value)}")
    for phase in value:
        if phase not in PHASES:
            raise FieldError(f"{_shown(phase)} is no phase{did_you_mean(phase, PHASES)}; one of {', '.join(PHASES)}")
    return {phase: _phrase(phase, value[phase]) for phase in PHASES if phase in value}


def _phrase(phase: str, value: Any) -> str:
    try:
        sentence = text(LONGEST_PHRASE)(value)
        asked = [part[1:] for part in Formatter().parse(sentence) if part[1] is not None]
    except FieldError as error:
        raise FieldError(f"{phase}: {error}") from error
    except ValueError as error:
        raise FieldError(f"{phase}: braces stand only round a name, as in {{when}}") from error
    if strange := [name for name, form, conversion in asked if name not in PHRASE_PLACES or form or conversion]:
        places = ", ".join(f"{{{name}}}" for name in PHRASE_PLACES)
        raise FieldError(f"{phase}: “{{{strange[0]}}}” is unknown; a sentence may hold {places}")
    return sentence


def storage(value: Any) -> dict[str, Any]:
    """Read at which temperature cells are kept during a stage; kept as it is written."""
    try:
        read_storage(value)
    except StorageProblem as error:
        raise FieldError(str(error)) from error
    return value


def checklist(value: Any) -> list[Any]:
    """Read what is asked of a collection; kept as it is written."""
    try:
        read_checklist(value)
    except ChecklistProblem as error:
        raise FieldError(str(error)) from error
    return value


def packing(value: Any) -> list[Any]:
    """Read what is asked when a shipper is packed or unpacked; kept as it is written."""
    try:
        read_checklist(value, {})
    except ChecklistProblem as error:
        raise FieldError(str(error)) from error
    return value


def listed(value: Any) -> list[Any]:
    """Read a list; its items are read one by one elsewhere."""
    if not isinstance(value, list):
        raise FieldError(f"must be a list, not {_shown(value)}")
    return value


def did_you_mean(word: Any, known: Iterable[str]) -> str:
    """A hint at the known word that the unknown one resembles, or nothing."""
    close = get_close_matches(word, list(known), n=1) if isinstance(word, str) else []
    return f" (did you mean “{close[0]}”?)" if close else ""


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return "a list" if isinstance(value, list) else "a group of fields"
    if isinstance(value, bool):
        return str(value).lower()
    shown = str(value)
    return f"“{shown if len(shown) <= 40 else shown[:40] + '…'}”"


def read_fields(value: Any, rules: dict[str, FieldRule], path: Path, document: Document) -> dict[str, Any]:
    """Read one group of fields; problems go to `document`, and a field with a problem is left out of the answer."""
    if not isinstance(value, dict):
        document.say(path, f"must be a group of fields ({', '.join(rules)}), not {_shown(value)}")
        return {}
    for name in value.keys() - rules.keys():
        document.say((*path, name), f"the field “{name}” is unknown{did_you_mean(name, rules)}")
    read: dict[str, Any] = {}
    for name, rule in rules.items():
        if name in value:
            _read_field(value[name], name, rule, path, document, read)
        elif rule.required:
            document.say(path, f"the field “{name}” is missing")
        else:
            read[name] = rule.default
    return read


def _read_field(value: Any, name: str, rule: FieldRule, path: Path, document: Document, read: dict[str, Any]) -> None:
    try:
        read[name] = rule.read(value)
    except FieldError as error:
        document.say((*path, name), str(error))


CODE_LENGTH = 40
LONGEST_PHRASE = 120  # characters
# The stage's name (inside a sentence; at its beginning), the booked moment, how far work has come, at which centre.
PHRASE_PLACES = ("name", "Name", "when", "day", "where")
FLOW_FIELDS = {
    "code": FieldRule(code(CODE_LENGTH), required=True),
    "name": FieldRule(text(120), required=True),
    "products": FieldRule(listed, required=True),
    "restart_stage": FieldRule(code(CODE_LENGTH), required=True),
    "signatures": FieldRule(some_of(SignedAct.values), default=[]),
    "stages": FieldRule(listed, required=True),
}
PRODUCT_FIELDS = {
    "code": FieldRule(product_code(50), required=True),
    "name": FieldRule(text(120), required=True),
    "default": FieldRule(yes_or_no, default=False),
}
STAGE_FIELDS = {
    "code": FieldRule(code(CODE_LENGTH), required=True),
    "name": FieldRule(text(80), required=True),
    "kind": FieldRule(one_of(StageKind.values), required=True),
    "direction": FieldRule(one_of(Direction.values), default=""),
    "place": FieldRule(one_of(StagePlace.values), required=True),
    "after": FieldRule(listed, default=[]),
    "planned": FieldRule(hours, required=True),
    "worst": FieldRule(hours, required=True),
    "longest_wait": FieldRule(hours),
    "pool": FieldRule(code(CODE_LENGTH), default=""),
    "keeps_pool": FieldRule(yes_or_no, default=False),
    "may_end_after_release": FieldRule(yes_or_no, default=False),
    "words": FieldRule(phrases, default={}),
    "storage": FieldRule(storage, default={}),
    "checklist": FieldRule(checklist, default=[]),
    "frozen_for": FieldRule(hours),
    "packing": FieldRule(packing, default=[]),
    "unpacking": FieldRule(packing, default=[]),
    "two_people": FieldRule(some_of(ASKS_TWO), default=[]),
}
