"""How long something takes when some of it is not over yet: the product-limit estimate.

Kaplan & Meier, Nonparametric estimation from incomplete observations, JASA 53 (1958) 457–481.
"""

from collections.abc import Sequence
from math import inf
from typing import NamedTuple

import numpy as np


class Survival(NamedTuple):
    """S(t), the share still at work after t hours: 1 before the first of `hours`, then steps down to `shares`.

    `last_hours`: the longest time anybody was watched.
    """

    hours: tuple[float, ...]
    shares: tuple[float, ...]
    last_hours: float

    def at(self, hours: float) -> float:
        """S(t), 0–1; beyond the last watched time it stays where it was (there nothing is known)."""
        index = int(np.searchsorted(self.hours, hours, side="right"))
        return self.shares[index - 1] if index else 1.0

    @property
    def median(self) -> float:
        """The least hours with S(t) ≤ ½; infinite where it never falls so low."""
        return next((t for t, s in zip(self.hours, self.shares, strict=True) if s <= 0.5 + 1e-12), inf)


def survival(hours: Sequence[float] | np.ndarray, is_event: Sequence[bool] | np.ndarray) -> Survival:
    """The product-limit estimate. A run censored at t was still at risk at t (it is taken out just after).

    S(t) = Π (1 − d/n) over the event times up to t, d events among n at risk.
    """
    times, events = np.asarray(hours, dtype=float), np.asarray(is_event, dtype=bool)
    if not len(times):
        return Survival((), (), 0.0)
    steps, died = np.unique(times[events], return_counts=True)
    at_risk = len(times) - np.searchsorted(np.sort(times), steps, side="left")
    shares = np.cumprod(1 - died / at_risk)
    return Survival(tuple(steps.tolist()), tuple(shares.tolist()), float(times.max()))
