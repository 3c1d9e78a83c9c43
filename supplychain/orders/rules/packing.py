"""A shipper that is packed for a transport, and unpacked at its end: what is said of it, what is wrong with that, and
what the run keeps. Pure.

What master data says of the shipper is sealed into the report of its packing: what is changed there later changes
nothing of a shipment that has been packed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from supplychain.flows.rules.checklists import MOST_CODE
from supplychain.flows.rules.plans import StagePlan
from supplychain.flows.rules.storage import storage_condition
from supplychain.identifiers.rules.characters import hidden_problem, identifier_problem
from supplychain.moments import CLOCK_TOLERANCE, written
from supplychain.orders.rules.collections import MOST_ANSWERS, is_answer, open_items
from supplychain.orders.rules.states import Fact, RunState
from supplychain.orders.statuses import PACKING_ENDS, Packaging, SealFound, ShipperFound, StageEventKind, StageStatus
from supplychain.reasons import says_nothing

PACKED, UNPACKED = StageEventKind.SHIPMENT_PACKED, StageEventKind.SHIPMENT_UNPACKED
# Among a run's details: the newest report of each.
KEPT_AS: Mapping[str, str] = {PACKED: "packing", UNPACKED: "unpacking"}
# And what was packed and unpacked on the ways before the newest packing.
EARLIER = "earlier_packings"
# … or was found on this way, and reported once more since.
IS_SAME_WAY = "is_same_way"
ANSWERS, ASKED, SEAL_NUMBER, LOGGERS, REMARK = "answers", "asked", "seal_number", "loggers", "remark"
SHIPPER_NUMBER, QUALIFIED_UNTIL = "shipper_number", "qualified_until"
# What CellOps adds to the report of a packing: what master data said of its shipper when the report came.
SHIPPER = "shipper"
KEPT = (
    SHIPPER_NUMBER, SHIPPER, SEAL_NUMBER, LOGGERS, "packed_by", "unpacked_by", "packaging", "seal", ANSWERS, ASKED,
    REMARK,
)  # fmt: skip
MOST_LOGGERS, MOST_NAME = 20, 64
NAMES = (SEAL_NUMBER, "packed_by", "unpacked_by")


class KnownShipper(NamedTuple):
    """A shipper as master data has it; `coldest`, `warmest` in °C, `qualified_until`: the last day, in `time_zone`."""

    id: UUID
    number: str
    site_id: UUID
    site: str
    model: str
    coldest: float | None
    warmest: float | None
    hold_hours: float
    qualified_until: date
    time_zone: str
    qualification_record: str
    is_retired: bool


@dataclass(frozen=True, slots=True)
class ShippersKnown:
    """Shippers of some numbers at some sites; `keepers`: those of the sites that keep any in their master data."""

    shippers: Sequence[KnownShipper] = ()
    keepers: frozenset[UUID] = frozenset()


def sealed_shipper(
    said: Mapping[str, Any], packed_at: datetime, site_ids: Iterable[UUID], known: ShippersKnown
) -> dict[str, Any]:
    """What is sealed of the shipper that a report of a packing names (`said`: its payload), at an order of these
    sites. Where it does not say how long the cold lasts, that is counted from the packing (`cold_until`)."""
    sites, number = set(site_ids), str(said[SHIPPER_NUMBER]).upper()
    alike = [one for one in known.shippers if one.site_id in sites and one.number.upper() == number]
    usable = [one for one in alike if not one.is_retired] or alike
    if not usable:
        return {"found": ShipperFound.NONE.value if sites & known.keepers else ShipperFound.NOT_KEPT.value}
    if usable[1:]:
        return {"found": ShipperFound.SEVERAL.value, "sites": sorted(one.site for one in usable)}
    shipper = usable[0]._asdict()
    del shipper["site_id"]
    shipper |= {"id": str(usable[0].id), QUALIFIED_UNTIL: usable[0].qualified_until.isoformat()}
    if QUALIFIED_UNTIL not in said:
        shipper["cold_until"] = written(packed_at.astimezone(UTC) + timedelta(hours=usable[0].hold_hours))
    return {"found": ShipperFound.ONE.value} | shipper


def as_sent(kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    """A stored payload without what was added to it."""
    return {name: part for name, part in payload.items() if name != SHIPPER} if kind == PACKED else payload


def packing_problems(kind: str, payload: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the payload of a packing or unpacking, by field."""
    if kind not in PACKING_ENDS:
        return {}
    wrong = _packed_problems(payload) if kind == PACKED else _unpacked_problems(payload)
    for name in (name for name in NAMES if name in payload):
        if not _is_name(payload[name]):
            wrong[name] = f"payload.{name}: must be a text of 1 to {MOST_NAME} characters."
        elif problem := identifier_problem(payload[name]) if name == SEAL_NUMBER else hidden_problem(payload[name]):
            wrong[name] = f"payload.{name}: {problem}"
    if REMARK in payload and (not isinstance(payload[REMARK], str) or says_nothing(payload[REMARK])):
        wrong[REMARK] = f"payload.{REMARK}: must be a text; leave it out where there is none."
    return wrong | _answer_problems(payload)


def _packed_problems(payload: Mapping[str, Any]) -> dict[str, str]:
    wrong = {}
    if SHIPPER_NUMBER not in payload:
        wrong[SHIPPER_NUMBER] = (
            f"payload.{SHIPPER_NUMBER}: say into which shipper it was packed: the number on it, or its type where it "
            "has none."
        )
    if SHIPPER in payload:
        wrong[SHIPPER] = f"payload.{SHIPPER}: CellOps adds it from its master data; send {SHIPPER_NUMBER}."
    loggers = payload.get(LOGGERS, ["-1"])
    if not isinstance(loggers, list) or not 1 <= len(loggers) <= MOST_LOGGERS or not all(map(_is_name, loggers)):
        wrong[LOGGERS] = f"payload.{LOGGERS}: must be 1 to {MOST_LOGGERS} numbers of loggers, in a list."
    elif problem := next(filter(None, map(identifier_problem, loggers)), ""):
        wrong[LOGGERS] = f"payload.{LOGGERS}: {problem}"
    return wrong


def _unpacked_problems(payload: Mapping[str, Any]) -> dict[str, str]:
    asked = {"packaging": Packaging.values, "seal": SealFound.values}
    return {
        name: f"payload.{name}: use one of {', '.join(values)}."
        for name, values in asked.items()
        if payload.get(name) not in values
    }


def _answer_problems(payload: Mapping[str, Any]) -> dict[str, str]:
    answers, asked = payload.get(ANSWERS, {}), payload.get(ASKED, {})
    if not isinstance(answers, dict) or len(answers) > MOST_ANSWERS:
        return {ANSWERS: f"payload.{ANSWERS}: must be at most {MOST_ANSWERS} answers by the code of their item."}
    if not all(is_answer(value) and len(code) <= MOST_CODE for code, value in answers.items()):
        return {ANSWERS: f"payload.{ANSWERS}: each must be true, false, a number or a text, by the code of its item."}
    if not isinstance(asked, dict) or not all(isinstance(text, str) for text in asked.values()):
        return {ASKED: f"payload.{ASKED}: must be the text of the items as they were asked, by code."}
    return {}


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and not says_nothing(value) and len(value) <= MOST_NAME


def packing_details(plan: StagePlan, run: RunState, fact: Fact) -> dict[str, Any]:
    """What the run keeps of it: the newest report of each. Packed anew, or into another shipper than was booked, what
    was said of the cold before counts no more; one that does not keep what the cells need gives them none."""
    said, name = fact.payload, KEPT_AS[fact.kind]
    entry = {"event": str(fact.event_id), "at": written(fact.occurred_at.astimezone(UTC))}
    entry |= {one: said[one] for one in KEPT if one in said}
    if fact.kind != PACKED:
        return {name: entry} | _found_before(run)
    if (is_late := packed_after_leaving(run, fact)) and name in run.details:
        return {}
    cold = said.get(QUALIFIED_UNTIL) or (None if is_late else said.get(SHIPPER, {}).get("cold_until"))
    cold = cold if keeps_cells(plan, said.get(SHIPPER, {})) else None
    is_other = is_other_shipper(said.get(SHIPPER_NUMBER), run.details.get(SHIPPER_NUMBER))
    is_told = cold or is_other or name in run.details or not keeps_cells(plan, said.get(SHIPPER, {}))
    kept = {name: entry} | _way_before(run)
    return kept | ({QUALIFIED_UNTIL: _in_one_spelling(cold)} if is_told else {})


def _way_before(run: RunState) -> dict[str, Any]:
    """What a run keeps as it is packed anew after an unpacking: that belongs to the packing before."""
    if not (unpacked := packing_of(run, UNPACKED)):
        return {}
    before = {KEPT_AS[PACKED]: packing_of(run, PACKED), KEPT_AS[UNPACKED]: unpacked}
    return {KEPT_AS[UNPACKED]: None, EARLIER: [*run.details.get(EARLIER, ()), before]}


def _found_before(run: RunState) -> dict[str, Any]:
    """What a run keeps as its unpacking is reported once more: what was found amiss before is not undone by that."""
    if not (unpacked := packing_of(run, UNPACKED)):
        return {}
    before = {KEPT_AS[PACKED]: packing_of(run, PACKED), KEPT_AS[UNPACKED]: unpacked, IS_SAME_WAY: True}
    return {EARLIER: [*run.details.get(EARLIER, ()), before]}


def puts_in_doubt(plan: StagePlan, kind: str, payload: Mapping[str, Any]) -> bool:
    """Whether a packing by itself puts the cells in doubt: it is into a shipper that does not keep them, or a critical
    point of its checklist is open."""
    if kind != PACKED:
        return False
    answers = payload.get(ANSWERS)
    open_points = open_items(plan.packing, answers) if answers else ()
    return not keeps_cells(plan, payload.get(SHIPPER, {})) or any(why and item.is_critical for item, why in open_points)


def has_left(run: RunState) -> bool:
    """Whether the shipment is on its way, or has been: of one that failed the cells may be packed for another."""
    return run.is_done or (run.started_at is not None and run.status != StageStatus.FAILED)


def packed_after_leaving(run: RunState, fact: Fact) -> bool:
    """Whether a packing is reported for a moment at which the shipment had left: it changes nothing of one that was
    reported for before, and gives no cold."""
    if fact.kind != PACKED or not has_left(run):
        return False
    return run.is_done or run.started_at is None or fact.occurred_at - run.started_at > CLOCK_TOLERANCE


def without_packed(run: RunState, fact: Fact, known: dict[str, Any]) -> dict[str, Any]:
    """What another report says of the shipper (`known`: of the run's details), as far as it counts once that was
    packed: a booking says what was meant to be packed, an unpacking what was found (it is kept as that); whoever takes
    over another shipper knows nothing of its cold."""
    is_late = packed_after_leaving(run, fact)
    if not packing_of(run, PACKED) or (fact.kind == PACKED and not is_late):
        return known
    if is_late or fact.kind in (StageEventKind.SCHEDULED, UNPACKED):
        return {name: part for name, part in known.items() if name not in (SHIPPER_NUMBER, QUALIFIED_UNTIL)}
    if is_other_shipper(known.get(SHIPPER_NUMBER), packing_of(run, PACKED).get(SHIPPER_NUMBER)):
        return {QUALIFIED_UNTIL: None} | known
    return known


def is_other_shipper(one: str | None, other: str | None) -> bool:
    """Whether two reports name two shippers."""
    return bool(one and other) and str(one).upper() != str(other).upper()


def keeps_cells(plan: StagePlan, shipper: Mapping[str, Any]) -> bool:
    """Whether all that a shipper keeps (as sealed into its packing) is inside what the cells of this transport are
    labelled for; of one of which nobody knows what it keeps nothing else is known. In hundredths of a degree."""
    wanted = storage_condition(plan.storage)
    if wanted is None or shipper.get("found") != ShipperFound.ONE:
        return True
    low, high = hundredths(shipper.get("coldest")), hundredths(shipper.get("warmest"))
    is_warm_enough = wanted.low is None or (low is not None and low >= wanted.low)
    return is_warm_enough and (wanted.high is None or (high is not None and high <= wanted.high))


def hundredths(celsius: float | None) -> int | None:
    """A temperature as storage conditions have it."""
    return None if celsius is None else round(celsius * 100)


def _in_one_spelling(text: str | None) -> str | None:
    return datetime.fromisoformat(text).isoformat() if text else None


def packing_of(run: RunState | None, kind: str) -> Mapping[str, Any]:
    """The newest report of this kind that a run keeps; empty: there is none."""
    return (run.details.get(KEPT_AS[kind]) or {}) if run else {}
