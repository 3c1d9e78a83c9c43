"""Replications of a plan: each its own orders and its own luck, the same numbers for every scenario.

The network is built once; a replication only fills in when its orders begin, what they are promised and whose luck
they have. Orders that do not come in it begin after everything.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from math import ceil, inf, nan
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from batches.durations.rules.start_hours import chances_ahead
from batches.ramp_ups.rules.demand import Coming, coming
from batches.ramp_ups.rules.lines import LineJourney, OpenOrder
from batches.ramp_ups.rules.plans import COPY, Plan, Stream
from batches.simulation.rules.network import Network, OrderAhead, Visit, network

if TYPE_CHECKING:
    from batches.simulation.rules.futures import Futures

COLLECTION = "collection"
ATTEMPTS_LEFT = 2
NEVER = 1e12


@dataclass(frozen=True, slots=True)
class Replication:
    """One future of a plan: what came of every order, and when each began (infinite: it did not come)."""

    number: int
    net: Network
    futures: "Futures"
    begins: np.ndarray


class Drawn(NamedTuple):
    """The network of one replication, and when each order of it begins (infinite: it does not come)."""

    number: int
    net: Network
    begins: np.ndarray


@dataclass(frozen=True, slots=True)
class _Group:
    """The orders of one stream in the network: where they stand, and which visits of each can begin with it."""

    stream: Stream
    first: int
    size: int
    entries: tuple[int, ...]


def replicate(
    plan: Plan, numbers: Sequence[int], *, opened: float, horizon: float, threads: int = 1
) -> Iterator[Replication]:
    """The futures of these numbers, in their order; pools are measured from `opened` to `horizon`."""
    from batches.simulation.rules.futures import simulate  # loads the compiler: only who simulates needs it

    def one(drawn: Drawn) -> Replication:
        futures = simulate(drawn.net, paths=1, first_path=drawn.number, horizon=horizon, opened=opened)
        return Replication(drawn.number, drawn.net, futures, drawn.begins)

    if threads <= 1:
        yield from map(one, drawn_orders(plan, numbers, horizon))
        return
    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(one, drawn_orders(plan, numbers, horizon))


def drawn_orders(plan: Plan, numbers: Sequence[int], horizon: float) -> Iterator[Drawn]:
    """What the replications of these numbers start from."""
    ahead = {number: [coming(plan, stream, number, horizon) for stream in plan.streams] for number in numbers}
    sizes = [max((ahead[n][at].keys.size for n in numbers), default=0) for at in range(len(plan.streams))]
    net, groups = _network(plan, sizes, horizon)
    for number in numbers:
        yield Drawn(number, *_filled(net, groups, ahead[number], plan))


def _network(plan: Plan, sizes: Sequence[int], horizon: float) -> tuple[Network, list[_Group]]:
    """Everything under way, then room for `sizes` orders of each stream."""
    curves: list[tuple[float, ...]] = []
    numbers = {pool.code: at for at, pool in enumerate(plan.pools)}
    orders = [_open_order(plan, order, numbers, curves, at) for at, order in enumerate(plan.line.open_orders)]
    groups = []
    for stream, size in zip(plan.streams, sizes, strict=True):
        visits = _visits(plan, stream, numbers, curves)
        codes = [stage.code for stage in stream.journey.stages]
        groups.append(_Group(stream, len(orders), size, tuple(at for at, one in enumerate(visits) if not one.after)))
        orders += [
            OrderAhead(key=len(orders) + at, visits=visits, exit=codes.index(stream.journey.exit),
                       collection=_collection(stream.journey), attempts_left=ATTEMPTS_LEFT)
            for at in range(size)
        ]  # fmt: skip
    ahead = chances_ahead(plan.line.hours, datetime.fromisoformat(plan.line.made_at), ceil(horizon) + 1)
    net, _ = network(orders, [pool.steps for pool in plan.pools], curves, list(ahead.values()))
    for at, order in enumerate(plan.line.open_orders):
        net.orders["key"][at] = order.key
    return net, groups


def _filled(net: Network, groups: Sequence[_Group], ahead: Sequence[Coming], plan: Plan) -> tuple[Network, np.ndarray]:
    """The network with the orders of one replication in it, and when each order begins."""
    orders, standing = net.orders.copy(), net.standing.copy()
    begins = np.full(orders.size, inf)
    begins[: len(plan.line.open_orders)] = 0.0
    for group, coming_orders in zip(groups, ahead, strict=True):
        came, room = (
            slice(group.first, group.first + coming_orders.keys.size),
            slice(group.first, group.first + group.size),
        )
        begins[came] = coming_orders.begins
        orders["key"][came] = coming_orders.keys
        orders["promised"][came] = coming_orders.begins + group.stream.journey.promise * plan.line.allowance
        starts = np.where(np.isfinite(begins[room]), begins[room], NEVER)
        for entry in group.entries:
            standing["ready"][orders["first"][room] + entry] = starts
    return net._replace(orders=orders, standing=standing), begins


def _visits(plan: Plan, stream: Stream, numbers: dict[str, int], curves: list[tuple[float, ...]]) -> tuple[Visit, ...]:
    journey = stream.journey
    codes = {stage.code: at for at, stage in enumerate(journey.stages)}
    again = journey.followers(journey.restart) if journey.restart in codes else frozenset()
    visits = []
    for stage in journey.stages:
        curves.append(plan.curve(stage.code, stage.curve))
        opens = again if stage.code in again else journey.followers(stage.code)
        pool = stage.pool + (COPY if stream.is_copy and stage.pool else "")
        visits.append(
            Visit(
                stage=stage.code, curve=len(curves) - 1, after=tuple(codes[code] for code in stage.after),
                pool=numbers.get(pool, -1), keeps=stage.keeps,
                longest_wait=inf if stage.longest_wait is None else stage.longest_wait,
                fails=plan.fails(stage.code, stage.fails), withdrawn=stage.withdrawn,
                reopens=tuple(sorted(codes[code] for code in opens)), hours=plan.hours(stage.pool, stage.hours),
            )
        )  # fmt: skip
    return tuple(visits)


def _collection(journey: LineJourney) -> int:
    places = [at for at, stage in enumerate(journey.stages) if stage.kind == COLLECTION]
    return places[-1] if places else -1


def _open_order(
    plan: Plan, order: OpenOrder, numbers: dict[str, int], curves: list[tuple[float, ...]], key: int
) -> OrderAhead:
    visits = []
    for one in order.visits:
        curves.append(plan.curve(one.stage, plan.line.open_curves[one.curve]))
        visits.append(
            Visit(
                stage=one.stage, curve=len(curves) - 1, after=one.after, pool=numbers.get(one.pool, -1),
                keeps=one.keeps, state=one.state, ready_at=one.ready_at, elapsed=one.elapsed, booked_at=one.booked_at,
                longest_wait=inf if one.longest_wait is None else one.longest_wait,
                fails=plan.fails(one.stage, one.fails), withdrawn=one.withdrawn, reopens=one.reopens,
                hours=plan.hours(one.pool, one.hours),
            )
        )  # fmt: skip
    return OrderAhead(
        key=key, visits=tuple(visits), exit=order.exit, collection=order.collection,
        collected_at=nan if order.collected_at is None else order.collected_at,
        promised_at=inf if order.promised_at is None else order.promised_at,
        rank=order.rank, attempts_left=order.attempts_left, begins_at=order.begins_at,
    )  # fmt: skip
