"""The one distribution of when a dose is ready: simulated futures as the past errors of their line correct them.

Range and chance of being late are both of it, so that they cannot contradict each other.
"""

from math import ceil, isfinite
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batches.forecasts.rules.corrections import UNCHANGED, Corrections, Widening
from batches.judgement.rules.shares import DIGITS, Chance, wilson
from batches.simulation.rules.moments import LEAST_HOURS, is_after

# The ends of the range: before each lies this share of the distribution.
LOW, MIDDLE, HIGH = 0.1, 0.5, 0.9
# Few futures are told apart by rank as if each were several: the same distribution.
FEWEST_RANKS = 100


class Foretold(NamedTuple):
    """What is told, in hours from now (infinite: not within the horizon). `widened`: by how much the ends lie further
    out than simulated; `late`: `count` and `of` as simulated, share and interval as told; None: nothing is promised."""

    low: float
    median: float
    high: float
    widened: Widening
    late: Chance | None


def told(ready: NDArray[np.float64], corrections: Corrections, promised: float | None) -> Foretold:
    """Of the futures with a dose (at least one, in order of time): each is moved by the hours of its rank, and the
    share of them after the promise is what is told, or that which past orders show surely (`Recalibration`)."""
    moved = corrected(ready, corrections.widening)
    low, median, high = (quantile(moved, share) for share in (LOW, MIDDLE, HIGH))
    simulated_low, simulated_high = quantile(ready, LOW), quantile(ready, HIGH)
    late = None
    if promised is not None:
        late = _late(ready, moved, corrections, promised)
        low, high, share = agreed(low, high, late.share, promised)
        late = late._replace(share=share, low=min(late.low, share), high=max(late.high, share))
    return Foretold(low, median, high, Widening(_apart(low, simulated_low), _apart(simulated_high, high)), late)


def corrected(ready: NDArray[np.float64], widening: Widening) -> NDArray[np.float64]:
    """The futures, each moved outward by its rank: at the ends of the range and beyond by the hours of that end, at the
    median not at all, between them evenly; none is moved before now."""
    several = np.repeat(ready, -(-FEWEST_RANKS // ready.size))
    if widening == Widening():
        return several
    ranks = [_rank(several.size, share) for share in (LOW, MIDDLE, HIGH)]
    by = np.interp(np.arange(several.size), ranks, (-widening.low_hours, 0.0, widening.high_hours))
    return np.maximum(several + by, min(several[0], 0.0))


def agreed(low: float, high: float, late: float, promised: float) -> tuple[float, float, float]:
    """Range and P(late) so that they say the same: more than 1 in 10 is late where the range ends after the promise,
    9 in 10 where it begins after it. Where past orders show surely another P(late) than the range has room for, an end
    is moved outward, never inward: a risk is not told as less, and a range too wide costs attention only."""
    if is_after(high, promised):
        late = max(late, LOW)
    elif late > LOW:
        high = promised + 2 * LEAST_HOURS
    if not is_after(low, promised):
        late = min(late, HIGH)
    elif not isfinite(low):
        late = max(late, HIGH)
    elif late < HIGH:
        low = promised
    return low, high, late


def quantile(in_order: Any, share: float) -> float:
    """The smallest of the values that a share of them does not exceed (inverse of the empirical CDF)."""
    return round(float(in_order[_rank(len(in_order), share)]), DIGITS)


def _late(ready: NDArray[np.float64], moved: NDArray[np.float64], corrections: Corrections, promised: float) -> Chance:
    simulated = Chance.counted(int(np.count_nonzero(is_after(ready, promised))), ready.size)
    if corrections.late != UNCHANGED:
        return corrections.late.of(simulated)
    share = float(np.count_nonzero(is_after(moved, promised))) / moved.size
    low, high = wilson(share, ready.size)
    return simulated._replace(share=round(share, DIGITS), low=round(low, DIGITS), high=round(high, DIGITS))


def _rank(number: int, share: float) -> int:
    return ceil(round(share * number, 9)) - 1


def _apart(earlier: float, later: float) -> float:
    return later - earlier if isfinite(earlier) and isfinite(later) else 0.0
