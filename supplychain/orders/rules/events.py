"""Reading a reported event: what can be read becomes a `EventReport`, the rest a reason that says what to do."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Meta

from supplychain.flows.rules.plans import FlowPlan
from supplychain.flows.statuses import StageKind
from supplychain.identifiers.rules.characters import canonical, lookup_key
from supplychain.identifiers.rules.donation_numbers import donation_number
from supplychain.nesting import each_scalar, sorted_json
from supplychain.orders.rules.states import DETAIL_NUMBERS
from supplychain.orders.rules.withdrawals import id_named
from supplychain.orders.statuses import EVENT_KINDS, PACKING_ENDS, TRANSPORT_KINDS, OrderEventKind, StageEventKind
from supplychain.reasons import MOST_REPORTED, says_nothing

MOST_PAYLOAD_BYTES = 16 * 1024
# Besides DETAIL_NUMBERS: what is compared with a label or a record elsewhere, and what a thing or firm is called.
COMPARED_NUMBERS = ("release_reference", "seal_number")
NAMES_OF_THINGS = ("courier", "suite")
# What must be said with a decision about an earlier report or a flag: which one, and why.
REFERENCES = {
    OrderEventKind.SETTLED: ("flag", "reason"),
    OrderEventKind.EXCURSION_DECIDED: ("excursion", "reason"),
    OrderEventKind.WITNESSED: ("event",),
    OrderEventKind.MISMATCH: ("check",),
    OrderEventKind.RESOLVED: ("reason",),
    OrderEventKind.WITHDRAWN: ("event", "reason"),
    OrderEventKind.TAKEN_BACK: ("request", "reason"),
    OrderEventKind.ANSWERED: ("request",),
}


ABOUT_PAYLOAD = (
    "Further facts; 16 KiB at most. The `reason` of a withdrawal, settlement, request or answer, and `override`, "
    f"have at most {MOST_REPORTED} characters; that of anything else only the limit of the whole."
)


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
    payload: Annotated[dict[str, Any], Meta(description=ABOUT_PAYLOAD)] = {}
    order_issuer: Annotated[
        str, Meta(max_length=50, description="Code of the site that issued what `order` says, where two did.")
    ] = ""

    @property
    def reference(self) -> Reference:
        """What it calls its order, to look up."""
        return Reference(lookup_key(self.order), lookup_key(self.order_issuer))


def numbers_of(said: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers and names in a payload in the one form in which they are stored now; older ones are kept as they
    came."""
    names = (*DETAIL_NUMBERS, *COMPARED_NUMBERS, *NAMES_OF_THINGS)
    texts = {name: said[name] for name in names if isinstance(said.get(name), str)}
    found: dict[str, Any] = {
        name: donation_number(text) if name == "donation_number" else canonical(text) for name, text in texts.items()
    }
    if isinstance(loggers := said.get("loggers"), list):
        found["loggers"] = [canonical(one) if isinstance(one, str) else one for one in loggers]
    return found


def ids_in(kind: str, said: Mapping[str, Any]) -> dict[str, str]:
    """The ids of the event, flag or request of which a report speaks, in the one form in which they are compared."""
    named = {name: id_named(said, name) for name in REFERENCES.get(kind, ()) if name != "reason"}
    return {name: str(found) for name, found in named.items() if found}


def reason_problem(payload: Mapping[str, Any], name: str) -> str:
    """Why this member of a payload is no reason or reference that somebody gives; empty if it is."""
    text = payload.get(name)
    if isinstance(text, str) and not says_nothing(text) and len(text) <= MOST_REPORTED:
        return ""
    return f"payload.{name}: must be a text of 1 to {MOST_REPORTED} characters."


def _normal_number(value: Any) -> Any:
    """Whole floats as integers: the database keeps no difference, and the hash must not either."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def stage_problem(report: EventReport, flow: FlowPlan) -> str:
    """Why the order's flow does not know the reported stage; empty if it does."""
    if not report.stage or report.stage in flow.stages:
        return _collection_problem(report, flow) or _transport_problem(report, flow)
    return f"stage: “{report.stage}” is no stage of {flow.code} v{flow.version}; use one of {', '.join(flow.stages)}."


def _collection_problem(report: EventReport, flow: FlowPlan) -> str:
    if report.kind != StageEventKind.COLLECTION_CHECKED or not report.stage:
        return ""
    if flow.stages[report.stage].kind == StageKind.COLLECTION:
        return ""
    return f"stage: “{report.stage}” is no collection of {flow.code} v{flow.version}, so it has no collection’s record."


def _transport_problem(report: EventReport, flow: FlowPlan) -> str:
    if report.kind not in TRANSPORT_KINDS or not report.stage or flow.stages[report.stage].kind == StageKind.TRANSPORT:
        return ""
    deeds = "packed and unpacked" if report.kind in PACKING_ENDS else "delayed or rerouted"
    return f"stage: “{report.stage}” is no transport of {flow.code} v{flow.version}: only that is {deeds}."


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
