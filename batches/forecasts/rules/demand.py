"""Orders not yet placed: of which kinds they will be, and when they come."""

from collections.abc import Sequence
from datetime import timedelta
from math import ceil, inf, sqrt
from typing import NamedTuple

from batches.forecasts.rules.line_facts import OrderKind
from supplychain.orders.statuses import Priority

URGENT_RANK, USUAL_RANK = -1, 0
# Orders still to come: at the rate of the last eight weeks, for the next thirty days.
RATE_WINDOW = timedelta(days=56)
DEMAND_AHEAD = timedelta(days=30)
MOST_DEVIATIONS = 2
HOURS_AHEAD = DEMAND_AHEAD.total_seconds() / 3600


class ToCome(NamedTuple):
    """An order that will be placed in so many hours, or at random (OrderAhead.arrival)."""

    kind: OrderKind
    begins_at: float
    arrival: tuple[int, float, float] = (0, 0.0, inf)


def rank_of(kind: OrderKind) -> int:
    """Who goes first in a queue: the lower."""
    return URGENT_RANK if kind.priority == Priority.URGENT else USUAL_RANK


def evenly(recent: Sequence[OrderKind]) -> list[ToCome]:
    """Over DEMAND_AHEAD evenly spread, each of the kind of one of RATE_WINDOW."""
    return [ToCome(recent[index], begins_at) for index, begins_at in evenly_spread(len(recent))]


def evenly_spread(recent: int) -> list[tuple[int, float]]:
    """Of so many orders of RATE_WINDOW which ones are to come again, and in how many hours."""
    number = round(recent * (DEMAND_AHEAD / RATE_WINDOW))
    step = HOURS_AHEAD / max(number, 1)
    return [(index * recent // number, (index + 0.5) * step) for index in range(number)]


def at_random(recent: Sequence[OrderKind]) -> list[ToCome]:
    """In each future at random, urgent and other orders by themselves: where they share one process, that an urgent
    one comes is no surprise. More than come on the mean: hardly ever more than MOST_DEVIATIONS above it."""
    ranks = {rank_of(kind) for kind in recent}
    return [one for rank in sorted(ranks) for one in _process([kind for kind in recent if rank_of(kind) == rank])]


def _process(kinds: Sequence[OrderKind]) -> list[ToCome]:
    share = DEMAND_AHEAD / RATE_WINDOW
    mean, gap = len(kinds) * share, HOURS_AHEAD / (len(kinds) * share)
    return [
        ToCome(kinds[int(index / share) % len(kinds)], (index + 0.5) * gap, (index + 1, gap, HOURS_AHEAD))
        for index in range(ceil(mean + MOST_DEVIATIONS * sqrt(mean)))
    ]
