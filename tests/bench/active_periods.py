"""How long the active period analysis of a million intervals takes."""

import time

import numpy as np

from batches.lines.rules.active_periods import find_bottlenecks, shares_of, unbroken
from tests.bench.figures import Figure

INTERVALS, RESOURCES, TARGET_SECONDS = 1_000_000, 200, 10.0
SECTION = "Simulation"


def active_periods() -> Figure:
    """Seconds for 1,000,000 intervals of 200 resources in no order, from intervals to shares."""
    chance = np.random.default_rng(4)
    resource = chance.integers(0, RESOURCES, INTERVALS)
    start = chance.integers(0, 10**13, INTERVALS)
    end = start + chance.integers(1, 2 * 10**9, INTERVALS)
    begun = time.perf_counter()
    periods = unbroken(resource, start, end)
    shares = shares_of(periods, find_bottlenecks(periods), RESOURCES, 0, 10**13)
    seconds = time.perf_counter() - begun
    assert shares.momentary.sum() <= 10**13
    name = f"active periods of {INTERVALS:,} intervals"
    return Figure(SECTION, name, seconds, "s", target=TARGET_SECONDS, at_most=True)
