"""Lines for tests of the simulation: pools and curves in a few words."""

from collections.abc import Sequence
from typing import Any

from batches.durations.rules.curves import QUANTILES
from batches.simulation.rules.futures import Futures, simulate
from batches.simulation.rules.network import OrderAhead, Visit, network


def always(hours: float) -> list[float]:
    """The curve of what always takes `hours`."""
    return [hours] * QUANTILES


def through_a_suite(key: int, curve: int = 0, *, begins_at: float = 0.0, rank: int = 0, **visit: Any) -> OrderAhead:
    """An order that needs a place of the first pool, then its infusion (curve 1)."""
    visits = (Visit("suite", curve, pool=0, **visit), Visit("infusion", 1, (0,)))
    return OrderAhead(key, visits, exit=1, begins_at=begins_at, rank=rank)


def futures_of(
    orders: Sequence[OrderAhead],
    steps: Sequence[tuple[float, int]],
    curves: Sequence[Sequence[float]],
    *,
    paths: int = 1,
    **more: Any,
) -> Futures:
    """What comes of the orders where the one pool has places by these steps."""
    return simulate(network(orders, [steps], curves)[0], paths=paths, **more)
