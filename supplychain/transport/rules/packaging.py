"""What is amiss with the shipper and the packaging of a shipment, by the reports of its packing and unpacking. Pure.

A shipper is judged by what master data said of it when its packing was reported: that is sealed into the report.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from supplychain.flows.rules.checklists import CheckItem
from supplychain.flows.rules.plans import StagePlan
from supplychain.flows.rules.storage import degrees, storage_condition
from supplychain.orders.rules.collections import open_items
from supplychain.orders.rules.packing import (
    ANSWERS,
    EARLIER,
    IS_SAME_WAY,
    KEPT_AS,
    PACKED,
    QUALIFIED_UNTIL,
    SEAL_NUMBER,
    SHIPPER,
    SHIPPER_NUMBER,
    UNPACKED,
    has_left,
    hundredths,
    is_other_shipper,
    keeps_cells,
    packing_of,
)
from supplychain.orders.rules.states import RunState
from supplychain.orders.statuses import Packaging, SealFound, ShipperFound
from supplychain.words import span_words


class PackagingFault(NamedTuple):
    """One thing that is amiss: its code, its words, and whether it puts the cells in doubt."""

    code: str
    words: str
    is_critical: bool = False


class DoubtfulPackaging(NamedTuple):
    """A shipment with faults. `since`: when the newest report of packing or unpacking says that it was so."""

    stage: str
    attempt: int
    since: datetime
    faults: Sequence[PackagingFault]


def packaging_faults(plan: StagePlan, run: RunState) -> list[PackagingFault]:
    """All that is amiss, the worst first."""
    packed, unpacked = packing_of(run, PACKED), packing_of(run, UNPACKED)
    found = [*(_of_shipper(plan, packed) if packed else ()), *_open("packed", plan.packing, packed)]
    found += [*(_of_journey(plan, run, packed) if packed else ())]
    found += [*(_of_unpacking(packed, unpacked) if unpacked else ()), *_open("unpacked", plan.unpacking, unpacked)]
    found += _of_ways_before(plan, run)
    return sorted(found, key=lambda fault: not fault.is_critical)


def _of_ways_before(plan: StagePlan, run: RunState) -> list[PackagingFault]:
    """What was amiss as it was unpacked before it was packed anew, or before its unpacking was reported once more;
    each thing once, by the newest of them. Points that were open may be answered by another report."""
    found: dict[str, PackagingFault] = {}
    for way in run.details.get(EARLIER, ()):
        packed, unpacked, is_same = way[KEPT_AS[PACKED]], way[KEPT_AS[UNPACKED]], IS_SAME_WAY in way
        left_open = () if is_same else _open("unpacked", plan.unpacking, unpacked)
        before = "as it was reported before" if is_same else "before it was packed anew"
        for fault in (*_of_unpacking(packed, unpacked), *left_open):
            words = f"{before}: {fault.words}"
            found[fault.code] = fault._replace(code=f"{fault.code}_before", words=words)
    return list(found.values())


def _of_shipper(plan: StagePlan, packed: Mapping[str, Any]) -> Iterator[PackagingFault]:
    number, said = packed[SHIPPER_NUMBER], packed.get(SHIPPER, {})
    match said.get("found"):
        case ShipperFound.NONE:
            text = f"shipper {number} is not among the shippers of the order’s sites: nobody knows what it keeps"
            yield PackagingFault("unknown_shipper", text)
        case ShipperFound.SEVERAL:
            text = f"several sites have a shipper {number} ({', '.join(said['sites'])}): which one it is nobody knows"
            yield PackagingFault("several_shippers", text)
        case ShipperFound.ONE:
            yield from _of_known(plan, number, said, datetime.fromisoformat(packed["at"]))


def _of_known(plan: StagePlan, number: str, said: Mapping[str, Any], packed_at: datetime) -> Iterator[PackagingFault]:
    if said["is_retired"]:
        yield PackagingFault("retired", f"shipper {number} is retired")
    last = date.fromisoformat(said[QUALIFIED_UNTIL])
    packed_on = packed_at.astimezone(ZoneInfo(said["time_zone"])).date()
    if packed_on > last:
        text = f"shipper {number} was qualified until {day_words(last)} and packed on {day_words(packed_on)}"
        yield PackagingFault("past_qualification", f"{text} (record {said['qualification_record']})")
    if not keeps_cells(plan, said):
        wanted = storage_condition(plan.storage)
        travel = f"; the cells travel {wanted.words}" if wanted else ""
        text = f"shipper {number} is qualified for {range_words(said)}{travel}"
        yield PackagingFault("other_range", text, is_critical=True)


def _of_journey(plan: StagePlan, run: RunState, packed: Mapping[str, Any]) -> Iterator[PackagingFault]:
    """That another shipper was handed over than was packed; and until it is, that its cold does not last: critical by
    the booked arrival, else told by the planned hours. Once under way the shipment itself is late (shipment_late)."""
    number, handed = packed[SHIPPER_NUMBER], run.details.get(SHIPPER_NUMBER)
    if is_other_shipper(number, handed):
        text = f"the cells were packed into shipper {number} and handed over in shipper {handed}"
        yield PackagingFault("other_handed_over", text, is_critical=True)
    if run.cold_until is None or has_left(run):
        return
    booked = run.expected_end
    arrives = booked or datetime.fromisoformat(packed["at"]) + timedelta(hours=plan.planned_hours)
    if run.cold_until < arrives:
        by = "is to arrive" if booked else "can arrive by its planned hours"
        text = f"the cold of shipper {number} ends {span_words(arrives - run.cold_until)} before the shipment {by}"
        yield PackagingFault("short_cold", text, is_critical=booked is not None)


def range_words(said: Mapping[str, Any]) -> str:
    """“2 °C to 8 °C”, “−150 °C and colder” of what is kept of a shipper."""
    low, high = hundredths(said.get("coldest")), hundredths(said.get("warmest"))
    if low is None:
        return f"{degrees(high or 0)} and colder"
    return f"{degrees(low)} and warmer" if high is None else f"{degrees(low)} to {degrees(high)}"


def _of_unpacking(packed: Mapping[str, Any], unpacked: Mapping[str, Any]) -> Iterator[PackagingFault]:
    sent, came = packed.get(SHIPPER_NUMBER), unpacked.get(SHIPPER_NUMBER)
    if sent and came and sent.upper() != came.upper():
        text = f"the cells were packed into shipper {sent} and unpacked from shipper {came}"
        yield PackagingFault("other_shipper", text, is_critical=True)
    if unpacked["packaging"] == Packaging.DAMAGED:
        yield PackagingFault("damaged", "the packaging was damaged when it was unpacked", is_critical=True)
    if words := _seal_words(packed.get(SEAL_NUMBER, ""), unpacked):
        yield PackagingFault("seal", words, is_critical=True)


def _seal_words(sealed: str, unpacked: Mapping[str, Any]) -> str:
    """What is wrong with the seal; empty: nothing. A shipper that was packed without one has none."""
    found, read = unpacked["seal"], unpacked.get(SEAL_NUMBER, "")
    if found == SealFound.BROKEN:
        return "the seal was broken when it was unpacked"
    if found == SealFound.NONE:
        return f"it was packed with seal {sealed} and came without one" if sealed else ""
    if found == SealFound.OTHER or (sealed and read and sealed.upper() != read.upper()):
        return f"it came with another seal{f' ({read})' if read else ''}{f' than {sealed}' if sealed else ''}"
    return ""


def _open(done: str, items: tuple[CheckItem, ...], said: Mapping[str, Any]) -> Iterator[PackagingFault]:
    """The open points of a checklist of which anything was answered: else it may be kept elsewhere."""
    answers = said.get(ANSWERS)
    for item, why in open_items(items, answers) if answers else ():
        if why:
            yield PackagingFault(f"{done}_{item.code}", f"{item.text}: {why} (as it was {done})", item.is_critical)


def day_words(day: date) -> str:
    """“30 Jun 2027”."""
    return f"{day.day} {day:%b %Y}"
