"""Plans that would be cheaper than one that was found: all of them where they are few, else its neighbours."""

from collections.abc import Callable, Mapping
from heapq import heappop, heappush
from math import inf

Places = tuple[tuple[str, int], ...]


class TooManyPlans(Exception):
    """More plans would have to be tried than may be."""


def cheapest_below(
    limit: float, prices: Mapping[str, float], start: Mapping[str, int], widened: Callable[[Places], set[str] | None],
    most: int,
) -> Places | None:  # fmt: skip
    """The cheapest plan of all that is enough and costs less than `limit` a week; None: there is none.

    Branch and bound, the cheapest first (Dijkstra 1959 on the lattice of plans). `start`: places without which no plan
    is enough; `widened`: the pools in which another place can change anything, None: the plan is enough. A place where
    nobody waits changes nothing, so what is not reached this way is no better than something cheaper. Raises
    TooManyPlans past `most` tried.
    """
    first = plan_of(start)
    waiting, seen, tried = [(_cost(first, prices), first)], {first}, 0
    while waiting and waiting[0][0] < limit - 1e-9:
        _, plan = heappop(waiting)
        if (tried := tried + 1) > most:
            raise TooManyPlans
        if (pools := widened(plan)) is None:
            return plan
        for code in sorted(pools & prices.keys()):
            further = plan_of(dict(plan) | {code: dict(plan).get(code, 0) + 1})
            if further not in seen:
                seen.add(further)
                heappush(waiting, (_cost(further, prices), further))
    return None


def few_are_cheaper(prices: Mapping[str, float], room: float, most: float) -> bool:
    """Whether at most about `most` plans of these pools cost less than `room`: the volume of their simplex, and its
    surface by one place more."""
    if room <= 0 or not prices:
        return True
    count = 1.0
    for number, price in enumerate(prices.values(), start=1):
        count *= (room / price + 1) / number if price > 0 else inf
    return count <= most


def swaps_of(plan: Places, prices: Mapping[str, float]) -> list[Places]:
    """The plan with one place fewer, or one exchanged for a cheaper one elsewhere, the cheapest first."""
    found = set()
    for code, count in plan:
        fewer = dict(plan) | {code: count - 1}
        found.add(plan_of(fewer))
        for other, price in prices.items():
            if other != code and price < prices[code]:
                found.add(plan_of(fewer | {other: fewer.get(other, 0) + 1}))
    return sorted(found, key=lambda one: (_cost(one, prices), one))


def plan_of(counts: Mapping[str, int]) -> Places:
    """Places by pool in the one way in which plans are compared."""
    return tuple(sorted((code, count) for code, count in counts.items() if count))


def _cost(plan: Places, prices: Mapping[str, float]) -> float:
    return sum(prices[code] * count for code, count in plan)
