"""Little is learned from few runs: a resource leans on its site, a site on the product, the product on the plan.

A subject with n completed runs of its own makes n / (n + 10) of its curve, what it leans on the rest: the weight of
the data in a Bayesian estimate whose prior is worth ten runs (Ferguson, A Bayesian analysis of some nonparametric
problems, Ann. Statist. 1 (1973) 209–230; for censored runs Susarla & Van Ryzin, JASA 71 (1976) 897–902).
"""

from typing import Any, NamedTuple

import numpy as np

from batches.durations.rules.competing import cumulative_incidence
from batches.durations.rules.curves import (
    Curve,
    curve_of_cdf,
    curve_of_plan,
    median_of,
    mixture,
    quantile_of,
    share_below,
)
from batches.durations.rules.drift import Drift, drift_of
from batches.durations.rules.kaplan_meier import Survival, survival
from batches.durations.rules.runs import CODES, End, Runs
from batches.judgement.rules.shares import wilson

# The curve that is leaned on counts for as much as so many completed runs.
LEANING_RUNS = 10
# Failures are rare: the share that is leaned on counts for as much as so many ended runs.
LEANING_ENDS = 50
# What the plan says nothing of, per stage. Over 14 stages this loses 7 % to failures and 13 % to withdrawal, in the
# middle of what is published (manufacturing failure 1–14 %, 8–30 % of patients lost: PMC8427697).
PLANNED_FAILED_SHARE = 0.005
PLANNED_WITHDRAWN_SHARE = 0.01


class Learned(NamedTuple):
    """How long a stage is at work if it is completed, and the shares (0–1) of runs that end otherwise."""

    curve: Curve
    failed_share: float
    withdrawn_share: float
    planned_hours: float
    own_weight: float = 0.0
    failed_low: float = 0.0
    failed_high: float = 1.0
    completed: int = 0
    failed: int = 0
    withdrawn: int = 0
    censored: int = 0
    drift: Drift | None = None

    @property
    def median_hours(self) -> float:
        """Half of the completed runs take no longer."""
        return median_of(self.curve)

    @property
    def p90_hours(self) -> float:
        """Nine of ten completed runs take no longer."""
        return quantile_of(self.curve, 0.9)

    @property
    def drift_evidence(self) -> dict[str, Any]:
        """The numbers of the drift; empty with too few runs."""
        return self.drift.evidence if self.drift else {}


def learned_of_plan(planned_hours: float, worst_hours: float) -> Learned:
    """What is said of a stage that nobody has run yet."""
    low, high = wilson(PLANNED_FAILED_SHARE, LEANING_ENDS)
    curve = curve_of_plan(planned_hours, worst_hours)
    return Learned(curve, PLANNED_FAILED_SHARE, PLANNED_WITHDRAWN_SHARE, planned_hours, 0.0, low, high)


def learn(runs: Runs, base: Learned) -> Learned:
    """What these runs say, leaning on `base`.

    Runs that failed or were withdrawn are censored for the curve: they would have taken at least so long.
    """
    counts = {end.value: runs.count(end) for end in End}
    weight = counts[End.COMPLETED] / (counts[End.COMPLETED] + LEANING_RUNS)
    ends = cumulative_incidence(runs)
    ended = len(runs.hours) - counts[End.CENSORED]
    failed = lean(ends.final(End.FAILED), ended, base.failed_share)
    withdrawn = lean(ends.final(End.WITHDRAWN), ended, base.withdrawn_share)
    low, high = wilson(failed, ended + LEANING_ENDS)
    curve = mixture([own_curve(runs, base.curve), base.curve], [weight, 1 - weight]) if weight else base.curve
    drift = drift_of(runs.hours_of(End.COMPLETED))
    return Learned(curve, failed, withdrawn, base.planned_hours, weight, low, high, **counts, drift=drift)


def lean(share: float, count: int, base_share: float) -> float:
    """A share seen in `count` ended runs, drawn to `base_share`: the mean of the beta distribution that both make."""
    return (count * share + LEANING_ENDS * base_share) / (count + LEANING_ENDS)


def own_curve(runs: Runs, base: Curve) -> Curve:
    """The Kaplan–Meier curve of these runs; its tail, beyond the last completed run, is that of `base`."""
    seen = survival(runs.hours, runs.ends == CODES[End.COMPLETED])
    knots = np.repeat(np.asarray(seen.hours), 2)
    done = 1 - np.asarray((1.0, *seen.shares))
    points = np.column_stack([done[:-1], done[1:]]).ravel()
    if not seen.hours or done[-1] >= 1 - 1e-12:
        return curve_of_cdf(knots, points) if seen.hours else base
    hours, shares = _tail(seen, base)
    return curve_of_cdf(np.concatenate([knots, hours]), np.concatenate([points, shares]))


def _tail(seen: Survival, base: Curve) -> tuple[np.ndarray, np.ndarray]:
    """Points beyond the last completed run: what is left ends as `base` does given that it has come so far.

    Where `base` knows of nothing so long, it ends at the longest time anybody was watched.
    """
    last, left = seen.hours[-1], seen.shares[-1]
    known = share_below(base, last)
    if known >= 1:
        return np.array([seen.last_hours]), np.array([1.0])
    hours = np.unique([hour for hour in base if hour > last])
    shares = np.array([share_below(base, hour) for hour in hours])
    return hours, 1 - left * (1 - shares) / (1 - known)
