"""What a simulation starts from: orders with the stages ahead of them, pools with places by time, curves of hours.

All moments are hours from now (the past is negative), all durations hours. `network` turns plain tuples into arrays
and puts the orders into one order by their key, so that the answer does not depend on how they were given.
"""

from collections.abc import Sequence
from hashlib import blake2b
from math import inf, nan
from typing import Any, NamedTuple

import numpy as np

from batches.durations.rules.curves import QUANTILES
from batches.durations.rules.start_hours import ChancesAhead
from batches.simulation.rules.standing import (
    DONE,
    WAITING,
    bits_of,
    bookings,
    chains,
    ends_of,
    followers_of,
    hours_of,
    reckon_stays,
    refuse_what_is_not_there,
)
from batches.simulation.rules.standing import RUNNING as RUNNING  # with the other two, for who reads networks

MOST_STAGES = 63


class Visit(NamedTuple):
    """One stage of one order, in board order.

    `after`: positions of the stages it waits for; `pool`: number of the pool or -1; `keeps`: it goes on in the place
    of the stage before it in the same pool. `ready_at`: since when it could start (None: the stages before it are not
    done); `elapsed`: hours at work so far; `booked_at`: not before. `curve`: which distribution its work follows.
    `fails`, `withdrawn`: P(it ends by failing, by the order's end), 0–1. `reopens`: positions that a failure opens
    anew, empty: a failure ends the order. `longest_wait`: permitted hours from ready to start. `load`: how far its
    work takes part in the slowness of its order (0: not at all, 1: wholly). `failing`: which distribution its work
    follows if it fails; -1: the same, however it ends. `fails_again`: P(it fails) after a failure in the future; None:
    as before it. `hours`: number of the hours in which it is begun; -1: at once.
    """

    stage: str
    curve: int
    after: tuple[int, ...] = ()
    pool: int = -1
    keeps: bool = False
    state: int = WAITING
    ready_at: float | None = None
    elapsed: float = 0.0
    booked_at: float | None = None
    longest_wait: float = inf
    fails: float = 0.0
    withdrawn: float = 0.0
    reopens: tuple[int, ...] = ()
    load: float = 1.0
    failing: int = -1
    fails_again: float | None = None
    hours: int = -1


class OrderAhead(NamedTuple):
    """One order: `rank` lower goes first in a queue, equals by the moment they became ready, then by `key`.

    `key` names the order's random numbers: the same key has the same luck in every scenario. `begins_at`: when its
    first stages can start (demand to come). `exit`, `collection`: positions of the stage that ends the patient's wait
    and of the last collection; `collected_at`: where that is past. `attempts_left`: new attempts after failures.
    `slowness`: mean and standard deviation of the normal distribution of what is common to the log hours of all its
    stages, beyond their curves; drawn once a path. (0, 0): there is no such thing. `arrival`: the how-manyth (from 1)
    it is of its rank that arrive at random, the mean hours between two, and until when; 0: it comes at `begins_at`.
    `watched`: positions of visits whose begin is noted.
    """

    key: int
    visits: Sequence[Visit]
    exit: int
    collection: int = -1
    collected_at: float = nan
    promised_at: float = inf
    rank: int = 0
    begins_at: float = 0.0
    attempts_left: int = 2
    slowness: tuple[float, float] = (0.0, 0.0)
    arrival: tuple[int, float, float] = (0, 0.0, inf)
    watched: tuple[int, ...] = ()


# Records rather than many arrays, and small ones: what one event touches lies together and stays in the cache.
ORDER = np.dtype(
    [("key", "u8"), ("promised", "f8"), ("collected", "f8"), ("rank", "i4"), ("collection", "i4"), ("exit", "i4"),
     ("attempts", "i4"), ("first", "i4"), ("last", "i4")]
)  # fmt: skip
VISIT = np.dtype(
    [("order", "i4"), ("pool", "i4"), ("head", "i4"), ("curve", "i4"), ("next", "i4"), ("next_end", "i4"),
     ("straight", "i4"), ("is_last", "i4"), ("stage", "u8"), ("booked", "f8"), ("longest", "f8"), ("fails", "f4"),
     ("withdrawn", "f4"), ("load", "f8")]
)  # fmt: skip
STANDING = np.dtype(
    [("ready", "f8"), ("elapsed", "f8"), ("reopens", "u8"), ("before", "i4"), ("before_end", "i4"),
     ("waits_for", "i4"), ("state", "i2"), ("holds", "i2"), ("stay", "f8"), ("left", "f8")]
)  # fmt: skip
STEP = np.dtype([("at", "f8"), ("places", "i8")])


class Network(NamedTuple):
    """The same as arrays of records: orders n, visits v (order by order) and how they stand now, links, capacity steps.

    `straight`: the visit that goes on at once when this one ends well, whatever else happens; -1: there is none.
    `before`, `next`: numbers of the visits that a visit waits for and that wait for it, from–to in STANDING and VISIT;
    `steps` of pool p: `step_start[p]` to `step_start[p + 1]`. `bookings`: visits that have booked a place of pool p to
    come, by their moments: `booking_start[p]` to `booking_start[p + 1]`. In STANDING `stay`: usual hours from taking a
    place to giving it back, `left`: the same from now on. `drawn`: what is drawn
    once a path of each order, n × 5: its `slowness` and its `arrival`. `ends` (v): how visits end by attempt and time;
    empty where neither matters for any. `hours_of` (v): which row of
    `hours` says when a visit is begun, -1: at once; empty where all are. `hours`: chances to begin that have passed by
    each hour, on the mean; they count from `hours_since` before now on, and with a factor `by_wait`. `watched`: visits
    whose begin is noted.
    """

    orders: Any
    visits: Any
    standing: Any
    before: Any
    next: Any
    step_start: Any
    steps: Any
    curves: Any
    booking_start: Any
    bookings: Any
    drawn: Any
    ends: Any
    hours_of: Any
    hours: Any
    hours_since: Any
    by_wait: Any
    watched: Any


def key_of(text: str) -> int:
    """A stable 64-bit key of a text, for example of an order's id."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def network(
    orders: Sequence[OrderAhead],
    pools: Sequence[Sequence[tuple[float, int]]],
    curves: Sequence[Sequence[float]],
    hours: Sequence[ChancesAhead] = (),
) -> tuple[Network, list[int]]:
    """Arrays of the orders, and at which place of `orders` each of them stood.

    `pools`: capacity steps (from when on, places); before the first a pool has none. `curves`: quantile tables of
    QUANTILES hours. `hours`: when stages are begun. Raises ValueError for more than MOST_STAGES stages, or no table.
    """
    table = np.asarray(curves, dtype=np.float64).reshape(-1, QUANTILES)
    if table.size and (np.any(np.diff(table, axis=1) < 0) or np.any(table < 0) or not np.all(np.isfinite(table))):
        raise ValueError("A curve must be non-decreasing, finite hours of 0 or more.")
    places = sorted(range(len(orders)), key=lambda index: (orders[index].key, index))
    columns = _Columns()
    for index in places:
        columns.add(orders[index])
    return columns.arrays(_steps(pools), table, hours), places


def _steps(pools: Sequence[Sequence[tuple[float, int]]]) -> tuple[Any, Any]:
    starts, steps = [0], []
    for of_pool in pools:
        steps += sorted(of_pool)
        starts.append(len(steps))
    return np.array(starts, np.int64), _records(np.array(steps, STEP))


def _records(array: Any) -> Any:
    from batches.simulation.rules.compiled import (
        records,  # loads the compiler, which takes a second: only who simulates needs it
    )

    return records(array)


class _Around(NamedTuple):
    """What the rest of its order makes of a visit: who takes its place, whether it gives it back and whether it is held
    now; who goes straight on after it (-1: nobody); from where to where its links to those before and after go."""

    head: int
    is_last: bool
    holds: bool
    straight: int
    before: tuple[int, int]
    next: tuple[int, int]


class _Columns:
    """Rows that grow order by order and become arrays at the end."""

    def __init__(self) -> None:
        self.orders: list[tuple[Any, ...]] = []
        self.visits: list[tuple[Any, ...]] = []
        self.standing: list[tuple[Any, ...]] = []
        self.before: list[int] = []
        self.next: list[int] = []
        self.stage_keys: dict[str, int] = {}
        self.drawn: list[tuple[float, ...]] = []
        self.ends: list[tuple[float | None, int]] = []
        self.hours: list[int] = []
        self.watched: list[int] = []

    def add(self, order: OrderAhead) -> None:
        """Take one order in. Raises ValueError for more stages than can be told apart."""
        visits, base = order.visits, len(self.visits)
        if len(visits) > MOST_STAGES:
            raise ValueError(f"An order has {len(visits)} stages; at most {MOST_STAGES} can be simulated.")
        collection = base + order.collection if order.collection >= 0 else -1
        self.orders.append(
            (order.key, order.promised_at, order.collected_at, order.rank, collection, base + order.exit,
             order.attempts_left, base, base + len(visits))
        )  # fmt: skip
        self.drawn.append((*order.slowness, *order.arrival))
        self.watched += [base + at for at in order.watched]
        for at, around in enumerate(self._arounds(visits, base)):
            self.visits.append(self._visit(visits[at], around))
            self.ends.append((visits[at].fails_again, visits[at].failing))
            self.hours.append(visits[at].hours)
            self.standing.append(_standing(order, at, around))

    def _arounds(self, visits: Sequence[Visit], base: int) -> list[_Around]:
        heads, lasts = chains(visits)
        holding = _holding(visits, heads)
        followers = followers_of(tuple([visit.after for visit in visits]))
        arounds = []
        for at, visit in enumerate(visits):
            straight = _straight(visits, heads, at, followers[at])
            before, following = len(self.before), len(self.next)
            self.before += [base + one for one in visit.after]
            self.next += [base + one for one in followers[at]]
            links = (before, len(self.before)), (following, len(self.next))
            goes_on = base + straight if straight >= 0 else -1
            arounds.append(_Around(base + heads[at], at in lasts, at in holding, goes_on, *links))
        return arounds

    def _visit(self, visit: Visit, around: _Around) -> tuple[Any, ...]:
        if visit.stage not in self.stage_keys:
            self.stage_keys[visit.stage] = key_of(visit.stage)
        booked = nan if visit.booked_at is None else visit.booked_at
        return (
            len(self.orders) - 1, visit.pool, around.head, visit.curve, *around.next, around.straight, around.is_last,
            self.stage_keys[visit.stage], booked, visit.longest_wait, visit.fails, visit.withdrawn, visit.load,
        )  # fmt: skip

    def arrays(self, steps: tuple[Any, Any], curves: Any, hours: Sequence[ChancesAhead]) -> Network:
        """The network, with these capacity steps, curves and hours."""
        links = np.array(self.before, np.int64), np.array(self.next, np.int64)
        rows = ((self.orders, ORDER), (self.visits, VISIT), (self.standing, STANDING))
        orders, visits, standing = (np.array(row, kind) for row, kind in rows)
        refuse_what_is_not_there(visits, standing, orders, len(curves), len(steps[0]) - 1)
        reckon_stays(visits, standing, curves)
        booked = bookings(visits, standing, len(steps[0]) - 1)
        drawn = np.array(self.drawn, np.float64).reshape(-1, 5)
        if not np.all(np.isfinite(drawn[:, :2])) or np.any(drawn[:, 1] < 0):
            raise ValueError("The slowness of an order is no distribution.")
        rows_of = _records(orders), _records(visits), _records(standing)
        return Network(
            *rows_of, *links, *steps, curves, *booked, drawn, _records(ends_of(self.ends, visits, len(curves))),
            *hours_of(self.hours, hours), np.array(self.watched, np.int64),
        )  # fmt: skip


def _standing(order: OrderAhead, at: int, around: _Around) -> tuple[Any, ...]:
    visit, ready = order.visits[at], order.visits[at].ready_at
    waits_for = sum(order.visits[one].state != DONE for one in visit.after)
    if ready is None:
        ready = nan if waits_for or visit.state != WAITING else order.begins_at
    return ready, visit.elapsed, bits_of(visit.reopens), *around.before, waits_for, visit.state, around.holds, 0.0, 0.0


def _holding(visits: Sequence[Visit], heads: Sequence[int]) -> set[int]:
    """The visits that took a place which is held now: some visit in it was begun, and the last one is not done."""
    begun = {head for head, visit in zip(heads, visits, strict=True) if visit.pool >= 0 and visit.state != WAITING}
    last = dict(zip(heads, visits, strict=True))
    return {head for head in begun if last[head].state != DONE}


def _straight(visits: Sequence[Visit], heads: Sequence[int], at: int, followers: Sequence[int]) -> int:
    """The one follower that waits for nothing else, neither for a place nor for a booked moment; -1 without one."""
    if len(followers) != 1:
        return -1
    follower = visits[followers[0]]
    is_alone = len(follower.after) == 1 and follower.booked_at is None
    needs_nothing = visits[at].pool < 0 and follower.pool < 0
    stays = follower.pool >= 0 and heads[followers[0]] == heads[at]
    return followers[0] if is_alone and (needs_nothing or stays) else -1
