"""A chain report laid out for paper. Pure: the same report gives the same pages for ever."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from functools import partial
from typing import Any

from dashboards.orders.rules.chain_paper_transports import decided, excursions, loggers, shipments
from supplychain.documents.rules.fingerprints import printed
from supplychain.pages.papers import Paper, PaperPart
from supplychain.sentences import said_in
from supplychain.words import clock_words, date_words, moment_words

FIRST_FORM, FORM = "cellops chain report, version 1", "cellops chain report, version 2"
Report = Mapping[str, Any]
# What a part says in which nothing stands.
NOTHING = {
    "Identity checks": "No code was read with this order in hand.",
    "Chain of custody": "Nobody reported who held the cells.",
    "Collection": "No collection was recorded.",
    "Shipments": "No shipment was recorded.",
    "Chain of condition": "No readings were handed in.",
    "Excursions": "No excursion was found in the readings that were handed in.",
    "Materials": "No material was recorded.",
    "Reagents and vectors": "No reagent and no vector was recorded.",
    "Manufacturing": "No batch was recorded.",
    "Flags and decisions": "No flag was raised.",
    "Electronic signatures": "Nothing is signed.",
}
ORDER_ROWS = (
    ("Chain of identity", "chain_of_identity"), ("Issued by", "issuer"), ("Patient reference", "patient_reference"),
    ("Product", "product"), ("Flow", "flow"), ("Priority", "priority"), ("Status", "status"), ("Attempt", "attempt"),
    ("Ordered by", "ordered_by"), ("Collection", "collection"), ("Plant", "plant"), ("Infusion", "infusion"),
)  # fmt: skip
MOMENT_ROWS = (
    ("Ordered", "ordered_at"), ("Confirmed", "confirmed_at"), ("Date agreed or wanted", "promised_at"),
    ("On hold since", "held_at"), ("Infused", "infused_at"), ("Cancelled", "cancelled_at"), ("Closed", "closed_at"),
)  # fmt: skip


def chain_paper(report: Report, fingerprint: str, address: str, zone: tzinfo, *, remark: str = "") -> Paper:
    """`address`: where a printed copy is compared with the record; `remark`: that this is no real patient's."""
    order, at = report["order"], partial(_moment, zone=zone)
    made = f"Made by {report['made_by']} on {at(report['made_at'])}. All times are in {report['time_zone']}. {remark}"
    check = f"Fingerprint {printed(fingerprint)}. Compare this copy with the record: {address}"
    return Paper(
        title=f"Chain report of order {order['chain_of_identity']}",
        leads=(made.strip(), _seal_words(report["seal"], at), check),
        parts=[part for part in _parts(report, at, zone) if part.rows or part.lead],
        foot=f"CellOps · chain report · {order['chain_of_identity']} · {fingerprint[:12]}",
        code=f"{address}?fingerprint={fingerprint}",
        warning=" ".join(filter(None, (_seal_warning(report["seal"]), _flag_warning(report["flags"])))),
    )


def _moment(text: str | None, zone: tzinfo) -> str:
    return moment_words(datetime.fromisoformat(text), zone) if text else ""


def _fact(text: str | None, at: Any, made_at: str) -> str:
    """A moment that somebody reported as having happened; one behind the making of the report is still to come."""
    is_ahead = text and datetime.fromisoformat(text) > datetime.fromisoformat(made_at)
    return f"{at(text)}, still to come" if is_ahead else at(text)


def _seal_words(seal: Report, at: Any) -> str:
    events = f"{seal['events']} event{'' if seal['events'] == 1 else 's'}"
    if seal["broken"]:
        return f"The seal over {events} was verified on {at(seal['verified_at'])} and is broken."
    return f"Sealed: {events}, all verified on {at(seal['verified_at'])}, none altered. Seal {seal['head']}."


def _seal_warning(seal: Report) -> str:
    if not seal["broken"]:
        return ""
    return f"The record has been altered: its seal breaks at event {seal['broken']['event']}, {seal['broken']['why']}."


def _flag_warning(flags: Sequence[Report]) -> str:
    """Which critical flags stood; reports of an older version do not say."""
    critical = [_flagged(one) for one in flags if one.get("is_critical") and not one["cleared_at"]]
    if not critical:
        return ""
    count = f"{len(critical)} critical flag{'s' if critical[1:] else ''}"
    return f"When this was made, {count} stood on this order: {'; '.join(critical)}."


def _flagged(flag: Report) -> str:
    return " · ".join(filter(None, (flag["title"], flag["stage"])))


def _parts(report: Report, at: Any, zone: tzinfo) -> Sequence[PaperPart]:
    fact, is_first = partial(_fact, at=at, made_at=report["made_at"]), report["form"] == FIRST_FORM
    parts = (
        _order(report["order"], at),
        _identity(report["identifiers"], at),
        _checks(report["identity_checks"], at),
        _custody(report["custody"], fact, zone),
        _budgets(report.get("hold_budgets", ()), zone),
        _collections(report["collections"], at),
        _records(report["collections"], at),
        *shipments(report["shipments"], at, fact),
        loggers(report["condition"], at, says_none=not is_first),
        excursions(report["condition"], at),
        _materials(report["materials"], at),
        _lots(report["lots"], at),
        _batches(report["batches"], at),
        _stages(report["stages"], at),
        _flags(report["flags"], at, zone),
        _signatures(report.get("signatures", ()), zone),
        _events(report["events"], at, zone),
    )
    return parts if is_first else [_or_nothing(part) for part in parts]


def _or_nothing(part: PaperPart) -> PaperPart:
    """Whoever reads paper must tell “never” from “not told”."""
    return replace(part, lead=NOTHING.get(part.title, "")) if not (part.rows or part.lead) else part


def _order(order: Report, at: Any) -> PaperPart:
    rows = [(name, str(order[key])) for name, key in ORDER_ROWS]
    return PaperPart("Order", rows + [(name, at(order[key])) for name, key in MOMENT_ROWS if order[key]])


def _identity(identifiers: Sequence[Report], at: Any) -> PaperPart:
    rows = [
        (one["kind"], one["value"], one["issuer"], at(one["since"]), "" if one["stands"] else "no longer this order’s")
        for one in identifiers
    ]
    return PaperPart("Chain of identity", rows, ("Number", "Value", "Issuer", "Known since", ""), (2, 3, 2, 2, 2))


def _checks(checks: Sequence[Report], at: Any) -> PaperPart:
    rows = [
        (
            at(one["read_at"]),
            one["read"],
            one["outcome"],
            one["stage"],
            " · ".join(filter(None, (one["by"], one["device"]))),
        )
        for one in checks
    ]
    return PaperPart("Identity checks", rows, ("Read", "Code", "Outcome", "At", "By"), (2, 4, 1.5, 2, 3))


def _custody(custody: Sequence[Report], fact: Any, zone: tzinfo) -> PaperPart:
    rows = [
        (" · ".join(filter(None, (one["holder"], one["place"], one.get("said")))),
         fact(one["since"]), fact(one["until"]),
         " · ".join((one["reported_by"], *(said_in(said, zone) for said in one.get("second_people", ())))),
         said_in(one["gap"], zone))
        for one in custody
    ]  # fmt: skip
    heads = ("Who held the cells", "From", "To", "Reported by", "What does not fit")
    return PaperPart("Chain of custody", rows, heads, (4, 2, 2, 2.5, 4))


def _budgets(budgets: Sequence[Report], zone: tzinfo) -> PaperPart:
    return PaperPart("Hold-time budget", [(one["stage"], said_in(one["said"], zone)) for one in budgets])


def _materials(materials: Sequence[Report], at: Any) -> PaperPart:
    rows = [
        ("· " * one["depth"] + one["number"], " ".join(filter(None, (one["kind"], one["component"]))), one["storage"],
         at(one["made_at"]), at(one["expires_at"]),
         "; ".join(filter(None, (one["status"], one["status_reason"], *one["doubts"]))), ", ".join(one["lots"]))
        for one in materials
    ]  # fmt: skip
    heads = ("Number", "What", "Storage", "Made", "Expires", "Status", "Lots")
    return PaperPart("Materials", rows, heads, (3, 2, 1.8, 2, 2, 3, 3))


def _lots(lots: Sequence[Report], at: Any) -> PaperPart:
    rows = [
        (one["kind"], one["product"], one["lot"], one.get("last_day") or at(one["expires_at"]),
         at(one["used_at"]) + (", after its expiry" if one["was_expired"] else ""))
        for one in lots
    ]  # fmt: skip
    return PaperPart("Reagents and vectors", rows, ("Kind", "Product", "Lot", "Expires", "Used"), (1.5, 3, 3, 2, 3))


def _collections(collections: Sequence[Report], at: Any) -> PaperPart:
    rows = [
        (one["site"], one["donation_number"], one["status"], at(one["started_at"]), at(one["ended_at"]))
        for one in collections
    ]
    return PaperPart("Collection", rows, ("Site", "Donation number", "Status", "Began", "Ended"), (3, 3, 2, 2, 2))


def _records(collections: Sequence[Report], at: Any) -> PaperPart:
    """What was answered of collections; a report from before there were records says nothing of them."""
    rows = [
        (said["asked"], said["answer"] if said["is_current"] else f"{said['answer']} (corrected later)", said["by"],
         at(said["at"]), said["reason"])
        for one in collections for said in one.get("record", ())
    ]  # fmt: skip
    lacks = [text for one in collections if one.get("record") for text in (*one["open"], one["open_reason"]) if text]
    heads = ("Asked", "Answer", "By", "When", "Why")
    return PaperPart("Record of the collection", rows, heads, (4, 2.5, 2.5, 2, 3), lead=" · ".join(lacks))


def _batches(batches: Sequence[Report], at: Any) -> PaperPart:
    rows = [
        (one["number"] or "not given", str(one["attempt"]), one["status"],
         " · ".join(filter(None, (one["plant"], one["suite"]))), at(one["started_at"]), at(one["harvested_at"]),
         at(one["released_at"] or one["failed_at"]))
        for one in batches
    ]  # fmt: skip
    heads = ("Batch", "Attempt", "Status", "Made at", "Started", "Harvested", "Released or failed")
    return PaperPart("Manufacturing", rows, heads, (3, 1.2, 2, 3, 2, 2, 2.2))


def _stages(stages: Sequence[Report], at: Any) -> PaperPart:
    rows = [
        (one["stage"], str(one["attempt"]), one["status"], " · ".join(filter(None, (one["site"], one["resource"]))),
         at(one["ready_at"]), at(one["started_at"]), at(one["ended_at"]))
        for one in stages
    ]  # fmt: skip
    heads = ("Stage", "Attempt", "Status", "Where", "Could start", "Started", "Ended")
    return PaperPart("Journey", rows, heads, (3, 1.2, 2, 3, 2, 2, 2))


def _flags(flags: Sequence[Report], at: Any, zone: tzinfo) -> PaperPart:
    rows = [
        (_flagged(one), one["severity"], said_in(one["why"], zone),
         at(one["raised_at"]), at(one["cleared_at"]) or "stands", _decision(one, at))
        for one in flags
    ]  # fmt: skip
    heads = ("Flag", "Severity", "Why", "Raised", "Cleared", "Decision")
    return PaperPart("Flags and decisions", rows, heads, (2.5, 1.4, 5, 1.8, 1.8, 3.5))


def _decision(flag: Report, at: Any) -> str:
    if said := flag["settled"]:
        return f"Settled by {said['by']}, {at(said['at'])}: “{said['reason']}”"
    if said := flag.get("decided"):
        return decided(said, at)
    if said := flag.get("resolved"):
        each = (f"{one['by']}, {at(one['at'])}: “{one['reason']}”" for one in said)
        return f"{'Resolved' if flag['is_resolved'] else 'One of two:'} by {'; '.join(each)}"
    if not flag["acknowledged_by"]:
        return ""
    comment = f": “{flag['comment']}”" if flag["comment"] else ""
    return f"Acknowledged by {flag['acknowledged_by']}, {at(flag['acknowledged_at'])}{comment}"


def _signatures(signatures: Sequence[Report], zone: tzinfo) -> PaperPart:
    rows = [
        (str(one["position"]), one["meaning"], f"{one['printed_name']}, {one['role']}", _second(one["signed_at"], zone),
         one["record"], one["digest"][:12])
        for one in signatures
    ]  # fmt: skip
    lead = "Given with the password anew, each under the event of this number; compared with the record as it was then."
    heads = ("Event", "Meaning", "Signed by", "Signed", "Record", "SHA-256")
    return PaperPart("Electronic signatures", rows, heads, (0.8, 3.5, 3.5, 2.2, 3, 1.8), lead if rows else "")


def _second(text: str, zone: tzinfo) -> str:
    """Day, second and zone."""
    at = datetime.fromisoformat(text).astimezone(zone)
    return f"{date_words(at, None, zone)} {clock_words(at, seconds=True)} {at:%Z}"


def _events(events: Sequence[Report], at: Any, zone: tzinfo) -> PaperPart:
    rows = [
        (str(one["position"]), at(one["occurred_at"]), at(one["recorded_at"]),
         "; ".join((one["what"], *one.get("why", ()), *(said_in(text, zone) for text in one["notes"]))),
         one["said_by"], one["hash"][:12])
        for one in events
    ]  # fmt: skip
    lead = "Every report, in the order in which it was recorded. What each said word for word stands in the JSON."
    heads = ("No.", "Occurred", "Recorded", "What", "Said by", "Seal")
    return PaperPart("Events", rows, heads, (0.8, 2, 2, 6, 2.4, 2), lead)
