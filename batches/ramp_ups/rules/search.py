"""The cheapest plan that reaches a target, guided by the pools that are pressed.

1. From the line as it is with the demand wanted, places are added where they relieve most for their money: to the pool
   with the most hours waited per money of a place, until the target is reached or nobody waits for a place.
2. Then every pool that got places gives back as many as it can, the dearest first (bisection).
3. Of the plans that would be cheaper each is tried where they are few (rules/cheaper.py), which proves the answer;
   else one place fewer, or one exchanged for a cheaper one, as long as that still reaches the target.
What it has simulated is kept by plan, so that it goes on after an interruption where it stopped, and the same facts
give the same answer.
"""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import NamedTuple

import msgspec

from batches.ramp_ups.rules.changes import ChangeKind, ScenarioChange
from batches.ramp_ups.rules.cheaper import Places, TooManyPlans, cheapest_below, few_are_cheaper, plan_of, swaps_of
from batches.ramp_ups.rules.costs import place_prices
from batches.ramp_ups.rules.lines import SimulatedLine
from batches.ramp_ups.rules.tried_plans import Target, Tried, weekly_cost
from supplychain.words import listed_words, with_verb

# Plans simulated at most until the target is reached, and then in looking for a cheaper one.
MOST_SIMULATIONS, MOST_CHEAPER = 40, 125
# Where more plans than these might be cheaper they are not tried one by one.
FORESEEN = 1_000
SEARCH_REPLICATIONS = 24
FINAL_REPLICATIONS = 100
# Pools that are pressed for so much of the time get places first, the others when no such pool is left.
PRESSED = 0.005
MOST_ADDED = 200


ENUMERATED, LOCAL = "enumerated", "local"


class PlanFound(msgspec.Struct, frozen=True):
    """Where the search ended. `reached` false: out of reach, and `why`; `places`: the plan, or the best one tried.

    `proof`: ENUMERATED, every cheaper plan was ruled out; LOCAL, no single place fewer or exchanged would do.
    """

    reached: bool
    places: Places
    why: str
    simulations: int
    proof: str = ""


class Ask(NamedTuple):
    """The search wants this plan simulated before it can go on."""

    places: Places


def next_step(line: SimulatedLine, costs: Mapping[str, float], tried: Sequence[Tried]) -> Ask | PlanFound:
    """What to simulate next, or the answer, from everything that was simulated so far in whatever order."""
    known = {one.places: one for one in tried}
    prices = place_prices(costs, list(line.pool_names))
    try:
        found = _search(line, prices, _Known(known, MOST_SIMULATIONS))
        if not found.reached:
            return found
        return _cheapest(found, prices, _Known(known, MOST_SIMULATIONS + MOST_CHEAPER + MOST_SIMULATIONS))
    except _Unknown as wanted:
        return Ask(wanted.places) if wanted.may_be_asked else _best(known)


def changes_of(target: Target, places: Places) -> tuple[ScenarioChange, ...]:
    """The plan as changes of a scenario."""
    more = (ScenarioChange(ChangeKind.DEMAND, amount=target.more),) if target.more else ()
    return more + tuple(ScenarioChange(ChangeKind.PLACES, code, float(count)) for code, count in places)


class _Unknown(Exception):
    def __init__(self, places: Places, *, may_be_asked: bool) -> None:
        super().__init__(places)
        self.places, self.may_be_asked = places, may_be_asked


class _Known:
    """What was simulated; a plan that was not ends the search for now, for good where there were `most` already."""

    def __init__(self, known: Mapping[Places, Tried], most: int) -> None:
        self.known, self.most = known, most

    def __call__(self, places: Mapping[str, int]) -> Tried:
        """The result of a plan. Raises _Unknown."""
        plan = plan_of(places)
        if plan not in self.known:
            raise _Unknown(plan, may_be_asked=len(self.known) < self.most)
        return self.known[plan]


def _search(line: SimulatedLine, prices: Mapping[str, float], result_of: _Known) -> PlanFound:
    added: dict[str, int] = {}
    steps: dict[str, int] = {}
    held = {pool.code: pool.places for pool in line.pools}
    while not (found := result_of(added)).is_enough:
        if not found.can_tell:
            return PlanFound(False, plan_of(added), _too_few(found), len(result_of.known))
        code = _to_relieve(found, prices, added)
        if code is None:
            plan = plan_of(added)
            return PlanFound(False, plan, _out_of_reach(found, line, added), len(result_of.known))
        steps[code] = steps[code] * 2 if code in steps else max(1, ceil(held[code] * 0.05))
        added[code] = min(added.get(code, 0) + steps[code], MOST_ADDED)
    for code in sorted(added, key=lambda one: -prices[one]):
        added[code] = _fewest(code, added, result_of)
    return PlanFound(True, plan_of(added), "", len(result_of.known))


def _cheapest(found: PlanFound, prices: Mapping[str, float], result_of: _Known) -> PlanFound:
    """The cheapest plan, from the one that was found on: proven where few are cheaper, else improved place by place."""
    limit, start = weekly_cost(found.places, prices), result_of({}).short
    waited = {code for one in result_of.known.values() for code, pressed in one.pressed.items() if pressed > 0}
    room = limit - sum(prices[code] * count for code, count in start.items())
    if few_are_cheaper({code: price for code, price in prices.items() if code in waited | set(start)}, room, FORESEEN):
        try:
            plan = cheapest_below(limit, prices, start, lambda plan: _widened(result_of(dict(plan))), MOST_CHEAPER)
        except TooManyPlans:
            pass
        else:
            return PlanFound(True, found.places if plan is None else plan, "", len(result_of.known), ENUMERATED)
    plan = found.places
    while (better := next((one for one in swaps_of(plan, prices) if result_of(dict(one)).is_enough), None)) is not None:
        plan = better
    return PlanFound(True, plan, "", len(result_of.known), LOCAL)


def _widened(found: Tried) -> set[str] | None:
    """The pools in which another place can change anything: those that were short; None: the plan is enough."""
    if found.is_enough:
        return None
    if found.short:
        return set(found.short)
    return {code for code, pressed in found.pressed.items() if pressed > 0 or found.waited.get(code)}


def _to_relieve(found: Tried, prices: Mapping[str, float], added: Mapping[str, int]) -> str | None:
    """The pressed pool in which a place saves most waiting for its money; None: nobody waits where one may be added."""
    pressed = {
        code: share
        for code, share in found.pressed.items()
        if code in prices and share > 0 and added.get(code, 0) < MOST_ADDED
    }
    least = min(PRESSED, max(pressed.values(), default=0.0))
    worth = {
        code: found.waited.get(code, 0.0) / max(prices[code], 1e-9) for code, share in pressed.items() if share >= least
    }
    return max(sorted(worth), key=worth.__getitem__) if worth else None


def _fewest(code: str, added: Mapping[str, int], result_of: _Known) -> int:
    """The fewest places of one pool with which the target is still reached, the others as they are."""
    low, high = 0, added[code]
    while low < high:
        middle = (low + high) // 2
        if result_of({**added, code: middle}).is_enough:
            high = middle
        else:
            low = middle + 1
    return high


def _too_few(found: Tried) -> str:
    return (
        f"Too few orders in these weeks to say: in only {found.count} simulations a dose was due. "
        "Look at more weeks, or at more demand."
    )


def _failed(found: Tried) -> str:
    """Which condition a plan fails."""
    failed = []
    if not found.is_on_time:
        failed.append(
            f"the on-time share: only {found.reached} of {found.count} simulations reach it "
            f"(mean {found.on_time:.1%} on time)"
        )
    if not found.keeps_up:
        failed.append(f"keeping up: the orders under way grow by about {found.growth:.1f} a week")
    return "; ".join(failed)


def _out_of_reach(found: Tried, line: SimulatedLine, added: Mapping[str, int]) -> str:
    full = [line.pool_names[code] for code, count in added.items() if count >= MOST_ADDED and found.pressed.get(code)]
    if full:
        return (
            f"Not reached with {MOST_ADDED} places more in {listed_words(full)}, the most that are tried; somebody "
            f"waits there still. What it misses is {_failed(found)}."
        )
    return (
        f"Out of reach by adding places, for no pool is short of places any more. What it misses is {_failed(found)}. "
        "What limits the line is the work itself: hours, failures, or the promise; change those."
    )


def _best(known: Mapping[Places, Tried]) -> PlanFound:
    """The cheapest plan that was found to reach the target, else the one that came nearest."""
    enough = [one for one in known.values() if one.is_enough]
    if enough:
        best = min(enough, key=lambda one: (one.cost, one.places))
        why = f"The search stopped after {len(known)} simulations; some places may not be needed."
        return PlanFound(True, best.places, why, len(known))
    best = max(known.values(), key=lambda one: (one.keeps_up, one.reached / max(one.count, 1), one.on_time, -one.cost))
    pressed = max(sorted(best.pressed), key=best.pressed.__getitem__) if best.pressed else ""
    why = f"Not reached after {len(known)} simulations. What the best of them misses is {_failed(best)}"
    why += f"; {with_verb(pressed, 'is pressed')} {best.pressed[pressed]:.0%} of the time." if pressed else "."
    return PlanFound(False, best.places, why, len(known))
