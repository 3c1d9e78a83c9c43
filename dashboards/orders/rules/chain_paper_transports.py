"""What a chain report says on paper of transports: shipments, loggers, excursions. Pure."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from supplychain.pages.papers import PaperPart

Report = Mapping[str, Any]


def loggers(condition: Sequence[Report], at: Any, *, says_none: bool) -> PaperPart:
    """`says_none`: of which transports nothing was handed in; reports of the first form do not say it."""
    rows = [
        (one["transport"], one["kept"] or "not said", logger["logger"], str(logger["readings"]), at(logger["first_at"]),
         at(logger["last_at"]), f"{_degrees(logger['lowest'])} to {_degrees(logger['highest'])}", str(logger["gaps"]))
        for one in condition for logger in one["loggers"]
    ]  # fmt: skip
    heads = ("Transport", "To be kept", "Logger", "Readings", "First", "Last", "Temperature", "Gaps")
    without = [one["transport"] for one in condition if not one["loggers"]] if says_none else []
    lead = f"No readings were handed in of: {'; '.join(without)}." if without else ""
    return PaperPart("Chain of condition", rows, heads, (3, 2, 2, 1.5, 2, 2, 2.5, 1), lead)


def _degrees(value: Any) -> str:
    return "–" if value is None else f"{float(value):g} °C".replace("-", "\N{MINUS SIGN}")


def excursions(condition: Sequence[Report], at: Any) -> PaperPart:
    """Each excursion, and what was decided on it."""
    found = [(one, excursion) for one in condition for excursion in one["excursions"]]
    rows = [
        (one["transport"], excursion["logger"], at(excursion["from"]), at(excursion["to"]), excursion["what"],
         decided(excursion["decided"], at))
        for one, excursion in found
    ]  # fmt: skip
    heads = ("Transport", "Logger", "From", "To", "What", "Decision")
    return PaperPart("Excursions", rows, heads, (2.5, 1.8, 2, 2, 4, 4))


def decided(said: Report | None, at: Any) -> str:
    """The decision on an excursion, whose, when and why."""
    if said is None:
        return "not decided"
    later = "" if said["is_current"] else " (readings came since)"
    return f"{said['decision']}, {said['by']}, {at(said['at'])}: “{said['reason']}”{later}"


def shipments(found: Sequence[Report], at: Any, fact: Any) -> list[PaperPart]:
    """The table of the shipments, and of each what was told of it; reports of the first form ran that together."""
    rows = [
        (f"{one['from']} → {one['to']}", " ".join(filter(None, (one["courier"], one["tracking_number"]))),
         one["shipper"], fact(one["picked_up_at"]), fact(one["delivered_at"]), at(one["cold_until"]))
        for one in found
    ]  # fmt: skip
    heads = ("Way", "Courier, tracking number", "Shipper", "Picked up", "Delivered", "Cold until")
    table = partial(PaperPart, "Shipments", rows, heads, (4, 3, 2, 2, 2, 2))
    if not any("way" in one for one in found):
        return [table(lead=" · ".join([*_told(found, at), *_faults(found)]))]
    return [table(), *(_packing(one, at) for one in found)]


def _told(found: Sequence[Report], at: Any) -> list[str]:
    return [
        f"{said['what']} ({at(said['at'])}, {said['by']})"
        for one in found for said in (*one.get("delays", ()), *one.get("packaging", ()))
    ]  # fmt: skip


def _faults(found: Sequence[Report]) -> list[str]:
    told = [f"Amiss: {fault['what']}." for one in found for fault in one.get("packaging_faults", ())]
    return told + [one["packing_missing"] for one in found if one.get("packing_missing")]


def _packing(one: Report, at: Any) -> PaperPart:
    """What was told of one shipment, and what was answered when it was packed and unpacked."""
    rows = [
        (said["asked"], said["answer"], at(packed["at"]), packed["by"])
        for packed in one["packaging"] for said in packed["checklist"]
    ]  # fmt: skip
    heads, told = ("Asked at packing or unpacking", "Answer", "When", "By"), [*_told([one], at), *_faults([one])]
    lead = " · ".join(told) or "Nobody reported how it was packed, nor a delay."
    return PaperPart(f"Shipment: {one['way']}", rows, heads, (4, 2.5, 2, 2.5), lead)
