"""Reading a reported event: an `EventReport`, or at once everything that is wrong with it, field by field. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from supplychain.characters import all_storable, made_storable
from supplychain.field_words import struct_problems
from supplychain.identifiers.rules.characters import canonical, hidden_problem, identifier_problem
from supplychain.moments import EXAMPLE, UnreadableMoment, moment_problem, read_moment, written
from supplychain.nesting import TOO_DEEP, is_too_deep
from supplychain.orders.rules.change_requests import REQUEST_KINDS, wording_problems
from supplychain.orders.rules.collections import answer_problems
from supplychain.orders.rules.delays import EXPECTED_AT, delay_problems
from supplychain.orders.rules.events import (  # fmt: skip
    MOST_PAYLOAD_BYTES,
    NAMES_OF_THINGS,
    REFERENCES,
    EventReport,
    ids_in,
    numbers_of,
    reason_problem,
)
from supplychain.orders.rules.excursions import decision_problems
from supplychain.orders.rules.hand_overs import hand_over_problems, second_problem
from supplychain.orders.rules.labels import label_names_in, label_problems
from supplychain.orders.rules.materials import material_problems, names_in
from supplychain.orders.rules.meaning import plain
from supplychain.orders.rules.packing import packing_problems
from supplychain.orders.rules.states import (  # fmt: skip
    DETAIL_TEXTS,
    PAYLOAD_MOMENTS,
)
from supplychain.orders.rules.stored_cells import told_problems
from supplychain.orders.statuses import (  # fmt: skip
    DELAY_KINDS,
    EVENT_KINDS,
    MATERIAL_KINDS,
    OrderEventKind,
    StageEventKind,
)
from supplychain.reasons import says_nothing

MOST_TEXT = 64  # characters of one known payload text
# Kinds that nobody sends: a check of a code reports what it finds by itself.
FOUND = frozenset({OrderEventKind.MISMATCH.value})
BY_CHECK = (
    "kind: nobody says a mismatch, a check finds it: send the code that was read to orders/{id}/identity-checks/, "
    "which reports it by itself."
)
HINTS = {
    "source_event_id": "your own id of this event, for ever the same",
    "order": "the order's id, its chain of identity or a number registered for it",
    "kind": f"one of {', '.join(kind for kind in EVENT_KINDS if kind not in FOUND)}",
}
ORDER_KINDS = frozenset(OrderEventKind.values)
STAGE_KINDS = frozenset(StageEventKind.values)
# Of the payload of a kind, what decides which else must be said.
DECIDING = {
    OrderEventKind.CHANGE_ASKED: ("wish",),
    OrderEventKind.ANSWERED: ("answer",),
    OrderEventKind.PROMISED: ("promised_at",),
}
# What stands in the place of a field that cannot be read while the others are looked at.
BLANK = {"source_event_id": "", "order": "", "kind": "", "occurred_at": datetime(2000, 1, 1, tzinfo=UTC)}
_FIELDS = {field.name: field.type for field in msgspec.structs.fields(EventReport)}
_OF_FIELD = re.compile(rf"((?:{'|'.join(_FIELDS)})(?:\.\w+)*): (.*)", re.DOTALL)


class Unreadable(Exception):
    """A report that is not taken. `problems`: what to do, each with its field in front.

    `report`: what it says, where only today's rules refuse it (`is_whole`: it may have been taken by those of an older
    version), else what of it can be read, to look for further problems; None: nothing.
    """

    def __init__(self, problems: Iterable[str], report: EventReport | None = None, *, is_whole: bool = False) -> None:
        self.problems = tuple(dict.fromkeys(map(made_storable, problems)))
        super().__init__(" ".join(self.problems))
        self.report = report if is_whole or report is None else without_told(report, by_field(self.problems))
        self.is_whole = is_whole


def by_field(problems: Iterable[str]) -> dict[str, list[str]]:
    """What is wrong with a report, by its field; under no name (empty) what is wrong with the whole."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        match = _OF_FIELD.fullmatch(problem)
        field, text = match.groups() if match else ("", problem)
        found.setdefault(field, []).append(text[:1].upper() + text[1:])
    return found


def read_report(row: Mapping[str, Any]) -> EventReport:
    """The report in `row`, a decoded JSON object. Raises Unreadable."""
    if is_too_deep(row):
        raise Unreadable([TOO_DEEP])
    if not isinstance(row, Mapping):
        raise Unreadable(["An event is a JSON object with source_event_id, order, kind and occurred_at."])
    problems: list[str] = []
    said = _prepared(row, problems)
    try:
        report = msgspec.convert(said, EventReport)
    except msgspec.ValidationError as error:
        unread = struct_problems(said, EventReport, HINTS)
        report = EventReport(**BLANK | _given(said, unread))
        raise Unreadable([*problems, *_unread_problems(report, unread, problems)], report) from error
    report = _plain(report, problems)
    unkept = _unkept_problems(report)
    problems += [*unkept, *_problems_of(report)]
    if problems:
        # What happened in no plausible year, or cannot be stored, was never taken.
        raise Unreadable(problems, report, is_whole=not unkept and not moment_problem(report.occurred_at))
    return report


def _given(said: Mapping[str, Any], unread: Mapping[str, str]) -> dict[str, Any]:
    """Those fields of a row that can be read."""
    return {name: msgspec.convert(said[name], _FIELDS[name]) for name in _FIELDS if name in said.keys() - unread}


def decides_what_else(kind: str) -> frozenset[str]:
    """The fields without which nobody knows what else is wrong with a report of this kind."""
    named = [f"payload.{name}" for name in (*REFERENCES.get(kind, ()), *DECIDING.get(kind, ())) if name != "reason"]
    return frozenset(("kind", "stage", "attempt", "occurred_at", "payload", *named))


def without_told(report: EventReport, told: Mapping[str, Any]) -> EventReport:
    """The report without what is told to be wrong with it (`told`: by field)."""
    spoilt = {name: BLANK.get(name, None if name == "attempt" else "") for name in told if name in _FIELDS}
    payload = {} if "payload" in told else _without(report.payload, told)
    return msgspec.structs.replace(report, **spoilt | {"payload": payload})


def _without(payload: dict[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """What of a payload is not told to be wrong."""
    return {name: part for name, part in payload.items() if f"payload.{name}" not in told}


def _unread_problems(given: EventReport, unread: Mapping[str, str], problems: Iterable[str]) -> Iterator[str]:
    """Why a row is no report: every field that cannot be read, and what is wrong with those that can (`given`)."""
    known = set(map(_root, problems))
    yield from (f"{name}: {text}" for name, text in unread.items() if name not in known)
    others: list[str] = []
    report = _plain(given, others)
    others += [*_unkept_problems(report), *_problems_of(report)]
    # Of a stage that cannot be read nobody knows what can be said of it.
    beside = unread.keys() | ({"kind", "attempt"} if "stage" in unread else set())
    yield from (text for text in others if _root(text) not in beside)


def _root(problem: str) -> str:
    """The field of which a problem is."""
    return problem.partition(":")[0].partition(".")[0]


def _plain(report: EventReport, problems: list[str]) -> EventReport:
    """The report with its payload as it is stored; `problems` gets the moments in it that cannot be read."""
    if not report.payload:
        return report
    said = _plain_payload(report.payload, problems)
    if report.kind in MATERIAL_KINDS and "expires_at" in said:
        said["expires_at"] = _written("payload.expires_at", said["expires_at"], problems)
    if report.kind in DELAY_KINDS and EXPECTED_AT in said:
        said[EXPECTED_AT] = _written(f"payload.{EXPECTED_AT}", said[EXPECTED_AT], problems)
    names = names_in(report.kind, said) | label_names_in(report.kind, said)
    return msgspec.structs.replace(report, payload=said | ids_in(report.kind, said) | names)


def _unkept_problems(report: EventReport) -> list[str]:
    """What of a report no database can hold, or is too large to be kept."""
    try:
        encoded = msgspec.json.encode(report)
    except UnicodeEncodeError:
        return list(_spoilt_texts(report))
    except (TypeError, ValueError, OverflowError) as error:
        return [f"payload: it cannot be read ({error})."]
    found = list(_spoilt_texts(report)) if b"\\u0000" in encoded else []
    if len(encoded) > MOST_PAYLOAD_BYTES and len(msgspec.json.encode(report.payload)) > MOST_PAYLOAD_BYTES:
        found.append("payload: larger than 16 KiB; send a reference to the document instead.")
    return found


def _spoilt_texts(report: EventReport) -> Iterator[str]:
    """Where a text holds NUL or half a character (one of two surrogates)."""
    fields = {name: getattr(report, name) for name in _FIELDS if name != "payload"}
    for name, value in (fields | {f"payload.{name}": {name: part} for name, part in report.payload.items()}).items():
        if not all_storable(value):
            yield f"{name}: a text holds a NUL character (U+0000) or half a character; send it again without."


def _problems_of(report: EventReport) -> Iterator[str]:
    """Why a report that could be decoded is not taken."""
    if problem := moment_problem(report.occurred_at):
        yield f"occurred_at: {problem}"
    for name, text in (("order", report.order), ("source_event_id", report.source_event_id)):
        if problem := identifier_problem(text, is_required=True):
            yield f"{name}: {problem}"
    if problem := hidden_problem(report.resource):
        yield f"resource: {problem}"
    yield from _kind_problems(report)
    yield from _payload_problems(report)


def _prepared(row: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    """The row with its moment read, without blanks around texts and without what is not given (null)."""
    said = {name: part.strip() if isinstance(part, str) else part for name, part in row.items() if part is not None}
    for name in ("source_event_id", "resource"):
        if isinstance(said.get(name), str):
            said[name] = canonical(said[name])
    if isinstance(said.get("occurred_at"), str):
        said["occurred_at"] = _moment("occurred_at", said["occurred_at"], problems)
    return said


def _plain_payload(payload: dict[str, Any], problems: list[str]) -> dict[str, Any]:
    """The payload as it is stored: known moments in one spelling, with the offset that the sender gave."""
    said = plain(payload)
    for name in PAYLOAD_MOMENTS:
        if name in said:
            said[name] = _written(f"payload.{name}", said[name], problems)
    return said | numbers_of(said)


def _written(name: str, text: Any, problems: list[str]) -> Any:
    """A payload's moment as it is stored; what cannot be read stays as it is."""
    try:
        return written(read_moment(text))
    except UnreadableMoment as problem:
        problems.append(f"{name}: {problem}")
        return text


def _moment(name: str, text: str, problems: list[str]) -> Any:
    """The moment in the text; where it cannot be read, what it meant before there was one grammar (ISO 8601)."""
    try:
        return read_moment(text)
    except UnreadableMoment as problem:
        problems.append(f"{name}: {problem}")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment if moment.tzinfo else text


def _kind_problems(report: EventReport) -> Iterator[str]:
    kinds = STAGE_KINDS if report.stage else ORDER_KINDS
    if report.kind not in kinds:
        whom = "a stage" if report.stage else "a whole order (no stage given)"
        yield f"kind: “{report.kind}” cannot be said of {whom}; use one of {', '.join(sorted(kinds - FOUND))}."
    if report.attempt and not report.stage:
        yield "attempt: only a stage has attempts; give the stage or leave attempt out."


def _payload_problems(report: EventReport) -> Iterator[str]:
    payload = report.payload
    if report.kind == OrderEventKind.MISMATCH and "check" not in payload:
        yield BY_CHECK
        return
    for name in REFERENCES.get(report.kind, ()):
        if problem := reason_problem(payload, name):
            yield problem
    for name in (name for name in DETAIL_TEXTS if name in payload):
        value = payload[name]
        if name == "reason":
            yield from _reason_problems(report)
        elif not isinstance(value, str) or says_nothing(value) or len(value) > MOST_TEXT:
            yield f"payload.{name}: must be a text of 1 to {MOST_TEXT} characters."
        elif problem := (hidden_problem(value) if name in NAMES_OF_THINGS else identifier_problem(value)):
            yield f"payload.{name}: {problem}"
    yield from told_problems(payload)
    yield from wording_problems(report.kind, payload).values()
    yield from material_problems(report.kind, payload)
    yield from label_problems(report.kind, payload)
    yield from answer_problems(report.kind, payload)
    yield from delay_problems(report.kind, payload).values()
    yield from packing_problems(report.kind, payload).values()
    if report.kind == OrderEventKind.HANDED_OVER:
        yield from hand_over_problems(payload).values()
    if problem := second_problem(report.kind, payload):
        yield problem
    if report.kind == OrderEventKind.EXCURSION_DECIDED:
        yield from decision_problems(payload)
    if report.kind == OrderEventKind.PROMISED and "promised_at" not in payload:
        yield f"payload.promised_at: a promise needs its date, such as {EXAMPLE}."


def _reason_problems(report: EventReport) -> Iterator[str]:
    """What is wrong with a reason that is given. Of what happened none is too long: the fact would be lost with it."""
    reason = report.payload["reason"]
    if report.kind in REFERENCES or report.kind in REQUEST_KINDS:
        if problem := reason_problem(report.payload, "reason"):
            yield problem
    elif not isinstance(reason, str) or says_nothing(reason):
        yield "payload.reason: must be a text that says why; leave it out where there is none."
