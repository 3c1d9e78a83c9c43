"""The active period method: which resource limits a line at each moment, alone or while it shifts.

C. Roser, M. Nakano, M. Tanaka, “Shifting bottleneck detection”, Winter Simulation Conference 2002, 1079–1086. A
resource is active unless it is starved or blocked. A bottleneck is named from its period: held to the end of that
period, then the longest of the periods active at that moment follows, in its full length and not as long as it has
lasted so far. Where two consecutive bottlenecks overlap it shifts between them; the rest of their periods they are the
sole one. With nobody active there is none, and the next to begin follows.

Pure, in whole microseconds: ties are ties. Of 1,000,000 intervals within seconds: a sweep in numpy.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from batches.judgement.rules.moments import Micros

Indices = NDArray[np.int64]


class ActivePeriods(NamedTuple):
    """Unbroken active periods; those of one resource are apart from each other. Arrays of one length."""

    resource: Indices
    start: Micros
    end: Micros


class Bottlenecks(NamedTuple):
    """The periods that the walk names, in the order of time.

    `since`–`until`: when it was the momentary one; `alone_from`–`alone_until`: when it was the sole one (empty where
    the first is not before the second). The rest of `start`–`end` is shifting.
    """

    resource: Indices
    start: Micros
    end: Micros
    since: Micros
    until: Micros
    alone_from: Micros
    alone_until: Micros


class Shares(NamedTuple):
    """For each resource the microseconds of a window in which it was active, momentary, sole and shifting."""

    active: Micros
    momentary: Micros
    sole: Micros
    shifting: Micros


def unbroken(resource: Indices, start: Micros, end: Micros) -> ActivePeriods:
    """Merge intervals that overlap or touch, per resource: no time in between, no break. Empty ones count nothing."""
    some = start < end
    resource, start, end = resource[some], start[some], end[some]
    if not len(start):
        return ActivePeriods(resource, start, end)
    order = np.lexsort((start, resource))
    resource, start, end = resource[order], start[order], end[order]
    # Each resource gets a time of its own, one after the other, so that one running maximum serves them all.
    first = int(start.min())
    shift = resource * (int(end.max()) - first + 1) - first
    furthest = np.maximum.accumulate(end + shift)
    begins = np.flatnonzero(np.r_[True, (start + shift)[1:] > furthest[:-1]] | np.r_[True, np.diff(resource) != 0])
    last = np.r_[begins[1:], len(start)] - 1
    return ActivePeriods(resource[begins], start[begins], furthest[last] - shift[last])


def find_bottlenecks(periods: ActivePeriods) -> Bottlenecks:
    """The bottlenecks, one after the other. Of equally long ones the earlier begun is named; identical ones all are.

    The order of the periods does not matter.
    """
    resource, start, end = periods
    if not len(start):
        return Bottlenecks(resource, *[start] * 6)
    order = np.lexsort((resource, -end, start))
    resource, start, end = resource[order], start[order], end[order]
    same = np.r_[False, (np.diff(start) == 0) & (np.diff(end) == 0)]
    # A period inside another is shorter and never the longest: what is left rises in both start and end.
    reached = np.r_[np.iinfo(np.int64).min, np.maximum.accumulate(end)[:-1]]
    rising = np.flatnonzero(end > reached)
    chosen = rising[_walk(start[rising], end[rising])]
    since = np.maximum(start[chosen], np.r_[start[chosen][:1], end[chosen][:-1]])
    alone_until = np.minimum(end[chosen], np.r_[start[chosen][1:], end[chosen][-1:]])
    found = Bottlenecks(resource[chosen], start[chosen], end[chosen], since, end[chosen], since, alone_until)
    return _with_identical(found, chosen, resource, same)


def _walk(start: Micros, end: Micros) -> Indices:
    """Of periods that rise in start and end: the first, then each time the longest of those active at its end."""
    follows = np.arange(1, len(start) + 1)
    last = np.searchsorted(start, end, side="right") - 1
    overlapped = np.flatnonzero(follows <= last)
    follows[overlapped] = _longest(end - start, follows[overlapped], last[overlapped])
    named, at, next_of = [], 0, follows.tolist()
    while at < len(next_of):
        named.append(at)
        at = next_of[at]
    return np.array(named, dtype=np.int64)


def _longest(length: Micros, first: Indices, last: Indices) -> Indices:
    """Index of the greatest length between first and last, the earliest of equals: a sparse table, level by level."""
    if not len(first):
        return first
    level_of = np.frexp((last - first + 1).astype(np.float64))[1] - 1
    answer = np.empty(len(first), dtype=np.int64)
    best = np.arange(len(length), dtype=np.int64)
    for level in range(int(level_of.max()) + 1):
        if level:
            half = 1 << (level - 1)
            best = _longer(length, best[:-half], best[half:])
        asked = np.flatnonzero(level_of == level)
        answer[asked] = _longer(length, best[first[asked]], best[last[asked] - (1 << level) + 1])
    return answer


def _longer(length: Micros, left: Indices, right: Indices) -> Indices:
    return np.where(length[left] >= length[right], left, right)


def _with_identical(found: Bottlenecks, chosen: Indices, resource: Indices, same: NDArray[np.bool_]) -> Bottlenecks:
    """Periods of the very same start and end are bottlenecks together: each of them shifts all the time."""
    if not same.any():
        return found
    group = np.cumsum(~same) - 1
    place = np.full(int(group[-1]) + 1, -1, dtype=np.int64)
    place[group[chosen]] = np.arange(len(chosen))
    size = np.bincount(group)[group[chosen]]
    shared = size > 1
    alone_until = np.where(shared, found.alone_from, found.alone_until)
    found = found._replace(alone_until=alone_until)
    others = np.flatnonzero(same & (place[group] >= 0))
    twins = place[group[others]]
    joined = [np.concatenate((column, column[twins])) for column in found]
    joined[0] = np.concatenate((found.resource, resource[others]))
    order = np.lexsort((joined[0], joined[1]))
    return Bottlenecks(*(column[order] for column in joined))


def shares_of(periods: ActivePeriods, found: Bottlenecks, resources: int, opened: int, closed: int) -> Shares:
    """How much of the time from `opened` to `closed` each of `resources` was active, momentary, sole and shifting."""

    def spent(resource: Indices, start: Micros, end: Micros) -> Micros:
        inside = np.maximum(np.minimum(end, closed) - np.maximum(start, opened), 0)
        # Whole numbers below 2^53 are exact as the weights of bincount.
        return np.bincount(resource, weights=inside, minlength=resources).astype(np.int64)

    sole = spent(found.resource, found.alone_from, found.alone_until)
    whole = spent(found.resource, found.start, found.end)
    return Shares(
        active=spent(periods.resource, periods.start, periods.end),
        momentary=spent(found.resource, found.since, found.until),
        sole=sole,
        shifting=whole - sole,
    )
