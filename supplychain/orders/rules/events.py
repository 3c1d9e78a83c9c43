"""Reading a reported event: what can be read becomes a `EventReport`, the rest a reason that says what to do."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Meta

from supplychain.flows.rules.plans import FlowPlan
from supplychain.identifiers.rules.characters import canonical, identifier_problem, lookup_key, says_nothing
from supplychain.identifiers.rules.donation_numbers import donation_number, donation_problem
from supplychain.moments import EXAMPLE, UnreadableMoment, moment_problem, read_moment, written
from supplychain.nesting import TOO_DEEP, each_scalar, is_too_deep, sorted_json
from supplychain.orders.rules.meaning import plain
from supplychain.orders.rules.states import DETAIL_NUMBERS, DETAIL_TEXTS, PAYLOAD_MOMENTS
from supplychain.orders.statuses import EVENT_KINDS, OrderEventKind, StageEventKind

MOST_PAYLOAD_BYTES = 16 * 1024
MOST_TEXT = 64  # characters of one known payload text
MOST_REASON = 1_000
# What must be said with a decision about an earlier report or a flag: which one, and why.
REFERENCES = {OrderEventKind.SETTLED: ("flag", "reason"), OrderEventKind.WITHDRAWN: ("event", "reason")}
REASONS = ("override",)
ORDER_KINDS = frozenset(OrderEventKind.values)
STAGE_KINDS = frozenset(StageEventKind.values)


class Unreadable(Exception):
    """A report that cannot be read; the message says what to do."""


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
    try:
        report = msgspec.convert(_prepared(row), EventReport)
        if report.payload:
            report = msgspec.structs.replace(report, payload=_plain_payload(report.payload))
        encoded = msgspec.json.encode(report)
    except (msgspec.ValidationError, UnicodeEncodeError, TypeError, ValueError) as error:
        raise Unreadable(_in_plain_words(str(error))) from error
    if len(encoded) > MOST_PAYLOAD_BYTES and len(msgspec.json.encode(report.payload)) > MOST_PAYLOAD_BYTES:
        raise Unreadable("payload: larger than 16 KiB; send a reference to the document instead.")
    if b"\\u0000" in encoded:
        raise Unreadable("A text holds a NUL character (U+0000); remove it.")
    if problem := moment_problem(report.occurred_at):
        raise Unreadable(f"occurred_at: {problem}")
    for name, text in (("order", report.order), ("source_event_id", report.source_event_id)):
        if problem := identifier_problem(text):
            raise Unreadable(f"{name}: {problem}")
    _check_kind(report)
    _check_payload(report)
    return report


def _prepared(row: Any) -> Any:
    """The row with its moment read, without blanks around texts and without what is not given (null)."""
    if not isinstance(row, Mapping):
        return row
    said = {name: part.strip() if isinstance(part, str) else part for name, part in row.items() if part is not None}
    if isinstance(said.get("source_event_id"), str):
        said["source_event_id"] = canonical(said["source_event_id"])
    if isinstance(said.get("occurred_at"), str):
        said["occurred_at"] = _moment("occurred_at", said["occurred_at"])
    return said


def _plain_payload(payload: dict[str, Any]) -> dict[str, Any]:
    """The payload as it is stored: known moments in one spelling, with the offset that the sender gave."""
    said = plain(payload)
    moments = {name: written(_moment(f"payload.{name}", said[name])) for name in PAYLOAD_MOMENTS if name in said}
    return {**said, **moments, **_numbers(said)}


def _numbers(said: dict[str, Any]) -> dict[str, str]:
    """Identifiers in the one form in which they are stored."""
    texts = {name: said[name] for name in DETAIL_NUMBERS if isinstance(said.get(name), str)}
    return {
        name: donation_number(text) if name == "donation_number" else canonical(text) for name, text in texts.items()
    }


def _moment(name: str, text: Any) -> datetime:
    try:
        return read_moment(text)
    except UnreadableMoment as problem:
        raise Unreadable(f"{name}: {problem}") from problem


def _in_plain_words(message: str) -> str:
    """msgspec's message with its JSON path as a field name."""
    text, _, path = message.partition(" - at `$.")
    return f"{path.rstrip('`')}: {text}." if path else f"{text}."


def _check_kind(report: EventReport) -> None:
    kinds = STAGE_KINDS if report.stage else ORDER_KINDS
    if report.kind not in kinds:
        whom = "a stage" if report.stage else "a whole order (no stage given)"
        raise Unreadable(f"kind: “{report.kind}” cannot be said of {whom}; use one of {', '.join(sorted(kinds))}.")
    if report.attempt and not report.stage:
        raise Unreadable("attempt: only a stage has attempts; give the stage or leave attempt out.")


def _check_payload(report: EventReport) -> None:
    payload = report.payload
    for name in (*REFERENCES.get(report.kind, ()), *(name for name in REASONS if name in payload)):
        text = payload.get(name)
        if not isinstance(text, str) or says_nothing(text) or len(text) > MOST_REASON:
            raise Unreadable(f"payload.{name}: must be a text of 1 to {MOST_REASON} characters.")
    for name in DETAIL_TEXTS:
        value = payload.get(name, "-")
        if not isinstance(value, str) or says_nothing(value) or (len(value) > MOST_TEXT and name != "reason"):
            raise Unreadable(f"payload.{name}: must be a text of 1 to {MOST_TEXT} characters.")
    for name in DETAIL_NUMBERS:
        if problem := _number_problem(name, payload.get(name, "-")):
            raise Unreadable(f"payload.{name}: {problem}")
    if report.kind == OrderEventKind.PROMISED and "promised_at" not in payload:
        raise Unreadable(f"payload.promised_at: a promise needs its date, such as {EXAMPLE}.")


def _number_problem(name: str, text: str) -> str:
    return donation_problem(text) if name == "donation_number" else identifier_problem(text)


def _normal_number(value: Any) -> Any:
    """Whole floats as integers: the database keeps no difference, and the hash must not either."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def stage_problem(report: EventReport, flow: FlowPlan) -> str:
    """Why the order's flow does not know the reported stage; empty if it does."""
    if not report.stage or report.stage in flow.stages:
        return ""
    return f"stage: “{report.stage}” is no stage of {flow.code} v{flow.version}; use one of {', '.join(flow.stages)}."


def content_hash(
    order_id: UUID,
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
    return hashlib.sha256(sorted_json(said)).hexdigest()


def seal_of(
    previous: str,
    *,
    event_id: UUID,
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
