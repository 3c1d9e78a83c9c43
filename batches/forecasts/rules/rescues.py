"""The cheapest thing that would bring an order below its threshold, and what it does to the others.

Each rescue is simulated on the same line with the same random numbers, so that what differs is its doing alone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any, NamedTuple

from batches.durations.rules.curves import Curve, constant, quantile_of
from batches.forecasts.rules.gains import costs_others_more, is_better
from batches.forecasts.rules.line_states import LineState
from batches.forecasts.rules.summaries import (
    Simulated,
    Summary,
    before_exit,
    simulated,
    summary_of,
    told_of,
)
from batches.forecasts.rules.thresholds import Thresholds
from batches.simulation.rules.network import WAITING, OrderAhead
from supplychain.flows.rules.plans import StagePlan
from supplychain.flows.statuses import StageKind

MOST_ORDERS = 5
MOST_PATHS = 200
# Before every urgent order, behind whoever has a booked place.
FIRST_RANK = -1_000
EXTRA_HOURS = 14 * 24.0
RAPID_SHARE = 0.5
COURIER_QUANTILE = 0.1
# An order whose P(late) rises by less is not hit.
LEAST_HARM = 0.01
# A probability that differs by less is told as the same (standing.py).
TELLING = 0.03
# By so much the chance of being late moves before what was tried tells of another situation.
MOVED = 0.2
# Whoever is late in nine of ten futures is helped after those for whom there is more hope.
ALL_BUT_LOST = 0.9


class RescueKind(StrEnum):
    """What can be done for one order."""

    GOES_FIRST = "goes_first"
    FASTER_COURIER = "faster_courier"
    RAPID_TEST = "rapid_test"
    EXTRA_PLACE = "extra_place"


# Costs relative to each other, not money: what it takes to arrange. Only their order decides, and whoever knows better
# changes it here. Going first costs a telephone call (its harm to others is told apart), a faster courier lane a
# surcharge, a rapid test its kit and a validation check, an extra place two weeks of people or of a rented suite.
RELATIVE_COSTS = {
    RescueKind.GOES_FIRST: 1,
    RescueKind.FASTER_COURIER: 3,
    RescueKind.RAPID_TEST: 5,
    RescueKind.EXTRA_PLACE: 20,
}


class Rescue(NamedTuple):
    """One thing that was tried for an order; probabilities 0–1 over the same futures.

    `gains`: it is better than doing nothing by more than chance, and the others lose no more by it; `helps`: it is, and
    brings every probability below its threshold; `worst_before`, `worst_after`: P(late) of the other order that it hits
    worst; None: it hits none.
    """

    kind: RescueKind
    stage: str
    cost: int
    late_before: float
    late: float
    wait_expires: float
    no_dose: float
    helps: bool
    worst_before: float | None
    worst_after: float | None
    gains: bool = True


class WhatIf(NamedTuple):
    """A rescue as another line; None where nothing is changed."""

    kind: RescueKind
    stage: str
    orders: list[OrderAhead] | None = None
    pools: list[list[tuple[float, int]]] | None = None
    curves: list[Curve] | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """An order to be rescued: where it stands in the state, what is said of it, and its product's thresholds."""

    index: int
    summary: Summary
    limits: Thresholds


def most_urgent(state: LineState, asked: Iterable[Asked]) -> list[Asked]:
    """Those that are looked at, if anything can be tried: first those that are not all but lost, of these the one
    promised first."""

    def urgency(one: Asked) -> tuple[bool, float, str]:
        return (_worst(one) >= ALL_BUT_LOST, state.orders[one.index].promised_at, str(one.summary.order))

    in_order = sorted(asked, key=urgency)
    return list(islice((one for one in in_order if what_ifs(state, one)), MOST_ORDERS))


def rescues_for(
    state: LineState, asked: Sequence[Asked], *, paths: int, threads: int = 1, goes_on: Callable[[], bool] | None = None
) -> dict[int, list[Rescue]]:
    """What was tried for each order (by its place in the state), cheapest first; the last one helps, or none does.

    `goes_on`: asked before each order but the first; none is begun any more once it says no.
    """
    if not asked:
        return {}
    paths = min(paths, MOST_PATHS)
    base = simulated(state, paths=paths, threads=threads)
    before = late_shares(base)
    found: dict[int, list[Rescue]] = {}
    for one in asked:
        if found and goes_on and not goes_on():
            break
        found[one.index] = []
        for change in sorted(what_ifs(state, one), key=lambda change: RELATIVE_COSTS[change.kind]):
            made = simulated(
                state, paths=paths, threads=threads, orders=change.orders, pools=change.pools, curves=change.curves
            )
            rescue = _rescue(change, one, base, before, made)
            found[one.index].append(rescue)
            if rescue.helps:
                break
    return found


def what_ifs(state: LineState, one: Asked) -> list[WhatIf]:
    """The rescues that could make a difference to this order."""
    tries: tuple[Callable[[LineState, Asked], WhatIf | None], ...] = (
        _goes_first, _faster_courier, _rapid_test, _extra_place,
    )  # fmt: skip
    return [change for make in tries if (change := make(state, one))]


def evidence(tried: Sequence[Rescue], paths: int) -> dict[str, Any]:
    """What is kept with the prediction: the rescue that helps, if one does, all that was tried, and in how many futures
    of a forecast with so many (`paths`)."""
    helping = next((one for one in tried if one.helps), None)
    found = helping._asdict() if helping else None
    return {"found": found, "tried": [one._asdict() for one in tried], "paths": min(paths, MOST_PATHS)}


def late_shares(made: Simulated) -> list[float]:
    """P(late | a dose comes) of every order that was there, by its place in the state, as it is told."""
    said = [told_of(made, index) for index in range(len(made.state.foreseen))]
    return [one.late.share if one and one.late else 0.0 for one in said]


def standing_rescue(known: Mapping[str, Any], p_late: float | None, p_wait: float) -> dict[str, Any]:
    """What was tried for an order (evidence), held against what is said of it now (`p_late` None: nothing is promised):
    nothing is advised that leaves it as likely late as it is, and no wait less likely to run out, or by which another
    order loses more than that."""
    worth = [one for one in known["tried"] if _is_worth(one, p_late, p_wait)]
    found = next((one for one in worth if one["helps"]), None)
    return {**known, "found": found, "late_then": _late_then(known, p_late), "late_now": p_late}


def still_holds(known: Mapping[str, Any], p_late: float | None) -> bool:
    """Whether what was tried for an order still tells of it: it is about as likely late as it was then. After a failure
    or a withdrawal its chances are others, and so would be those of each rescue."""
    then = _late_then(known, p_late)
    return then is None or p_late is None or abs(p_late - then) <= MOVED


def _late_then(known: Mapping[str, Any], p_late: float | None) -> float | None:
    """How likely late it was when rescues were looked for; of older evidence, when it was last held against it."""
    return known.get("late_then", known.get("late_now", p_late))


def _is_worth(one: Mapping[str, Any], p_late: float | None, p_wait: float) -> bool:
    in_time = p_late - one["late"] if p_late is not None else 0.0
    kept = p_wait - one["wait_expires"]
    lost = one["worst_after"] - one["worst_before"] if one.get("worst_after") is not None else 0.0
    return (in_time > 0 or kept >= TELLING) and max(in_time, 0.0) + max(kept, 0.0) >= lost


def _rescue(change: WhatIf, one: Asked, base: Simulated, before: Sequence[float], made: Simulated) -> Rescue:
    after, summary = late_shares(made), summary_of(made, one.index)
    gains = is_better(one.index, base, made) and not costs_others_more(base, made)
    rises = [
        (after[at] - before[at], at)
        for at, foreseen in enumerate(made.state.foreseen)
        if at != one.index and foreseen.baseline is not None
    ]
    rise, at = max(rises, default=(0.0, -1))
    is_hit = rise >= LEAST_HARM
    return Rescue(
        change.kind, change.stage, RELATIVE_COSTS[change.kind], round(before[one.index], 4), round(after[one.index], 4),
        summary.wait_expires.share, summary.no_dose.share, gains and _is_below(summary, one.limits),
        round(before[at], 4) if is_hit else None, round(after[at], 4) if is_hit else None, gains,
    )  # fmt: skip


def _is_below(summary: Summary, limits: Thresholds) -> bool:
    late = summary.late.share if summary.late else 0.0
    waits, lost = summary.wait_expires.share, summary.no_dose.share
    return late < limits.attention and waits < limits.wait_attention and lost < limits.no_dose_attention


def _worst(one: Asked) -> float:
    said = one.summary
    return max(said.late.share if said.late else 0.0, said.wait_expires.share, said.no_dose.share)


def _stages_ahead(state: LineState, one: Asked) -> list[tuple[int, StagePlan]]:
    """Positions and plans of the stages before the exit that have not begun."""
    facts = state.foreseen[one.index].facts
    awaited = before_exit(facts.flow)
    return [
        (at, stage.plan)
        for at, (code, stage) in enumerate(facts.stages.items())
        if state.orders[one.index].visits[at].state == WAITING and code in awaited
    ]


def _goes_first(state: LineState, one: Asked) -> WhatIf | None:
    """It goes first in the queues that it has still to stand in."""
    visits = state.orders[one.index].visits
    queues = [plan.code for at, plan in _stages_ahead(state, one) if visits[at].pool >= 0 and not visits[at].keeps]
    if not queues:
        return None
    first = state.orders[one.index]._replace(rank=FIRST_RANK)
    return WhatIf(RescueKind.GOES_FIRST, queues[0], orders=_with(state, one.index, first))


def _faster_courier(state: LineState, one: Asked) -> WhatIf | None:
    """The next transport is as quick as one in ten."""
    transports = [(at, plan) for at, plan in _stages_ahead(state, one) if plan.kind == StageKind.TRANSPORT]
    return _with_curve(state, one, RescueKind.FASTER_COURIER, transports, lambda curve: constant(
        quantile_of(curve, COURIER_QUANTILE)))  # fmt: skip


def _rapid_test(state: LineState, one: Asked) -> WhatIf | None:
    """A test that is not begun takes half its hours."""
    tests = [(at, plan) for at, plan in _stages_ahead(state, one) if plan.kind == StageKind.QUALITY_CONTROL]
    return _with_curve(state, one, RescueKind.RAPID_TEST, tests, lambda curve: tuple(RAPID_SHARE * h for h in curve))


def _extra_place(state: LineState, one: Asked) -> WhatIf | None:
    """The pool of the stage that contributes most has one more place for two weeks."""
    stage = one.summary.contributes.stage if one.summary.contributes else one.summary.expires_stage
    visits = state.orders[one.index].visits
    at = next((at for at, plan in _stages_ahead(state, one) if plan.code == stage), None)
    if at is None or visits[at].pool < 0:
        return None
    pools = list(state.pools)
    pools[visits[at].pool] = with_extra_place(pools[visits[at].pool])
    return WhatIf(RescueKind.EXTRA_PLACE, stage, pools=pools)


def with_extra_place(steps: Sequence[tuple[float, int]], hours: float = EXTRA_HOURS) -> list[tuple[float, int]]:
    """Capacity steps with one more place from now for so many hours."""
    known = sorted(steps)
    now_places = next((places for moment, places in reversed(known) if moment <= 0), 0)
    end_places = next((places for moment, places in reversed(known) if moment <= hours), 0)
    raised = [(0.0, now_places + 1), *((moment, places + 1) for moment, places in known if 0 < moment < hours)]
    return [*(s for s in known if s[0] < 0), *raised, (hours, end_places), *(s for s in known if s[0] > hours)]


def _with_curve(
    state: LineState,
    one: Asked,
    kind: RescueKind,
    stages: Sequence[tuple[int, StagePlan]],
    quicker: Callable[[Curve], Curve],
) -> WhatIf | None:
    """The first of `stages` with another distribution of hours."""
    if not stages:
        return None
    (at, plan), order = stages[0], state.orders[one.index]
    curves = [*state.curves, quicker(state.curves[order.visits[at].curve])]
    visits = list(order.visits)
    visits[at] = visits[at]._replace(curve=len(curves) - 1)
    return WhatIf(kind, plan.code, orders=_with(state, one.index, order._replace(visits=visits)), curves=curves)


def _with(state: LineState, index: int, order: OrderAhead) -> list[OrderAhead]:
    orders = list(state.orders)
    orders[index] = order
    return orders
