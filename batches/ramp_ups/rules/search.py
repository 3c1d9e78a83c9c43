"""The cheapest plan that reaches a target, guided by the pools that are pressed.

1. From the line as it is with the demand wanted, places are added where they relieve most for their money: to the pool
   with the most hours waited per money of a place, until the target is reached or no pool is pressed.
2. Then every pool that got places gives back as many as it can, the dearest first (bisection).
It is a greedy search: cheap and explained step by step, not proof that nothing cheaper exists. What it has simulated
is kept by plan, so that it goes on after an interruption where it stopped, and the same facts give the same answer.
"""

from collections.abc import Callable, Sequence
from math import ceil
from typing import NamedTuple

import msgspec

from batches.judgement.rules.shares import wilson
from batches.ramp_ups.rules.changes import ChangeKind, ScenarioChange
from batches.ramp_ups.rules.costs import PLACE
from batches.ramp_ups.rules.lines import SimulatedLine
from batches.ramp_ups.rules.measures import ReplicationFigures

MOST_SIMULATIONS = 40
SEARCH_REPLICATIONS = 24
FINAL_REPLICATIONS = 100
# So many of the replications must reach the target for a plan to count as reaching it.
SURE = 0.8
# A pool pressed for less of the time is not worth a place.
PRESSED = 0.005
MOST_ADDED = 200
Places = tuple[tuple[str, int], ...]


class Target(msgspec.Struct, frozen=True):
    """Demand up by `more` % and a share `on_time` (0–1) of doses ready by their promise, in time with demand."""

    more: float
    on_time: float

    def is_reached(self, row: ReplicationFigures) -> bool:
        """Whether a replication reaches it."""
        return row.keeps_up and row.on_time is not None and row.on_time >= self.on_time - 1e-9


class Tried(msgspec.Struct, frozen=True):
    """A plan that was simulated: places added by pool, and what it came to (means over the replications)."""

    places: Places
    reached: int
    count: int
    on_time: float
    throughput: float
    waited: dict[str, float]
    pressed: dict[str, float]
    cost: float

    @property
    def is_enough(self) -> bool:
        """Whether it counts as reaching the target."""
        return self.reached >= SURE * self.count


class PlanFound(msgspec.Struct, frozen=True):
    """Where the search ended. `reached` false: out of reach, and `why`; `places`: the plan, or the best one tried."""

    reached: bool
    places: Places
    why: str
    simulations: int


class Ask(NamedTuple):
    """The search wants this plan simulated before it can go on."""

    places: Places


def next_step(line: SimulatedLine, costs: dict[str, float], tried: Sequence[Tried]) -> Ask | PlanFound:
    """What to simulate next, or the answer, from everything that was simulated so far in whatever order."""
    known = {one.places: one for one in tried}

    def result_of(places: dict[str, int]) -> Tried:
        plan = tuple(sorted((code, count) for code, count in places.items() if count))
        if plan not in known:
            raise _Unknown(plan)
        return known[plan]

    try:
        return _search(line, costs, result_of, len(known))
    except _Unknown as wanted:
        if len(known) < MOST_SIMULATIONS:
            return Ask(wanted.places)
        return _best(known, costs)


def changes_of(target: Target, places: Places) -> tuple[ScenarioChange, ...]:
    """The plan as changes of a scenario."""
    more = (ScenarioChange(ChangeKind.DEMAND, amount=target.more),) if target.more else ()
    return more + tuple(ScenarioChange(ChangeKind.PLACES, code, float(count)) for code, count in places)


def weekly_cost(places: Places, costs: dict[str, float]) -> float:
    """What the added places cost a week."""
    return sum(costs.get(PLACE + code, 0.0) * count for code, count in places)


def tried_of(places: Places, rows: Sequence[ReplicationFigures], target: Target, costs: dict[str, float]) -> Tried:
    """What the replications of a plan came to."""
    count = max(len(rows), 1)
    pools = rows[0].pools if rows else {}
    return Tried(
        places=places,
        reached=sum(target.is_reached(row) for row in rows),
        count=len(rows),
        on_time=sum(row.on_time or 0.0 for row in rows) / count,
        throughput=sum(row.throughput for row in rows) / count,
        waited={code: sum(row.pools[code].wait or 0.0 for row in rows) / count for code in pools},
        pressed={code: sum(row.pools[code].pressed for row in rows) / count for code in pools},
        cost=weekly_cost(places, costs),
    )


def how_sure(rows: Sequence[ReplicationFigures], target: Target) -> tuple[float, float, float]:
    """Share of fresh replications that reach the target, with its Wilson interval."""
    share = sum(target.is_reached(row) for row in rows) / max(len(rows), 1)
    return (share, *wilson(share, len(rows)))


class _Unknown(Exception):
    def __init__(self, places: Places) -> None:
        super().__init__(places)
        self.places = places


def _search(
    line: SimulatedLine, costs: dict[str, float], result_of: Callable[[dict[str, int]], Tried], simulations: int
) -> PlanFound:
    added: dict[str, int] = {}
    steps: dict[str, int] = {}
    held = {pool.code: pool.places for pool in line.pools}
    while not (found := result_of(added)).is_enough:
        code = _to_relieve(found, costs, added)
        if code is None:
            plan = tuple(sorted(added.items()))
            return PlanFound(False, plan, _limited_by_work(found), simulations)
        steps[code] = steps[code] * 2 if code in steps else max(1, ceil(held[code] * 0.05))
        added[code] = min(added.get(code, 0) + steps[code], MOST_ADDED)
    for code in sorted(added, key=lambda one: -costs.get(PLACE + one, 0.0)):
        added[code] = _fewest(code, added, result_of)
    plan = tuple(sorted((code, count) for code, count in added.items() if count))
    return PlanFound(True, plan, "", simulations)


def _to_relieve(found: Tried, costs: dict[str, float], added: dict[str, int]) -> str | None:
    """The pressed pool in which a place saves most waiting for its money."""
    worth = {
        code: found.waited.get(code, 0.0) / max(costs.get(PLACE + code, 0.0), 1.0)
        for code, pressed in found.pressed.items()
        if pressed >= PRESSED and added.get(code, 0) < MOST_ADDED
    }
    return max(sorted(worth), key=worth.__getitem__) if worth else None


def _fewest(code: str, added: dict[str, int], result_of: Callable[[dict[str, int]], Tried]) -> int:
    """The fewest places of one pool with which the target is still reached, the others as they are."""
    low, high = 0, added[code]
    while low < high:
        middle = (low + high) // 2
        if result_of(added | {code: middle}).is_enough:
            high = middle
        else:
            low = middle + 1
    return high


def _limited_by_work(found: Tried) -> str:
    return (
        f"Out of reach by adding places: no pool is short of places any more, and still only {found.on_time:.0%} "
        "of the doses are on time. What limits it is the work itself: hours, failures, or the promise; change those."
    )


def _best(known: dict[Places, Tried], costs: dict[str, float]) -> PlanFound:
    """The cheapest plan that was found to reach the target, else the one that came nearest."""
    enough = [one for one in known.values() if one.is_enough]
    if enough:
        best = min(enough, key=lambda one: (one.cost, one.places))
        why = f"The search stopped after {len(known)} simulations; some places may not be needed."
        return PlanFound(True, best.places, why, len(known))
    best = max(known.values(), key=lambda one: (one.reached / max(one.count, 1), one.on_time, -one.cost))
    pressed = max(sorted(best.pressed), key=best.pressed.__getitem__) if best.pressed else ""
    why = f"Not reached after {len(known)} simulations; the best of them is on time with {best.on_time:.0%}"
    why += f", and {pressed} is pressed {best.pressed[pressed]:.0%} of the time." if pressed else "."
    return PlanFound(False, best.places, why, len(known))
