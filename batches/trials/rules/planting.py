"""A line's own pools, flows, hours and orders, with the pool that limits it planted, or none: then the truth is known.

All pools are brought to one load by stretching the hours of their stages, and the others then lightened: what the line
looks like now is not taken for the truth about it. Failures, withdrawals, shifts and closures are left out. Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from msgspec.structs import replace

from batches.ramp_ups.rules.lines import WEEK, SimulatedLine
from batches.ramp_ups.rules.loads import PoolLoad, loads_of, warm_up_hours
from batches.ramp_ups.rules.plans import Plan, plan_of
from batches.ramp_ups.rules.replications import drawn_orders
from batches.simulation.rules.network import Network
from batches.trials.rules.records import PoolRecord

# The busiest pool of the line keeps its load between these: below hardly anybody waits, above no queue settles.
LEAST_LOAD, MOST_LOAD = 0.85, 0.92
SLOWER = (0.1, 0.2, 0.3)
# A line begins empty; it is run at least so long before it is judged, and at most so long.
FEWEST_WEEKS, MOST_WEEKS = 8, 52
LEVELLING_STEPS = 30
NEAR = 0.01


class CannotBePlanted(Exception):
    """Why no truth can be planted in a line, in words for its people."""


class Planting(NamedTuple):
    """One simulated line to be: the pool that limits it (empty: none), by how much the others are less used (0–1), and
    the number of its luck."""

    limits: str
    slower: float
    number: int


class PlantedLine(NamedTuple):
    """What was planted, the record of it, in flow order, and from when on (hours) it may be judged."""

    planting: Planting
    records: Sequence[PoolRecord]
    settled: float


def plantings(pools: Sequence[str], rounds: int) -> list[list[Planting]]:
    """By round: each pool planted by each of SLOWER, and as many lines without a limit. No two have the same luck."""
    found, number = [], 0
    for _ in range(rounds):
        of_round = []
        for slower in SLOWER:
            for pool in pools:
                of_round += [Planting(pool, slower, number), Planting("", 0.0, number + 1)]
                number += 2
        found.append(of_round)
    return found


def pools_in_use(line: SimulatedLine) -> list[str]:
    """Pools with places through which orders go, in flow order. Raises CannotBePlanted for less than two."""
    if not sum(journey.per_week for journey in line.journeys):
        raise CannotBePlanted("no order came in the last half year")
    used = {load.code for load in _loads(_plain(line)) if load.load > 0 and load.places}
    codes = list(dict.fromkeys(stage.pool for journey in line.journeys for stage in journey.stages))
    found = [code for code in codes if code in used]
    if len(found) < 2:
        raise CannotBePlanted("fewer than two of its pools have places and orders")
    return found


def planted_lines(
    line: SimulatedLine, chosen: Sequence[Planting], pools: Sequence[str], weeks: float
) -> Iterator[PlantedLine]:
    """The record of each of these lines: so many weeks after it has settled."""
    plain = _plain(line)
    busiest = max(load.load for load in _loads(plain) if load.code in pools)
    load = min(max(busiest, LEAST_LOAD), MOST_LOAD)
    made: dict[tuple[str, float], tuple[SimulatedLine, float]] = {}
    for planting in chosen:
        key = planting.limits, planting.slower
        if key not in made:
            made[key] = _at_loads(
                plain,
                {
                    code: load if code == planting.limits or not planting.limits else load / (1 + planting.slower)
                    for code in pools
                },
            )
        yield _recorded(made[key], planting, pools, weeks)


def _plain(line: SimulatedLine) -> SimulatedLine:
    """The line without what the record of a simulated one cannot show."""
    return replace(
        line, open_orders=(), open_curves=(),
        pools=tuple(replace(pool, steps=((0.0, pool.places),)) for pool in line.pools),
        journeys=tuple(
            replace(journey, stages=tuple(
                replace(stage, fails=0.0, withdrawn=0.0, longest_wait=None) for stage in journey.stages
            ))
            for journey in line.journeys
        ),
    )  # fmt: skip


def _loads(line: SimulatedLine) -> tuple[PoolLoad, ...]:
    return loads_of(plan_of(line, (), horizon=WEEK), 0.0)


def _at_loads(line: SimulatedLine, wanted: Mapping[str, float]) -> SimulatedLine:
    """The line with the hours of each pool's stages stretched until it has the load wanted (0–1).

    Step by step, for a place may be held through stages of other pools. Raises CannotBePlanted where such a stay alone
    is more than that.
    """
    for _ in range(LEVELLING_STEPS):
        loads = {load.code: load.load for load in _loads(line) if load.code in wanted}
        if all(abs(loads[code] / wanted[code] - 1) < NEAR for code in wanted):
            return line
        line = _stretched(line, {code: wanted[code] / loads[code] for code in wanted})
    raise CannotBePlanted("its pools cannot be brought to one load: places are held through the work of other pools")


def _stretched(line: SimulatedLine, factors: Mapping[str, float]) -> SimulatedLine:
    return replace(line, journeys=tuple(
        replace(journey, stages=tuple(
            replace(stage, curve=tuple(hours * factors[stage.pool] for hours in stage.curve))
            if stage.pool in factors else stage
            for stage in journey.stages
        ))
        for journey in line.journeys
    ))  # fmt: skip


def _recorded(line: SimulatedLine, planting: Planting, pools: Sequence[str], weeks: float) -> PlantedLine:
    from batches.simulation.rules.futures import runs_of  # loads the compiler: only who simulates needs it

    loads = {load.code: load for load in _loads(line)}
    settled = min(max(warm_up_hours(tuple(loads[code] for code in pools)), FEWEST_WEEKS * WEEK), MOST_WEEKS * WEEK)
    horizon = settled + weeks * WEEK
    plan = plan_of(line, (), horizon=horizon)
    (drawn,) = drawn_orders(plan, [planting.number], horizon)
    runs = runs_of(drawn.net, path=planting.number, horizon=horizon)
    return PlantedLine(planting, [_of_pool(plan, drawn.net, runs, loads[code]) for code in pools], settled)


def _of_pool(plan: Plan, net: Network, runs: Any, load: PoolLoad) -> PoolRecord:
    number = next(at for at, pool in enumerate(plan.pools) if pool.code == load.code)
    visits = net.visits
    mine = np.flatnonzero(visits["pool"] == number)
    takes = mine[visits["head"][mine] == mine]
    ends = np.full(visits.size, np.nan)
    gives = mine[visits["is_last"][mine] > 0]
    ends[visits["head"][gives]] = runs["end"][gives]
    return PoolRecord(load.code, load.places, load.hours, runs["ready"][takes], runs["start"][takes], ends[takes])
