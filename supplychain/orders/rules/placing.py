"""Reading a request for an order: what can be read becomes an OrderRequest, the rest says what to do by field."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from supplychain.characters import all_storable
from supplychain.field_words import struct_problems
from supplychain.identifiers.rules.characters import canonical, identifier_problem
from supplychain.identifiers.rules.donation_numbers import NUMBER as DONATION_NUMBER
from supplychain.identifiers.rules.pseudonyms import identifying_problem, pseudonym_problem
from supplychain.moments import UnreadableMoment, moment_problem, read_moment, written
from supplychain.orders.rules.duties import PLACERS, Roles, has_right
from supplychain.orders.statuses import Priority
from supplychain.reasons import MOST_REASON, is_no_reason

# A pseudonym: no spaces, so that no name slips in (21 CFR 1271.290(c)).
Pseudonym = Annotated[str, Meta(min_length=3, max_length=64, pattern=r"^[A-Za-z0-9._-]+\Z")]
Code = Annotated[str, Meta(max_length=50)]
Number = Annotated[str, Meta(max_length=64, pattern=r"^[^\x00]*$")]
IssuedNumber = Annotated[str, Meta(max_length=40, pattern=r"^[A-Za-z0-9 &/=._-]*\Z")]
Moment = Annotated[datetime, Meta(tz=True)]
Reason = Annotated[str, Meta(max_length=MOST_REASON, pattern=r"^[^\x00]*$")]
MOST_BAGS = 50


class OrderRefused(Exception):
    """An order that cannot be placed. `errors`: what to do, by field; `is_conflict`: it exists otherwise, as `order_id`
    where that is known; `readable`: what could be read of it, where that is not all, to look for further errors."""

    def __init__(
        self, errors: dict[str, str], *, is_conflict: bool = False, order_id: UUID | None = None,
        readable: "OrderRequest | None" = None,
    ) -> None:  # fmt: skip
        super().__init__("; ".join(f"{field}: {text}" for field, text in errors.items()))
        self.errors = errors
        self.is_conflict, self.order_id = is_conflict, order_id
        self.readable = readable


class OrderRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """One therapy for one patient, as a hospital, person or file asks for it; sites, product and flow by code.

    `collected_at`, `donation_number`, `bags`: where its cells were collected before the order and frozen: when they
    were, the number on their bags, how many there are.
    """

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
    collected_at: Moment | None = None
    donation_number: Number = ""
    bags: Annotated[int, Meta(ge=1, le=MOST_BAGS)] | None = None
    donation_reason: Reason = ""
    source_event_id: Annotated[str, Meta(max_length=100, pattern=r"^[^\x00]*$")] = ""


URGENT_WHY = "Say why it is urgent: the plant decides by it."
REQUIRED = ("product", "patient_reference", "ordering_site", "plant")
# An order may be ahead of our clock by so much: beyond it the date is a mistake, not a clock.
CLOCK_AHEAD = timedelta(days=1)
MOMENTS = ("promised_at", "ordered_at", "collected_at")
NUMBERS = ("patient_reference", "coi", "coi_issuer", "hospital_order_number", "source_event_id")
HINTS = {
    "patient_reference": "a pseudonym of 3 to 64 letters, digits, dots, dashes and underscores; never a name or number "
    "that identifies the patient elsewhere",
    "priority": f"one of {', '.join(Priority.values)}",
    "bags": f"a whole number of bags, 1 to {MOST_BAGS}",
    "coi": "at most 40 letters, digits, blanks and & / = . _ -",
}


def read_order_request(row: Mapping[str, Any]) -> OrderRequest:
    """The request in `row`, its identifiers in canonical form. Raises OrderRefused with all that cannot be read."""
    if not isinstance(row, Mapping):
        raise OrderRefused({"order": "An order is a JSON object with its fields by name."})
    problems: dict[str, str] = {}
    given = _prepared(row, problems)
    try:
        request = msgspec.convert(given, OrderRequest)
    except msgspec.ValidationError:
        problems = struct_problems(given, OrderRequest, HINTS) | _identifier_problems(given) | problems
        request = OrderRequest(**dict.fromkeys(REQUIRED, "") | _readable(given, problems))
    problems = _problems_of(request) | problems
    if problems:
        problems = _of_fields(problems)
        good = {name: getattr(request, name) for name in request.__struct_fields__ if name not in problems}
        raise OrderRefused(problems, readable=OrderRequest(**dict.fromkeys(REQUIRED, "") | good))
    return request


def _readable(given: Mapping[str, Any], problems: Mapping[str, str]) -> dict[str, Any]:
    """Those fields of a request that can be read."""
    fields = {field.name: field for field in msgspec.structs.fields(OrderRequest)}
    names = [name for name in given if name in fields and name not in problems]
    return {name: msgspec.convert(given[name], fields[name].type) for name in names}


def _of_fields(problems: dict[str, str]) -> dict[str, str]:
    """By field of an order; what there is no field for is said of the order."""
    unknown = [text for name, text in problems.items() if name not in OrderRequest.__struct_fields__]
    known = {name: text for name, text in problems.items() if name in OrderRequest.__struct_fields__}
    return known | ({"order": " ".join(unknown)} if unknown else {})


def _identifier_problems(given: Mapping[str, Any]) -> dict[str, str]:
    """What was made of a number on its way here, by field: said rather than that it has another form."""
    texts = {field: given[field] for field in NUMBERS if isinstance(given.get(field), str)}
    found = {field: identifier_problem(text, is_required=field in REQUIRED) for field, text in texts.items() if text}
    return {field: problem for field, problem in found.items() if problem}


def _problems_of(request: OrderRequest) -> dict[str, str]:
    """Why a request that could be decoded is not taken, by field."""
    found: dict[str, str] = {}
    for field in request.__struct_fields__:
        if not all_storable(getattr(request, field)):
            found[field] = "It holds a NUL or half a character; send it again whole."
    texts = {field: text for field in NUMBERS if (text := getattr(request, field)) and field not in found}
    found |= _identifier_problems(texts)
    if DONATION_NUMBER.fullmatch(request.coi.upper()):
        found["coi"] = "this is a donation number: a chain of identity does not take its place."
    for field in MOMENTS:
        moment = getattr(request, field)
        if moment and (problem := moment_problem(moment)):
            found[field] = problem
    return found


def ordered_ahead_problem(ordered_at: datetime | None, now: datetime) -> str:
    """Why an order cannot be of this moment: no report puts right when it was placed. A clock that is fast by hours is
    forgiven, for the order waits for nobody; empty if nothing is wrong."""
    if ordered_at is None or ordered_at - now <= CLOCK_AHEAD:
        return ""
    return f"“{written(ordered_at)}” is still to come: say when the order was placed."


def wanted_before_problem(wanted_at: datetime | None, ordered_at: datetime) -> str:
    """Why a dose cannot be wanted by this date: it had passed when the order was placed; empty if it had not. Orders of
    the past come with their moment."""
    if wanted_at is None or wanted_at > ordered_at:
        return ""
    return "This moment had passed when the order was placed: choose a later date, or none."


def problems_of_person(request: OrderRequest, roles: Roles | None) -> dict[str, str]:
    """Why a person with these roles at the order's places may not place it so, by field (21 CFR 11.10(g),
    1271.290(c)). An order of the past comes with its moment, and with what was said then. `roles` None: its places are
    not known."""
    problems = {}
    if problem := pseudonym_problem(request.patient_reference):
        problems["patient_reference"] = problem
    if problem := identifying_problem(request.coi):
        problems["coi"] = f"{problem} A chain of identity names nobody: leave it empty, and CellOps makes one."
    is_urgent = request.priority == Priority.URGENT and request.ordered_at is None
    if is_urgent and is_no_reason(request.priority_reason):
        problems["priority_reason"] = URGENT_WHY
    if roles is not None and not has_right(PLACERS, roles):
        problems["ordering_site"] = (
            "You may order for the centres that you coordinate, or for a plant at which you are in operations."
        )
    return problems


def _prepared(row: Mapping[str, Any], problems: dict[str, str]) -> dict[str, Any]:
    """The row with its moments read and its identifiers in canonical form, without blanks around texts and without what
    is not given (null); `problems` gets the moments that cannot be read, which are left out."""
    given = {name: part.strip() if isinstance(part, str) else part for name, part in row.items() if part is not None}
    for field in NUMBERS:
        if isinstance(given.get(field), str):
            given[field] = canonical(given[field])
    for field in MOMENTS:
        if isinstance(given.get(field), str):
            try:
                given[field] = read_moment(given[field])
            except UnreadableMoment as problem:
                problems[field] = str(problem)
                del given[field]
    return given
