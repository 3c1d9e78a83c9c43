"""Random numbers that hang on what they are for, not on when they are drawn: common random numbers.

The number for (order, stage, attempt, purpose, path) is a hash of these, so the same facts give the same future, and a
scenario differs from another by what was changed alone. Mixing: splitmix64 (Steele, Lea, Flood, OOPSLA 2014).
"""

import numpy as np

from batches.simulation.rules.compiled import compiled, inlined

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST = np.uint64(0xBF58476D1CE4E5B9)
SECOND = np.uint64(0x94D049BB133111EB)
S30, S27, S31, S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
TO_UNIT = 1.0 / 9007199254740992.0
# Purposes.
WORK, END, SLOW, SLOW_TOO, ARRIVAL, START = 0, 1, 2, 3, 4, 5
# What concerns an order as a whole is drawn as if of a stage with this key.
NO_STAGE = np.uint64(0)


@inlined
def mixed(x):  # noqa: ANN001, ANN201 - compiled for whatever integers it is given
    """A 64-bit number in which every bit of `x` has changed half of the others."""
    x = x + GOLDEN
    x = (x ^ (x >> S30)) * FIRST
    x = (x ^ (x >> S27)) * SECOND
    return x ^ (x >> S31)


@inlined
def chance(order, stage, attempt, purpose, path):  # noqa: ANN001, ANN201
    """A number in (0, 1), equally likely everywhere. `order`, `stage`: 64-bit keys; the others small integers."""
    small = np.uint64(attempt * 8 + purpose) << np.uint64(40) ^ np.uint64(path)
    return (np.float64(mixed(mixed(mixed(order) ^ stage) ^ small) >> S11) + 0.5) * TO_UNIT


@compiled
def chances(orders, purpose, paths):  # noqa: ANN001, ANN201
    """Of each order (its key) a number for each path; orders × paths."""
    found = np.empty((orders.size, paths.size))
    for order in range(orders.size):
        for path in range(paths.size):
            found[order, path] = chance(orders[order], NO_STAGE, 0, purpose, paths[path])
    return found


@inlined
def hours_at(curve, u):  # noqa: ANN001, ANN201
    """Hours at share `u` (0–1) of a quantile table, linear between its points."""
    place = u * (curve.size - 1)
    below = min(int(place), curve.size - 2)
    return curve[below] + (place - below) * (curve[below + 1] - curve[below])


@inlined
def share_before(curve, hours):  # noqa: ANN001, ANN201
    """Share (0–1) of a quantile table that lies below `hours`."""
    if hours <= curve[0]:
        return 0.0
    last = curve.size - 1
    if hours >= curve[last]:
        return 1.0
    low, high = 0, last
    while high - low > 1:
        middle = (low + high) // 2
        if curve[middle] <= hours:
            low = middle
        else:
            high = middle
    step = curve[high] - curve[low]
    return (low + ((hours - curve[low]) / step if step > 0 else 0.0)) / last
