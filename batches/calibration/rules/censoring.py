"""Errors of dates while some doses are still awaited: those known stand in for those like them that are not.

Weights by the inverse probability of censoring: J. Robins, A. Rotnitzky, AIDS Epidemiology (1992) 297–331; of
forecasts: E. Graf, C. Schmoor, W. Sauerbrei, M. Schumacher, Statistics in Medicine 18 (1999) 2529–2545. With the
product-limit estimate for the censoring, each outcome weighs the step of the product-limit estimate at it (Satten and
Datta, The American Statistician 55 (2001) 207–210), so the weights need no second estimate.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from batches.calibration.rules.questions import HOUR, Scored
from batches.durations.rules.kaplan_meier import survival

Numbers = NDArray[np.float64]


class DateErrors(NamedTuple):
    """How far the median lay from when doses were ready: the mean distance, and how much later than said, in hours.

    `orders`: whose error is known; `awaited`: orders still open; `unseen`: the share (0–1) of all that nothing is known
    of yet, because everybody whose dose took as long is still open.
    """

    mean_hours: float
    later_hours: float
    orders: int
    awaited: int
    unseen: float

    @property
    def mean_days(self) -> float:
        """The mean distance in days."""
        return self.mean_hours / 24

    @property
    def later_days(self) -> float:
        """How much later than said, in days; negative: earlier."""
        return self.later_hours / 24


def weights(hours: Sequence[float] | Numbers, is_known: Sequence[bool] | NDArray[np.bool_]) -> tuple[Numbers, float]:
    """The weight of each outcome (0 where it is open), and the share (0–1) of them all that is left without one.

    `hours` until the outcome, or until now. Assumes that how long ago somebody was asked about says nothing of how
    long the dose took. Weights and n times the share left add up to n.
    """
    times, known = np.asarray(hours, dtype=float), np.asarray(is_known, dtype=bool)
    curve = survival(times, known)
    if not curve.hours:
        return np.zeros(len(times)), 1.0 if len(times) else 0.0
    steps = np.asarray(curve.hours)
    drops = -np.diff(np.concatenate([[1.0], curve.shares]))
    at = np.minimum(np.searchsorted(steps, times), len(steps) - 1)
    events = np.bincount(at[known], minlength=len(steps))
    return np.where(known, len(times) * drops[at] / events[at], 0.0), float(curve.shares[-1])


def weighed(rows: Sequence[Scored], now: datetime, lead_days: int = 0) -> tuple[Numbers, float]:
    """The weights of these predictions; watched since each was made, or since `lead_days` before its promise."""
    hours, known = [], []
    for row in rows:
        began = row.promised_at - timedelta(days=lead_days) if lead_days and row.promised_at else row.made_at
        known_at = row.known_ready_at or row.ended_at
        hours.append(max(((known_at or now) - began) / HOUR, 0.0))
        known.append(known_at is not None)
    return weights(hours, known)


def date_errors(rows: Sequence[Scored], weight: Numbers, unseen: float) -> DateErrors | None:
    """The weighted error of the medians; None without one. Orders that ended without a dose have none."""
    found = [
        (row, float(one), (row.known_ready_at - row.ready_median) / HOUR)
        for row, one in zip(rows, weight, strict=True)
        if row.known_ready_at and row.ready_median and one > 0
    ]
    total = sum(one for _, one, _ in found)
    if not total:
        return None
    return DateErrors(
        sum(one * abs(hours) for _, one, hours in found) / total,
        sum(one * hours for _, one, hours in found) / total,
        len({row.order_id for row, _, _ in found}),
        len({row.order_id for row in rows if row.known_ready_at is None and row.ended_at is None}),
        unseen,
    )
