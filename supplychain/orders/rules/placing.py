"""Reading a request for an order: what can be read becomes an OrderRequest, the rest says what to do by field."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from supplychain.characters import all_storable
from supplychain.identifiers.rules.characters import canonical, identifier_problem
from supplychain.identifiers.rules.donation_numbers import NUMBER as DONATION_NUMBER
from supplychain.identifiers.rules.pseudonyms import identifying_problem, pseudonym_problem
from supplychain.moments import UnreadableMoment, moment_problem, read_moment
from supplychain.orders.rules.duties import PLACERS, Roles, has_right
from supplychain.orders.statuses import Priority

# A pseudonym: no spaces, so that no name slips in (21 CFR 1271.290(c)).
Pseudonym = Annotated[str, Meta(min_length=3, max_length=64, pattern=r"^[A-Za-z0-9._-]+\Z")]
Code = Annotated[str, Meta(max_length=50)]
Number = Annotated[str, Meta(max_length=64, pattern=r"^[^\x00]*$")]
IssuedNumber = Annotated[str, Meta(max_length=40, pattern=r"^[A-Za-z0-9 &/=._-]*\Z")]
Moment = Annotated[datetime, Meta(tz=True)]
Reason = Annotated[str, Meta(max_length=300, pattern=r"^[^\x00]*$")]


class OrderRefused(Exception):
    """An order that cannot be placed. `errors`: what to do, by field; `is_conflict`: it exists, otherwise."""

    def __init__(self, errors: dict[str, str], *, is_conflict: bool = False) -> None:
        super().__init__("; ".join(f"{field}: {text}" for field, text in errors.items()))
        self.errors = errors
        self.is_conflict = is_conflict


class OrderRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """One therapy for one patient, as a hospital, person or file asks for it; sites, product and flow by code."""

    product: Code
    patient_reference: Pseudonym
    ordering_site: Code
    plant: Code
    collection_site: Code = ""
    infusion_site: Code = ""
    flow: Code = ""
    coi: IssuedNumber = ""
    coi_issuer: Code = ""
    hospital_order_number: Number = ""
    promised_at: Moment | None = None
    ordered_at: Moment | None = None
    priority: Priority = Priority.ROUTINE
    priority_reason: Reason = ""
    promise_reason: Reason = ""
    twin_reason: Reason = ""
    source_event_id: Annotated[str, Meta(max_length=100, pattern=r"^[^\x00]*$")] = ""


MOMENTS = ("promised_at", "ordered_at")
IDENTIFIERS = ("patient_reference", "coi", "coi_issuer", "hospital_order_number")
HINTS = {
    "patient_reference": "a pseudonym of 3 to 64 letters, digits, dots, dashes and underscores; never a name or number "
    "that identifies the patient elsewhere",
    "priority": f"one of {', '.join(Priority.values)}",
}


def read_order_request(row: Mapping[str, Any]) -> OrderRequest:
    """The request in `row`, its identifiers in canonical form. Raises OrderRefused."""
    given = {name: canonical(row[name]) for name in IDENTIFIERS if isinstance(row.get(name), str)}
    event_id = {"source_event_id": canonical(text)} if isinstance(text := row.get("source_event_id"), str) else {}
    if problems := {name: said for name, text in (given | event_id).items() if (said := identifier_problem(text))}:
        raise OrderRefused(problems)
    if DONATION_NUMBER.fullmatch(given.get("coi", "").upper()):
        raise OrderRefused({"coi": "this is a donation number: a chain of identity does not take its place."})
    try:
        request = msgspec.convert(_prepared({**row, **given, **event_id}), OrderRequest)
    except msgspec.ValidationError as error:
        text, _, path = str(error).partition(" - at `$.")
        field = path.rstrip("`") or "order"
        raise OrderRefused({field: f"{text}; give {HINTS[field]}." if field in HINTS else f"{text}."}) from error
    if odd := [field for field in request.__struct_fields__ if not all_storable(getattr(request, field))]:
        raise OrderRefused({odd[0]: "It holds a NUL or half a character; send it again whole."})
    for field in MOMENTS:
        moment = getattr(request, field)
        if moment and (problem := moment_problem(moment)):
            raise OrderRefused({field: problem})
    return request


def problems_of_person(request: OrderRequest, roles: Roles) -> dict[str, str]:
    """Why a person with these roles at the order's places may not place it so, by field (21 CFR 11.10(g),
    1271.290(c))."""
    problems = {}
    if problem := pseudonym_problem(request.patient_reference):
        problems["patient_reference"] = problem
    if problem := identifying_problem(request.coi):
        problems["coi"] = f"{problem} A chain of identity names nobody: leave it empty, and CellOps makes one."
    if not has_right(PLACERS, roles):
        problems["ordering_site"] = (
            "You may order for the centres that you coordinate, or for a plant at which you are in operations."
        )
    return problems


def _prepared(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The row with its moments read, without blanks around texts and without what is not given (null)."""
    if not isinstance(row, Mapping):
        return row
    given = {name: part.strip() if isinstance(part, str) else part for name, part in row.items() if part is not None}
    for field in MOMENTS:
        if isinstance(given.get(field), str):
            try:
                given[field] = read_moment(given[field])
            except UnreadableMoment as problem:
                raise OrderRefused({field: str(problem)}) from problem
    return given
