"""The packing and unpacking of a shipment in words. Pure."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from supplychain.flows.rules.checklists import CheckItem
from supplychain.flows.rules.plans import StagePlan
from supplychain.flows.statuses import Direction
from supplychain.orders.rules.collections import value_words
from supplychain.orders.rules.duties import WHO_ACTS
from supplychain.orders.rules.packing import (
    ANSWERS,
    ASKED,
    LOGGERS,
    PACKED,
    QUALIFIED_UNTIL,
    REMARK,
    SEAL_NUMBER,
    SHIPPER,
    SHIPPER_NUMBER,
    UNPACKED,
    keeps_cells,
)
from supplychain.orders.statuses import Packaging, SealFound, ShipperFound
from supplychain.people.statuses import Role
from supplychain.sentences import moment_mark
from supplychain.transport.rules.packaging import day_words, range_words

NO_ANSWERS = {
    PACKED: "The checklist of its packing was not answered.",
    UNPACKED: "The checklist of its unpacking was not answered.",
}
NO_REPORT = (
    "Nobody has reported how it was packed, although its flow asks for that. Whoever packed it reports it under "
    "“Record”, also later."
)
REPACK = (
    "pack the cells into a shipper that fits, and report that as packed; then this flag goes by itself. Without "
    "another shipper: call quality assurance before the cells leave"
)
DECIDE = (
    "QA: decide by the shipper’s record and the loggers whether the cells may be used as they are, and settle this "
    "flag with your reason"
)
FIRST = (
    "QA: until it is clear no dose of these cells is released or given; look at bag, seal and loggers, and settle this "
    "flag with what you found"
)


def packing_words(plan: StagePlan, kind: str, said: Mapping[str, Any]) -> str:
    """“Packed into shipper DS-0412 (…); seal 4711; loggers L-1, L-2.” of what a shipment keeps. Of one that does not
    keep what the cells need no cold is said."""
    parts = _packed(plan, said) if kind == PACKED else _unpacked(said)
    remark = f" “{said[REMARK]}”" if said.get(REMARK) else ""
    return f"{'; '.join(parts)}.{remark}"


def _packed(plan: StagePlan, said: Mapping[str, Any]) -> Iterator[str]:
    shipper = said.get(SHIPPER, {})
    yield f"Packed into shipper {said[SHIPPER_NUMBER]}{_qualified(shipper)}"
    if not keeps_cells(plan, shipper):
        yield "no cold for these cells"
    elif cold := said.get(QUALIFIED_UNTIL):
        yield f"cold until {moment_mark(datetime.fromisoformat(cold))}, as it was reported"
    elif cold := shipper.get("cold_until"):
        hours = f"{shipper['hold_hours']:g} h from its packing"
        yield f"cold until {moment_mark(datetime.fromisoformat(cold))}, {hours}"
    yield f"seal {said[SEAL_NUMBER]}" if said.get(SEAL_NUMBER) else "no seal reported"
    if loggers := said.get(LOGGERS):
        yield f"logger{'s' if loggers[1:] else ''} {', '.join(loggers)}"
    if said.get("packed_by"):
        yield f"packed by {said['packed_by']}"


def _qualified(shipper: Mapping[str, Any]) -> str:
    """What master data said of it when its packing was reported."""
    if shipper.get("found") != ShipperFound.ONE:
        return ""
    until = day_words(date.fromisoformat(shipper[QUALIFIED_UNTIL]))
    retired = ", retired" if shipper["is_retired"] else ""
    return f" ({shipper['model']}, {range_words(shipper)}, qualified until {until}{retired})"


def _unpacked(said: Mapping[str, Any]) -> Iterator[str]:
    where = f" from shipper {said[SHIPPER_NUMBER]}" if said.get(SHIPPER_NUMBER) else ""
    yield f"Unpacked{where}: packaging {Packaging(said['packaging']).label.lower()}"
    read = f" ({said[SEAL_NUMBER]})" if said.get(SEAL_NUMBER) else ""
    seals = {
        SealFound.MATCHES: "seal intact",
        SealFound.BROKEN: "seal broken",
        SealFound.OTHER: "another seal",
        SealFound.NONE: "no seal",
    }
    yield f"{seals[SealFound(said['seal'])]}{read}"
    if said.get("unpacked_by"):
        yield f"unpacked by {said['unpacked_by']}"


def answered(items: tuple[CheckItem, ...], said: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each answer to the checklist: what was asked, as it was asked then, and the answer."""
    known, asked = {item.code: item for item in items}, said.get(ASKED, {})
    return [
        (asked.get(code) or (known[code].asked if code in known else code), value_words(known.get(code), value))
        for code, value in said.get(ANSWERS, {}).items()
    ]


def packaging_step(plan: StagePlan, *, is_grave: bool, has_left: bool) -> str:
    """What is to be done about a shipper or packaging in doubt, and by whom: a sentence."""
    if has_left:
        return f"{FIRST if is_grave else DECIDE}."
    sender = Role.SITE_COORDINATOR if plan.direction == Direction.INBOUND else Role.OPERATIONS
    return f"{WHO_ACTS[sender]}: {REPACK}."
