"""The chain of custody: who held a patient's cells, from when to when, and where nobody can vouch for it. Pure.

It is worked out from the reports of the stages and from hand-overs that were told by themselves. A hand-over refines
what the stages say: both together are one entry. Of an order without such hand-overs nothing is amiss here: what its
stage reports lack is said by other flags.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise, zip_longest
from typing import NamedTuple

from supplychain.custody.rules.transfers import ENDS, LONGEST_GAP, Party, Transfer, transfers_of
from supplychain.custody.statuses import GRAVE_GAPS, GapKind
from supplychain.flows.rules.plans import FlowPlan, StagePlan
from supplychain.flows.statuses import StageKind
from supplychain.orders.rules.hand_overs import ToldHandOver
from supplychain.orders.rules.states import RunState
from supplychain.orders.statuses import Ending, Holder, Packaging, Seal

# Longer than this without a known holder the cells may have been anywhere.
GRAVE_MINUTES = 240
# The way of the cells; who comes next takes them from who stands before.
WAY = (Holder.COLLECTION_SITE, Holder.COURIER, Holder.PLANT, Holder.COURIER, Holder.INFUSION_SITE)


@dataclass(frozen=True, slots=True)
class Gap:
    """What is amiss where an entry begins. `minutes`: for how long nobody is known to have held the cells;
    `expected`: who held them, as far as known; `place`: where they had been put; `stage`: of a step that nobody
    reported its code, and `name` is its name."""

    kind: GapKind
    expected: str = ""
    name: str = ""
    place: str = ""
    minutes: int = 0
    stage: str = ""

    @property
    def is_grave(self) -> bool:
        """Whether the cells may have been exchanged or harmed meanwhile."""
        return self.kind in GRAVE_GAPS or self.minutes > GRAVE_MINUTES


class Lack(NamedTuple):
    """A step at which two people are asked and one is known (rules.witnesses): “Infusion started”, and when."""

    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Holding:
    """Somebody holds the cells (or their custody ends): `since` to `until` (None: still).

    `stage`, `attempt`, `kind`: the stage report that says so; `told`: the hand-over that does; both: they agree.
    `also`: ids of other hand-overs that tell the same; `harms`: what any of them found amiss with what the cells are
    in; `lacks`: where a second person is missing.
    """

    key: str
    holder: Party
    since: datetime
    until: datetime | None = None
    place: str = ""
    giver: str = ""
    stage: str = ""
    attempt: int = 1
    kind: str = ""
    told: ToldHandOver | None = None
    gap: Gap | None = None
    also: tuple[str, ...] = ()
    harms: frozenset[GapKind] = frozenset()
    lacks: tuple[Lack, ...] = ()

    @property
    def hand_overs(self) -> tuple[str, ...]:
        """Ids of the hand-overs that say so."""
        return (*((self.told.event,) if self.told else ()), *self.also)

    @property
    def is_end(self) -> bool:
        """Whether nobody holds them any more: they were given to the patient, or destroyed."""
        return self.holder.holder in Ending.values


def custody_of(
    flow: FlowPlan, runs: Iterable[RunState], sites: Mapping[str, object], told: Sequence[ToldHandOver] = ()
) -> list[Holding]:
    """The chain of custody, the first holder first; the same in whatever order its facts came.

    `sites`: ids by their place in the order; `told`: its hand-overs (rules.hand_overs)."""
    chain: list[Holding] = []
    runs = list(runs)
    for transfer in transfers_of(flow, runs, sites, told):
        _take(chain, transfer)
    chain = [_harmed(one) for one in chain]
    if chain and (step := _silent_step(flow, runs, chain[-1])):
        chain[-1] = replace(chain[-1], gap=Gap(GapKind.STEP_SILENT, name=step.name, stage=step.code))
    ends = [one.since for one in chain[1:]]
    return [replace(one, until=end) for one, end in zip_longest(chain, ends)]


def _harmed(one: Holding) -> Holding:
    """An entry whose cells came in what was found amiss; beside another gap it is told in the words of that."""
    first = next((harm for harm in GapKind if harm in one.harms), None)
    return replace(one, gap=Gap(first)) if first and one.gap is None else one


def _silent_step(flow: FlowPlan, runs: Iterable[RunState], last: Holding) -> StagePlan | None:
    """The transport that brought the cells to who holds them now by a hand-over alone: nobody reported that it started
    or was completed, so that everything else still takes them to be where they were. None: there is none."""
    if last.gap or last.stage or last.told is None:
        return None
    newest = {run.stage: run for run in sorted(runs, key=lambda run: run.attempt)}
    for plan in flow.stages.values():
        giver, taker = ENDS.get(plan.direction, ("", ""))
        run = newest.get(plan.code)
        if plan.kind != StageKind.TRANSPORT or run is None or run.is_done:
            continue
        if last.giver == giver and last.holder.holder == Holder.COURIER and run.started_at is None:
            return plan
        if last.giver == Holder.COURIER and last.holder.holder == taker:
            return plan
    return None


def _take(chain: list[Holding], transfer: Transfer) -> None:
    """Add a transfer to the chain: as an entry of its own, or as a second word about the last."""
    last = chain[-1] if chain else None
    if last and _is_second_word(chain, transfer):
        chain[-1] = _refined(last, transfer)
    elif last is None or transfer.told or not last.holder.is_same(transfer.taker):
        chain.append(_entry(transfer, gap=_gap(chain, transfer)))


def _entry(transfer: Transfer, *, gap: Gap | None) -> Holding:
    told, giver = transfer.told, transfer.giver.holder if transfer.giver else ""
    place = told.place if told else ""
    return Holding(transfer.key, transfer.taker, transfer.at, None, place, giver, transfer.stage, transfer.attempt,
                   transfer.kind, told, gap, harms=_harms_of(told))  # fmt: skip


def _is_second_word(chain: Sequence[Holding], transfer: Transfer) -> bool:
    """Whether it tells again, or from the other side, how the last holder came by the cells; a way within the house,
    or from courier to courier, is another."""
    last, giver = chain[-1], transfer.giver
    if not last.holder.is_same(transfer.taker) or not (transfer.told or last.told):
        return False
    if transfer.told and giver and giver.is_same(transfer.taker):
        return False
    return not (giver and last.giver) or giver.holder == last.giver


def _refined(last: Holding, transfer: Transfer) -> Holding:
    """The last entry with what a second report adds: a hand-over's own words before those of the stage."""
    apart = transfer.at - last.since
    gap = last.gap or (_of_two(last.told, transfer.told) if transfer.told else None)
    if apart > LONGEST_GAP:
        gap = gap or Gap(GapKind.NOBODY, minutes=int(apart.total_seconds() // 60))
    if transfer.told is None:
        return replace(last, stage=transfer.stage, attempt=transfer.attempt, kind=transfer.kind, gap=gap)
    told, harms = transfer.told, last.harms | _harms_of(transfer.told)
    if last.told:
        place = last.place or told.place
        return replace(last, gap=gap, place=place, also=(*last.also, told.event), harms=harms)
    party = transfer.taker if transfer.taker.name else last.holder
    return replace(last, key=transfer.key, holder=party, place=told.place, giver=last.giver or told.giver, told=told,
                   gap=gap, harms=harms)  # fmt: skip


def _of_two(one: ToldHandOver | None, other: ToldHandOver) -> Gap | None:
    """Two hand-overs that are one, unless two people say that they took the cells."""
    names = (one.received_by, other.received_by) if one else ("", "")
    if all(names) and not _alike(*names):
        return Gap(GapKind.TWICE, name=names[0])
    return None


def _harms_of(told: ToldHandOver | None) -> frozenset[GapKind]:
    """What one report of a hand-over found amiss with what the cells are in."""
    if told is None:
        return frozenset()
    found = {GapKind.BROKEN_SEAL: told.seal == Seal.BROKEN, GapKind.DAMAGED: told.packaging == Packaging.DAMAGED}
    return frozenset(harm for harm, is_found in found.items() if is_found)


def _gap(chain: Sequence[Holding], transfer: Transfer) -> Gap | None:
    """What is amiss with a hand-over, seen from the entry before it; between two stage reports nothing is."""
    told, last = transfer.told, chain[-1] if chain else None
    if last is None and told and transfer.giver:
        return Gap(GapKind.UNCOLLECTED)
    if last is None or not (told or last.told):
        return None
    if last.is_end:
        return Gap(GapKind.AFTER_END, last.holder.holder)
    if transfer.giver and not transfer.giver.is_same(last.holder):
        return _of_giver(chain, transfer)
    if told and _left_site(last, transfer):
        return Gap(GapKind.LEFT_SITE)
    if told and _went_back(chain, transfer.taker):
        return Gap(GapKind.BACKWARDS, last.holder.holder, last.holder.name)
    return _of_house(last, told) if told else None


def _of_giver(chain: Sequence[Holding], transfer: Transfer) -> Gap | None:
    """Somebody else gave them than is known to have held them."""
    last, giver = chain[-1], transfer.giver
    before = [one.holder for one in chain if one.attempt < transfer.attempt or one.attempt < last.attempt]
    if any(giver.is_same(one) for one in before):
        return None  # of an earlier attempt: its dose has a way of its own
    is_next = any((last.holder.holder, giver.holder) == pair for pair in pairwise(WAY))
    kind = GapKind.UNREPORTED if is_next else GapKind.UNKNOWN_GIVER
    return Gap(kind, last.holder.holder, last.holder.name, last.place)


def _left_site(last: Holding, transfer: Transfer) -> bool:
    """Whether the infusion site gives to another house a dose that had arrived to be given there."""
    givers = {last.holder.holder, transfer.giver.holder if transfer.giver else ""}
    is_on_its_way = givers == {Holder.INFUSION_SITE} and transfer.taker.holder not in Ending.values
    return is_on_its_way and not transfer.taker.is_same(last.holder)


def _went_back(chain: Sequence[Holding], taker: Party) -> bool:
    """Whether they return to the house that they left last."""
    return len(chain) > 1 and bool(taker.site) and chain[-2].holder.site == taker.site != chain[-1].holder.site


def _of_house(last: Holding, told: ToldHandOver) -> Gap | None:
    """The right house or trade, but another courier, or another place within."""
    name, place = last.holder.name, last.place
    is_relay = told.taker == Holder.COURIER
    if told.giver == Holder.COURIER and not is_relay and name and told.courier and not _alike(name, told.courier):
        return Gap(GapKind.OTHER_COURIER, last.holder.holder, name)
    if told.from_place and place and not _alike(place, told.from_place):
        return Gap(GapKind.OTHER_PLACE, last.holder.holder, place=place)
    return None


def _alike(one: str, other: str) -> bool:
    """Whether two names may mean the same: one is the other, or begins it (“ward 4”, “Ward 4, room 12”)."""
    first, second = (" ".join(text.casefold().split()) for text in (one, other))
    return first.startswith(second) or second.startswith(first)
