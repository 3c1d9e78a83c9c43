"""How runs end when several ends compete: a run that failed can no longer be completed.

Aalen & Johansen, An empirical transition matrix for non-homogeneous Markov chains, Scand. J. Statist. 5 (1978)
141–150.
"""

from typing import NamedTuple

import numpy as np

from batches.durations.rules.curves import Curve, curve_of_cdf
from batches.durations.rules.runs import CODES, End, Runs

ENDS = (End.COMPLETED, End.FAILED, End.WITHDRAWN)


class Ends(NamedTuple):
    """How a stage ends by attempt and time: the shares (0–1) of runs that fail in an order's first attempt and in one
    after a failure, and the hours of those that are completed and of those that fail."""

    first: float
    again: float
    completing: Curve
    failing: Curve


class Incidence(NamedTuple):
    """Cumulative incidence: for each end the share of runs that have ended so by each of `hours`."""

    hours: tuple[float, ...]
    shares: dict[End, tuple[float, ...]]

    def at(self, end: End, hours: float) -> float:
        """The share (0–1) that has ended so after `hours` at work."""
        index = int(np.searchsorted(self.hours, hours, side="right"))
        return self.shares[end][index - 1] if index else 0.0

    def final(self, end: End) -> float:
        """Of the runs that end within the watched time, the share that ends so; 0 where none has ended."""
        if not self.hours:
            return 0.0
        return self.shares[end][-1] / sum(self.shares[one][-1] for one in ENDS)

    def hours_of(self, end: End) -> Curve:
        """The hours of runs that end so. Raises ValueError where none has."""
        shares = np.asarray(self.shares[end])
        if not len(shares) or shares[-1] <= 0:
            raise ValueError(f"No run has ended as {end}.")
        steps = np.column_stack([np.concatenate([[0.0], shares[:-1]]), shares]) / shares[-1]
        return curve_of_cdf(np.repeat(self.hours, 2), steps.ravel())


def cumulative_incidence(runs: Runs) -> Incidence:
    """The Aalen–Johansen estimate: F_end(t) = Σ S(s−) · d_end(s) / n(s) over the times s ≤ t at which any run ended.

    n(s): runs at work just before s; S: the Kaplan–Meier share not ended in any way.
    """
    ended = runs.ends != CODES[End.CENSORED]
    steps = np.unique(runs.hours[ended])
    at_risk = len(runs.hours) - np.searchsorted(np.sort(runs.hours), steps, side="left")
    counts = {end: _counts(runs.hours[runs.ends == CODES[end]], steps) for end in ENDS}
    left = np.cumprod(1 - sum(counts.values()) / at_risk) if len(steps) else np.empty(0)
    before = np.concatenate([[1.0], left[:-1]]) if len(steps) else left
    shares = {end: tuple(np.cumsum(before * counts[end] / at_risk).tolist()) for end in ENDS}
    return Incidence(tuple(steps.tolist()), shares)


def _counts(hours: np.ndarray, steps: np.ndarray) -> np.ndarray:
    ordered = np.sort(hours)
    return np.searchsorted(ordered, steps, side="right") - np.searchsorted(ordered, steps, side="left")
