"""Reading a reported event: what can be read becomes a `EventReport`, the rest a reason that says what to do."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Meta

from supplychain.field_words import struct_problems
from supplychain.flows.rules.plans import FlowPlan
from supplychain.identifiers.rules.characters import canonical, identifier_problem, lookup_key
from supplychain.identifiers.rules.donation_numbers import donation_number
from supplychain.moments import EXAMPLE, UnreadableMoment, moment_problem, read_moment, written
from supplychain.nesting import TOO_DEEP, each_scalar, is_too_deep, sorted_json
from supplychain.orders.rules.change_requests import REQUEST_KINDS, wording_problems
from supplychain.orders.rules.meaning import plain
from supplychain.orders.rules.states import DETAIL_NUMBERS, DETAIL_TEXTS, PAYLOAD_MOMENTS
from supplychain.orders.rules.withdrawals import id_named
from supplychain.orders.statuses import EVENT_KINDS, OrderEventKind, StageEventKind
from supplychain.reasons import says_nothing

MOST_PAYLOAD_BYTES = 16 * 1024
MOST_TEXT = 64  # characters of one known payload text
MOST_REASON = 1_000
# What must be said with a decision about an earlier report or a flag: which one, and why.
REFERENCES = {
    OrderEventKind.SETTLED: ("flag", "reason"),
    OrderEventKind.WITHDRAWN: ("event", "reason"),
    OrderEventKind.TAKEN_BACK: ("request", "reason"),
    OrderEventKind.ANSWERED: ("request",),
}
HINTS = {
    "source_event_id": "your own id of this event, for ever the same",
    "order": "the order's id, its chain of identity or a number registered for it",
    "kind": f"one of {', '.join(EVENT_KINDS)}",
}
ORDER_KINDS = frozenset(OrderEventKind.values)
STAGE_KINDS = frozenset(StageEventKind.values)


class Unreadable(Exception):
    """A report that is not taken; the message says what to do.

    `report`: what it says, where only today's rules refuse it: it may have been taken by those of an older version.
    """

    def __init__(self, text: str, report: "EventReport | None" = None) -> None:
        super().__init__(text)
        self.report = report


class Reference(NamedTuple):
    """What a report calls its order: a look-up key, and who issued it where that is said."""

    key: str
    issuer: str = ""


class EventReport(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """One status event as a system or person reports it."""

    source_event_id: Annotated[str, Meta(min_length=1, max_length=100, description="The sender's own id, lasting.")]
    order: Annotated[str, Meta(min_length=1, max_length=64, description="Order id, CoI or registered identifier.")]
    kind: Annotated[str, Meta(description="What happened.", extra_json_schema={"enum": list(EVENT_KINDS)})]
    occurred_at: Annotated[datetime, Meta(tz=True, description="When, by the sender's clock; RFC 3339, with offset.")]
    stage: Annotated[str, Meta(max_length=40, description="Stage code of the order's flow; empty: whole order.")] = ""
    attempt: Annotated[int, Meta(ge=1, le=20, description="Manufacturing run; a higher one opens it.")] | None = None
    resource: Annotated[str, Meta(max_length=80, description="Who or what did it: suite, courier, analyst.")] = ""
    payload: Annotated[dict[str, Any], Meta(description="Further facts; 16 KiB at most.")] = {}
    order_issuer: Annotated[
        str, Meta(max_length=50, description="Code of the site that issued what `order` says, where two did.")
    ] = ""

    @property
    def reference(self) -> Reference:
        """What it calls its order, to look up."""
        return Reference(lookup_key(self.order), lookup_key(self.order_issuer))


def read_report(row: Mapping[str, Any]) -> EventReport:
    """The report in `row`, a decoded JSON object. Raises Unreadable."""
    if is_too_deep(row):
        raise Unreadable(TOO_DEEP)
    problems: list[str] = []
    try:
        report = msgspec.convert(_prepared(row, problems), EventReport)
        if report.payload:
            said = _plain_payload(report.payload, problems)
            report = msgspec.structs.replace(report, payload=said | ids_in(report.kind, said))
        encoded = msgspec.json.encode(report)
    except (msgspec.ValidationError, Unreadable, UnicodeEncodeError, TypeError, ValueError) as error:
        raise Unreadable(_unread_words(row, error)) from error
    if len(encoded) > MOST_PAYLOAD_BYTES and len(msgspec.json.encode(report.payload)) > MOST_PAYLOAD_BYTES:
        raise Unreadable("payload: larger than 16 KiB; send a reference to the document instead.")
    if b"\\u0000" in encoded:
        raise Unreadable("A text holds a NUL character (U+0000); remove it.")
    problems += _problems_of(report)
    if problems:
        # What happened in no plausible year was never taken.
        raise Unreadable(_first_of_each(problems), None if moment_problem(report.occurred_at) else report)
    return report


def _problems_of(report: EventReport) -> Iterator[str]:
    """Why a report that could be decoded is not taken, the first reason first."""
    if problem := moment_problem(report.occurred_at):
        yield f"occurred_at: {problem}"
    for name, text in (("order", report.order), ("source_event_id", report.source_event_id)):
        if problem := identifier_problem(text, is_required=True):
            yield f"{name}: {problem}"
    yield from _kind_problems(report)
    yield from _payload_problems(report)


def _prepared(row: Any, problems: list[str]) -> Any:
    """The row with its moment read, without blanks around texts and without what is not given (null)."""
    if not isinstance(row, Mapping):
        return row
    said = {name: part.strip() if isinstance(part, str) else part for name, part in row.items() if part is not None}
    if isinstance(said.get("source_event_id"), str):
        said["source_event_id"] = canonical(said["source_event_id"])
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


def numbers_of(said: Mapping[str, Any]) -> dict[str, str]:
    """The identifiers in a payload in the one form in which they are stored now; older ones are kept as they came."""
    texts = {name: said[name] for name in DETAIL_NUMBERS if isinstance(said.get(name), str)}
    return {
        name: donation_number(text) if name == "donation_number" else canonical(text) for name, text in texts.items()
    }


def ids_in(kind: str, said: Mapping[str, Any]) -> dict[str, str]:
    """The ids of the event, flag or request of which a report speaks, in the one form in which they are compared."""
    named = {name: id_named(said, name) for name in REFERENCES.get(kind, ()) if name != "reason"}
    return {name: str(found) for name, found in named.items() if found}


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
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Unreadable(problems[0])
    return moment


def _first_of_each(problems: Iterable[str]) -> str:
    """The problems in one text, of each field the first."""
    found: dict[str, str] = {}
    for text in problems:
        found.setdefault(text.partition(":")[0], text)
    return " ".join(found.values())


def _unread_words(row: Any, error: Exception) -> str:
    """Why the row is no report: every field that cannot be read, each with its name."""
    if not isinstance(row, Mapping):
        return "An event is a JSON object with source_event_id, order, kind and occurred_at."
    problems: list[str] = []
    try:
        found = struct_problems(_prepared(row, problems), EventReport, HINTS)
    except Unreadable as problem:
        rest = {name: value for name, value in row.items() if name != "occurred_at" and value is not None}
        found = struct_problems(rest, EventReport, HINTS) | {"occurred_at": str(problem).removeprefix("occurred_at: ")}
    if isinstance(error, UnicodeEncodeError):
        return "A text holds half a character (one of two surrogates); send it again whole."
    return " ".join(f"{name}: {text}" for name, text in found.items()) or f"It cannot be read ({error})."


def _kind_problems(report: EventReport) -> Iterator[str]:
    kinds = STAGE_KINDS if report.stage else ORDER_KINDS
    if report.kind not in kinds:
        whom = "a stage" if report.stage else "a whole order (no stage given)"
        yield f"kind: “{report.kind}” cannot be said of {whom}; use one of {', '.join(sorted(kinds))}."
    if report.attempt and not report.stage:
        yield "attempt: only a stage has attempts; give the stage or leave attempt out."


def _payload_problems(report: EventReport) -> Iterator[str]:
    payload = report.payload
    for name in REFERENCES.get(report.kind, ()):
        if problem := reason_problem(payload, name):
            yield problem
    for name in (name for name in DETAIL_TEXTS if name in payload):
        value = payload[name]
        if not isinstance(value, str) or says_nothing(value) or (len(value) > MOST_TEXT and name != "reason"):
            yield f"payload.{name}: must be a text of 1 to {MOST_TEXT} characters."
        elif name in DETAIL_NUMBERS and (problem := identifier_problem(value)):
            yield f"payload.{name}: {problem}"
    yield from wording_problems(report.kind, payload).values()
    if report.kind in REQUEST_KINDS and "reason" in payload and (problem := reason_problem(payload, "reason")):
        yield problem
    if report.kind == OrderEventKind.PROMISED and "promised_at" not in payload:
        yield f"payload.promised_at: a promise needs its date, such as {EXAMPLE}."


def reason_problem(payload: Mapping[str, Any], name: str) -> str:
    """Why this member of a payload is no reason or reference that somebody gives; empty if it is."""
    text = payload.get(name)
    if isinstance(text, str) and not says_nothing(text) and len(text) <= MOST_REASON:
        return ""
    return f"payload.{name}: must be a text of 1 to {MOST_REASON} characters."


def _normal_number(value: Any) -> Any:
    """Whole floats as integers: the database keeps no difference, and the hash must not either."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def stage_problem(report: EventReport, flow: FlowPlan) -> str:
    """Why the order's flow does not know the reported stage; empty if it does."""
    if not report.stage or report.stage in flow.stages:
        return ""
    return f"stage: “{report.stage}” is no stage of {flow.code} v{flow.version}; use one of {', '.join(flow.stages)}."


def content_hash(
    order_id: UUID | str,
    *,
    attempt: int | None,
    kind: str,
    stage: str,
    occurred_at: datetime,
    resource: str,
    payload: dict[str, Any],
) -> str:
    """SHA-256 (hex) of what was said, the same for the same content in whatever order its fields came."""
    said = [order_id, attempt, kind, stage, occurred_at.astimezone(UTC), resource, each_scalar(payload, _normal_number)]
    # Most events say no more than that: there is nothing to sort, which takes longer than the hash.
    written = sorted_json(said) if payload else msgspec.json.encode(said)
    return hashlib.sha256(written).hexdigest()


def seal_of(
    previous: str,
    *,
    event_id: UUID | str,
    reporter: str,
    source_event_id: str,
    recorded_at: datetime,
    content: str,
    lacked_scope: str = "",
) -> str:
    """SHA-256 (hex) over an event, who said it and when we heard, the right they lacked, and the event before it."""
    link = [previous, event_id, reporter, source_event_id, recorded_at.astimezone(UTC), content]
    if lacked_scope:
        link.append(lacked_scope)
    return hashlib.sha256(msgspec.json.encode(link)).hexdigest()
