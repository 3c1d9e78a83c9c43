"""Distributions of work hours as quantile tables: 129 hours at u = 0, 1/128 … 1, linear between (an inverse CDF).

A table is cheap to keep (JSON), to draw from (one interpolation) and to mix, whatever the shape of what was learned.
"""

from bisect import bisect_right
from collections.abc import Sequence
from math import exp, log
from statistics import NormalDist
from typing import Literal

import numpy as np

Curve = tuple[float, ...]

QUANTILES = 129
STEPS = QUANTILES - 1
SHARES = tuple(index / STEPS for index in range(QUANTILES))
# "Worst" in a plan is read as the 95th percentile: one run in twenty takes longer.
WORST_SHARE = 0.95
# A log-normal has no ends: those of the table stand a quarter of a step inside 0 and 1.
_END = 1 / (4 * STEPS)


def curve_of_plan(planned_hours: float, worst_hours: float | None = None) -> Curve:
    """The planned distribution: log-normal with median `planned_hours` and 95th percentile `worst_hours`.

    Always `planned_hours` where the plan knows no worse.
    """
    if not worst_hours or worst_hours <= planned_hours or planned_hours <= 0:
        return constant(planned_hours)
    normal = NormalDist(log(planned_hours), log(worst_hours / planned_hours) / NormalDist().inv_cdf(WORST_SHARE))
    return tuple(exp(normal.inv_cdf(min(max(share, _END), 1 - _END))) for share in SHARES)


def constant(hours: float) -> Curve:
    """The distribution of what always takes `hours`."""
    return (max(float(hours), 0.0),) * QUANTILES


def median_of(curve: Curve) -> float:
    """The hours that half of the runs do not exceed."""
    return quantile_of(curve, 0.5)


def quantile_of(curve: Curve, u: float) -> float:
    """The hours that a share `u` (0–1) of the runs does not exceed."""
    place = min(max(u, 0.0), 1.0) * (len(curve) - 1)
    index = min(int(place), len(curve) - 2)
    return curve[index] + (place - index) * (curve[index + 1] - curve[index])


def share_below(curve: Curve, hours: float) -> float:
    """The share (0–1) of runs that take at most `hours`: the distribution function."""
    index = bisect_right(curve, hours) - 1
    if index < 0:
        return 0.0
    if index >= len(curve) - 1:
        return 1.0
    low, high = curve[index], curve[index + 1]
    return (index + (hours - low) / (high - low)) / (len(curve) - 1)


def mixture(curves: Sequence[Curve], weights: Sequence[float]) -> Curve:
    """The distribution of a run that follows `curves[i]` with probability `weights[i]` / their sum.

    The distribution functions are averaged (not the quantiles), then turned back into a table. Raises ValueError
    where no weight is above 0.
    """
    parts = [(curve, weight) for curve, weight in zip(curves, weights, strict=True) if weight > 0]
    if not parts:
        raise ValueError("A mixture needs a weight above 0.")
    total = sum(weight for _, weight in parts)
    knots = np.unique(np.concatenate([np.asarray(curve) for curve, _ in parts]))
    below = sum(weight / total * cdf_of(np.asarray(curve), knots, "left") for curve, weight in parts)
    up_to = sum(weight / total * cdf_of(np.asarray(curve), knots, "right") for curve, weight in parts)
    # Each knot twice: the share before it and the share with it, so that a jump stays a jump.
    return curve_of_cdf(np.repeat(knots, 2), np.column_stack([below, up_to]).ravel())


def curve_of_cdf(hours: "Sequence[float] | np.ndarray", shares: "Sequence[float] | np.ndarray") -> Curve:
    """The table of a distribution function given by points (both non-decreasing; a jump = the same hours twice).

    Each quantile is the least hours at which the function reaches its share; the last point is taken as 1.
    """
    x = np.asarray(hours, dtype=float)
    f = np.maximum.accumulate(np.clip(np.round(np.asarray(shares, dtype=float), 12), 0, 1))
    f[-1] = 1.0
    wanted = np.asarray(SHARES)
    after = np.searchsorted(f, wanted, side="left")
    before = np.maximum(after - 1, 0)
    rise = f[after] - f[before]
    part = np.where(rise > 0, (wanted - f[before]) / np.where(rise > 0, rise, 1), 0)
    # At share 0 stands the hour up to which nothing has ended, wherever the points begin.
    begins = x[max(int(np.searchsorted(f, 0.0, side="right")) - 1, 0)]
    table = np.where(after == 0, begins, x[before] + part * (x[after] - x[before]))
    return tuple(np.maximum.accumulate(table).tolist())


def cdf_of(curve: np.ndarray, hours: np.ndarray, side: Literal["left", "right"]) -> np.ndarray:
    """The share of runs below (`side` left) or up to (right) each of `hours`."""
    last = len(curve) - 1
    place = np.searchsorted(curve, hours, side=side) - 1
    index = np.clip(place, 0, last - 1)
    low, high = curve[index], curve[index + 1]
    rise = np.where(high > low, high - low, 1)
    inside = (index + np.clip((hours - low) / rise, 0, 1)) / last
    return np.where(place < 0, 0.0, np.where(place >= last, 1.0, inside))
