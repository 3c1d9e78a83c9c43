"""Whether the 80 % intervals held: coverage, and how wide they had to be for it."""

from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

from batches.calibration.rules.scores import design_effect
from batches.judgement.rules.shares import wilson

# P10 to P90.
NOMINAL = 0.8
# Trends are of so many orders at a time.
WINDOW = 50


class IssuedInterval(NamedTuple):
    """An interval that was issued of an order, and what came, in hours from any common moment.

    `weight`: for how many orders it stands (censoring.py); `week`: the line and the week in which its order came out.
    """

    order: Hashable
    low: float
    high: float
    actual: float
    weight: float = 1.0
    week: Hashable = None

    @property
    def held(self) -> bool:
        """Whether what came lies inside; the ends count."""
        return self.low <= self.actual <= self.high


class Coverage(NamedTuple):
    """The share of intervals (0–1) that held, with its 95 % interval (Wilson, each order counted once, weeks as they
    share their fate)."""

    share: float
    low: float
    high: float
    predictions: int
    orders: int
    mean_width_hours: float
    too_early: int
    too_late: int

    @property
    def mean_width_days(self) -> float:
        """The same in days."""
        return self.mean_width_hours / 24


class RollingMean(NamedTuple):
    """The mean of the newest values up to and with the one at `place`."""

    place: int
    value: float


def coverage(stretches: Sequence[IssuedInterval]) -> Coverage | None:
    """How many of these intervals held; None without any. `too_early`: ready before the interval, `too_late`: after."""
    total = sum(one.weight for one in stretches)
    if not total:
        return None
    count, orders = len(stretches), [one.order for one in stretches]
    clusters = [one.order if one.week is None else one.week for one in stretches]
    share = sum(one.weight * one.held for one in stretches) / total
    effect = design_effect([one.held for one in stretches], orders, clusters)
    return Coverage(
        share, *wilson(share, len(set(orders)) / effect), count, len(set(orders)),
        sum(one.high - one.low for one in stretches) / count,
        sum(one.actual < one.low for one in stretches), sum(one.actual > one.high for one in stretches),
    )  # fmt: skip


def rolling(values: Iterable[float], window: int = WINDOW, points: int = 40) -> list[RollingMean]:
    """Means of the newest `window` values, oldest first, at no more than about `points` evenly spread places.

    Empty while there are fewer than `window` values: a shorter mean would look like a trend.
    """
    listed = list(values)
    sums = [0.0]
    for value in listed:
        sums.append(sums[-1] + value)
    ends = range(len(listed), window - 1, -max(1, (len(listed) - window) // points))
    return [RollingMean(end - 1, (sums[end] - sums[end - window]) / window) for end in reversed(ends)]
