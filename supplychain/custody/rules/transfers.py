"""Every time that cells changed hands, from what the stages report and from hand-overs told by themselves. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from supplychain.flows.rules.plans import FlowPlan, StagePlan
from supplychain.flows.statuses import StageKind, StagePlace
from supplychain.orders.rules.hand_overs import ENDS, ToldHandOver
from supplychain.orders.rules.states import RunState
from supplychain.orders.statuses import Ending, Holder, StageEventKind, StageStatus

# Two reports of one hand-over, by two clocks and two people, lie no further apart than this; where they do, nobody is
# known to have held the cells in between.
LONGEST_GAP = timedelta(minutes=30)


class Party(NamedTuple):
    """Who holds cells: a site by its id, a courier by name, or an ending; names compare without capitals."""

    holder: str
    site: str = ""
    name: str = ""

    def is_same(self, other: "Party") -> bool:
        """Whether both are one: a site whatever its part in the order; any courier, since its name may be unknown."""
        if self.site or other.site:
            return self.site == other.site
        return self.holder == other.holder


class Transfer(NamedTuple):
    """Cells went from `giver` (None: nobody says who) to `taker`. `told`: the hand-over that says so by itself; None:
    it follows from a stage report (`stage`, `attempt`, `kind`)."""

    at: datetime
    giver: Party | None
    taker: Party
    stage: str = ""
    attempt: int = 1
    kind: str = ""
    told: ToldHandOver | None = None

    @property
    def key(self) -> str:
        """What tells it apart from the order's others, whenever it is worked out."""
        return self.told.event if self.told else f"{self.attempt}/{self.stage}/{self.kind}"


def transfers_of(
    flow: FlowPlan, runs: Iterable[RunState], sites: Mapping[str, object], told: Sequence[ToldHandOver] = ()
) -> list[Transfer]:
    """All of them in the order in which they happened. `sites`: ids by the place that each has in the order."""
    reported = (one for run in runs for one in _of_run(flow, flow.stages[run.stage], run, sites))
    explicit = (
        Transfer(one.at, _party(one.giver, sites, one.courier), _party(one.taker, sites, one.courier), told=one)
        for one in told
    )
    found = [*reported, *explicit]
    return _by_hand(sorted(found, key=lambda one: (one.at, one.told is None, one.key)))


def _party(holder: str, sites: Mapping[str, object], name: str = "") -> Party:
    if holder in sites:
        return Party(holder, str(sites[holder]))
    return Party(holder, name=name if holder == Holder.COURIER else "")


def _of_run(flow: FlowPlan, plan: StagePlan, run: RunState, sites: Mapping[str, object]) -> Iterator[Transfer]:
    """What one stage's run says of who has the cells."""
    said, is_over = (run.stage, run.attempt), run.status == StageStatus.COMPLETED and run.completed_at
    if plan.kind == StageKind.COLLECTION and is_over:
        yield _reported(run.completed_at, None, _party(Holder.COLLECTION_SITE, sites), said, StageEventKind.COMPLETED)
    elif plan.kind == StageKind.TRANSPORT and run.status != StageStatus.SKIPPED:
        yield from _of_transport(plan, run, sites)
    elif plan.code == flow.restart_stage and run.attempt > 1 and run.started_at:
        # A new attempt begins with cells that the plant has kept.
        yield _reported(run.started_at, None, _party(StagePlace.PLANT, sites), said, StageEventKind.STARTED)
    elif plan.kind == StageKind.INFUSION and plan.code == flow.exit and is_over:
        yield _reported(run.completed_at, None, Party(Ending.INFUSED), said, StageEventKind.COMPLETED)


def _of_transport(plan: StagePlan, run: RunState, sites: Mapping[str, object]) -> Iterator[Transfer]:
    begin, end = (_party(holder, sites) for holder in ENDS[plan.direction])
    courier = Party(Holder.COURIER, name=str(run.details.get("courier") or run.resource or ""))
    said = (run.stage, run.attempt)
    if run.started_at:
        yield _reported(run.started_at, begin, courier, said, StageEventKind.STARTED)
    if run.status == StageStatus.COMPLETED and run.completed_at:
        giver = courier if run.started_at else None
        yield _reported(run.completed_at, giver, end, said, StageEventKind.COMPLETED)


def _reported(at: datetime, giver: Party | None, taker: Party, said: tuple[str, int], kind: str) -> Transfer:
    return Transfer(at, giver, taker, *said, kind=str(kind))


def _by_hand(found: list[Transfer]) -> list[Transfer]:
    """Where two clocks differ by minutes, a holder gives only after taking: such neighbours change places, and both
    happened by the moment that was told first."""
    for place in range(len(found) - 1):
        one, other = found[place : place + 2]
        gives_first = one.told and one.giver and one.giver.is_same(other.taker)
        if gives_first and other.at - one.at <= LONGEST_GAP and not _held(found[:place], one.giver):
            found[place], found[place + 1] = other._replace(at=one.at), one
    return found


def _held(before: Sequence[Transfer], giver: Party) -> bool:
    return bool(before) and before[-1].taker.is_same(giver)
