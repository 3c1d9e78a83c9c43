"""Many simulated futures of a network, and what they come to."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from batches.simulation.rules.bookings import is_after
from batches.simulation.rules.chance import ARRIVAL, SLOW, SLOW_TOO, chances
from batches.simulation.rules.compiled import compiled
from batches.simulation.rules.engine import run_path
from batches.simulation.rules.network import DONE, WAITING, Network
from batches.simulation.rules.places import RAN_OUT
from batches.simulation.rules.state import LOST, OTHER_CELLS, scratch

# ruff: noqa: ANN001, ANN202 - compiled for the arrays it is given

HORIZON_HOURS = 400 * 24.0


@dataclass(frozen=True, slots=True)
class Futures:
    """What came of each order n in each path r; orders as in the network (sorted by key), hours from now.

    `ready`, `infused`, `collected` (n × r): moments; infinite: not within the horizon, NaN: no dose came of it.
    `expired` (n): paths in which a permitted wait ran out, `expired_visits` (v): at which visit; `left_waiting` (v):
    paths in which it could start and still waits at the end. `late` (n): paths with a dose after the promise.
    `wait_hours`, `work_hours` (v): means from now on over the paths in which the visit took place or was waited for to
    the end; `late_hours` (v): both together over the late paths alone. Of pools (p × r), from the measuring moment on:
    `busy`, `open`: place-hours held and open; `queue`: order-hours waited; `pressed`: hours in which somebody waited
    and no place was free. `begins` (w × r): when each watched visit was first begun; infinite: not within the horizon,
    NaN: not with the cells that wait now. `parts`: what they were added up from, so that further paths can be.
    """

    ready: Any
    infused: Any
    collected: Any
    expired: Any
    expired_visits: Any
    left_waiting: Any
    late: Any
    wait_hours: Any
    work_hours: Any
    late_hours: Any
    busy: Any
    open: Any
    queue: Any
    pressed: Any
    begins: Any
    parts: list[tuple[Any, ...]] = field(default_factory=list, repr=False)

    @property
    def paths(self) -> int:
        """How many futures were simulated."""
        return self.ready.shape[1]


def simulate(
    net: Network,
    *,
    paths: int,
    first_path: int = 0,
    horizon: float = HORIZON_HOURS,
    opened: float = 0.0,
    threads: int = 1,
    after: Futures | None = None,
) -> Futures:
    """Simulate futures `first_path` … `first_path + paths` of `net`, each by its own number: more of them leave those
    already seen as they were. `opened`: from when on pools are measured (past a warm-up). `after`: the first futures of
    the same network, which these go on from."""
    known, first_path = (after.parts, first_path + after.paths) if after else ([], first_path)
    parts = [part for part in np.array_split(np.arange(first_path, first_path + paths), threads) if part.size]

    def part_of(numbers: Any) -> tuple[Any, ...]:
        with np.errstate(over="ignore"):  # the hash wraps around, on purpose
            drawn = _slowness(net, numbers), _arrivals(net, numbers)
            # As floats: for whole numbers everything would be compiled a second time.
            return _simulate(net, scratch(net), *drawn, numbers, float(horizon), float(opened))

    if len(parts) <= 1:
        return _joined(net, [*known, *(part_of(part) for part in parts)])
    with ThreadPoolExecutor(threads) as pool:
        return _joined(net, [*known, *pool.map(part_of, parts)])


def runs_of(net: Network, *, path: int, horizon: float = HORIZON_HOURS) -> Any:
    """When each visit (v, as in the network) of one future was `ready`, when its work had its `start` and its `end`:
    hours from now, NaN or after the horizon where that did not come. Of a visit that was done again: the last time."""
    room, numbers = scratch(net), np.array([path])
    with np.errstate(over="ignore"):  # the hash wraps around, on purpose
        _simulate(net, room, _slowness(net, numbers), _arrivals(net, numbers), numbers, float(horizon), 0.0)
    return room.runs


def _joined(net: Network, parts: list[tuple[Any, ...]]) -> Futures:
    moments = [np.concatenate([part[at] for part in parts], axis=1) for at in range(3)]
    sums = [np.sum([part[at] for part in parts], axis=0) for at in range(3, 11)]
    areas = np.concatenate([part[11] for part in parts], axis=2)
    expired, expired_visits, left_waiting, late, seen, wait, work, late_hours = sums
    visited = np.maximum(seen, 1)
    of_late = np.maximum(late[net.visits["order"]], 1)
    return Futures(
        *moments, expired, expired_visits, left_waiting, late, wait / visited, work / visited, late_hours / of_late,
        *areas, np.concatenate([part[12] for part in parts], axis=1), parts,
    )  # fmt: skip


def _slowness(net: Network, numbers: Any) -> Any:
    """The slowness of each order in each path (n × r), normal (Box and Muller 1958); none where no order has any.

    Drawn here rather than in the loop: compiled or not, it is the same arithmetic.
    """
    slowness = net.drawn[:, :2]
    if not slowness.any():
        return np.empty((0, 0))
    one, other = (chances(net.orders["key"], purpose, numbers) for purpose in (SLOW, SLOW_TOO))
    normal = np.sqrt(-2.0 * np.log(one)) * np.cos(2.0 * np.pi * other)
    return slowness[:, :1] + slowness[:, 1:] * normal


def _arrivals(net: Network, numbers: Any) -> Any:
    """When each order to come arrives in each path (n × r): a Poisson process of each rank; NaN: not at random,
    infinite: not within the time that is looked at. None where no order arrives at random."""
    which, gap, until = net.drawn[:, 2:].T
    if not which.any():
        return np.empty((0, 0))
    begins = np.full((which.size, numbers.size), np.nan)
    for rank in np.unique(net.orders["rank"][which > 0]):
        coming = np.flatnonzero((which > 0) & (net.orders["rank"] == rank))
        coming = coming[np.argsort(which[coming])]
        gaps = -np.log(chances(net.orders["key"][coming], ARRIVAL, numbers)) * gap[coming, None]
        moments = np.cumsum(gaps, axis=0)
        begins[coming] = np.where(moments <= until[coming, None], moments, np.inf)
    return begins


@compiled
def _simulate(net, s, slowness, arrivals, numbers, horizon, opened):
    orders, visits, paths = net.orders.size, net.visits.size, numbers.size
    ready = np.empty((orders, paths), np.float64)
    infused, collected = np.empty_like(ready), np.empty_like(ready)
    expired, late = np.zeros(orders, np.int64), np.zeros(orders, np.int64)
    expired_visits, left_waiting = np.zeros(visits, np.int64), np.zeros(visits, np.int64)
    seen = np.zeros(visits, np.int64)
    wait, work, late_hours = np.zeros(visits), np.zeros(visits), np.zeros(visits)
    areas = np.zeros((4, s.pools.size, paths))
    begins = np.empty((net.watched.size, paths), np.float64)
    for at in range(paths):
        for order in range(orders):
            s.fates[order].slow = slowness[order, at] if slowness.size else 0.0
            s.fates[order].begins = arrivals[order, at] if arrivals.size else np.nan
        run_path(net, s, numbers[at], horizon, opened)
        for pool in range(s.pools.size):
            of = s.pools[pool]
            areas[0, pool, at], areas[1, pool, at], areas[2, pool, at] = of.held, of.open, of.waited
            areas[3, pool, at] = of.pressed
        for which in range(net.watched.size):
            begins[which, at] = _first_begun(s, net.watched[which], horizon)
        for order in range(orders):
            _note_order(net, s, order, at, horizon, ready, infused, collected)
            is_late = is_after(ready[order, at], net.orders[order].promised)
            late[order] += is_late
            expired[order] += _note_visits(
                net, s, order, horizon, is_late, expired_visits, left_waiting, seen, wait, work, late_hours
            )
    return (
        ready, infused, collected, expired, expired_visits, left_waiting, late, seen, wait, work, late_hours, areas,
        begins,
    )  # fmt: skip


@compiled
def _note_order(net, s, number, at, horizon, ready, infused, collected):
    order = net.orders[number]
    run = s.runs[order.exit]
    ready[number, at], infused[number, at] = np.inf, np.inf
    if s.fates[number].ended == LOST:
        ready[number, at], infused[number, at] = np.nan, np.nan
    elif run.ready <= horizon:
        ready[number, at] = run.ready
        if run.state == DONE:
            infused[number, at] = run.end
    collected[number, at] = order.collected if order.collection < 0 else s.runs[order.collection].end


@compiled
def _first_begun(s, visit, horizon):
    """When a watched visit was first begun."""
    begun = s.runs[visit].begun
    if begun == OTHER_CELLS:
        return np.nan
    return begun if begun <= horizon else np.inf


@compiled
def _note_visits(net, s, number, horizon, is_late, expired_visits, left_waiting, seen, wait, work, late_hours):
    """Add up the visits of one order; whether a permitted wait of it ran out."""
    any_expired = False
    for visit in range(net.orders[number].first, net.orders[number].last):
        run = s.runs[visit]
        if run.expired == RAN_OUT:
            expired_visits[visit] += 1
            any_expired = True
        is_left = run.state == WAITING and run.waits_for == 0 and run.ready < horizon
        left_waiting[visit] += is_left
        if not is_left and (np.isnan(run.start) or np.isnan(run.end)):
            continue
        begun = horizon if is_left else max(run.start, 0.0)
        waited = begun - max(run.ready, 0.0)
        worked = 0.0 if is_left else run.end - begun
        seen[visit] += 1
        wait[visit] += waited
        work[visit] += worked
        if is_late:
            late_hours[visit] += waited + worked
    return any_expired
