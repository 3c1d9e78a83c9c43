"""Little is learned from few runs: a resource leans on its site, a site on the product, the product on the plan.

What is leaned on counts as ten runs: the prior of a Bayesian estimate (Ferguson, A Bayesian analysis of some
nonparametric problems, Ann. Statist. 1 (1973) 209–230; for censored runs Susarla & Van Ryzin, Nonparametric Bayesian
estimation of survival curves from incomplete observations, JASA 71 (1976) 897–902).
"""

from typing import Any, Literal, NamedTuple

import numpy as np

from batches.durations.rules.competing import Ends, cumulative_incidence
from batches.durations.rules.curves import (
    Curve,
    cdf_of,
    curve_of_cdf,
    curve_of_plan,
    median_of,
    quantile_of,
)
from batches.durations.rules.drift import Drift, drift_of
from batches.durations.rules.runs import CODES, End, Runs
from batches.judgement.rules.shares import wilson

# The curve that is leaned on counts for as much as so many completed runs.
LEANING_RUNS = 10
# Failures are rare: the share that is leaned on counts for as much as so many ended runs.
LEANING_ENDS = 50
# A run that was watched for longer than anybody knows of usually goes on for about half of this share of its hours: as
# the simulation takes for work beyond its curve.
TAIL_SHARE = 0.2
# What the plan says nothing of, per stage. Over 14 stages this loses 7 % to failures and 13 % to withdrawal, in the
# middle of what is published (manufacturing failure 1–14 %, 8–30 % of patients lost: PMC8427697).
PLANNED_FAILED_SHARE = 0.005
PLANNED_WITHDRAWN_SHARE = 0.01


class Learned(NamedTuple):
    """How long a stage is at work if it is completed, and the shares (0–1) of runs that end otherwise. `ends`: the
    same by attempt and time, where a failure was seen."""

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
    ends: Ends | None = None

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
        return self.drift.numbers if self.drift else {}


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
    telling = _telling(runs, base)
    ends = cumulative_incidence(runs)
    ended = len(runs.hours) - counts[End.CENSORED]
    failed = lean(ends.final(End.FAILED), ended, base.failed_share)
    withdrawn = lean(ends.final(End.WITHDRAWN), ended, base.withdrawn_share)
    low, high = wilson(failed, ended + LEANING_ENDS)
    curve = censored_curve(runs, base.curve) if len(runs.hours) else base.curve
    weight = telling / (telling + LEANING_RUNS)
    drift = drift_of(runs.hours_of(End.COMPLETED))
    return Learned(curve, failed, withdrawn, base.planned_hours, weight, low, high, **counts, drift=drift)


def _telling(runs: Runs, base: Learned) -> int:
    """The runs that say something of how long it takes: completed, or at work for longer than half of `base` are."""
    is_completed = runs.ends == CODES[End.COMPLETED]
    return int(np.count_nonzero(is_completed | (runs.hours > base.median_hours)))


def lean(share: float, count: int, base_share: float) -> float:
    """A share seen in `count` ended runs, drawn to `base_share`: the mean of the beta distribution that both make."""
    return (count * share + LEANING_ENDS * base_share) / (count + LEANING_ENDS)


def censored_curve(runs: Runs, base: Curve) -> Curve:
    """What these runs say of the hours to completion, leaning on `base` as on LEANING_RUNS runs: the mean of the
    posterior of a Dirichlet process with censored runs (Susarla & Van Ryzin 1976, formula 1.3).

        S(t) = (α(t) + N(t)) / (α(0) + n) · Π over censored c ≤ t of (α(c−) + N(c) + m(c)) / (α(c−) + N(c))

    α(t) = LEANING_RUNS · (share of `base` beyond t), N(t): runs beyond t, m(c): runs censored at c. Beyond the last
    watched hour it is the tail of `base`; where `base` knows of nothing so long, what is left ends evenly within
    TAIL_SHARE of that hour more.
    """
    hours, table = runs.hours, np.asarray(base)
    is_censored = runs.ends != CODES[End.COMPLETED]
    # Whoever was watched for longest, and longer than `base` knows of, leaves nothing behind to estimate the rest by.
    last = float(hours.max())
    is_open = is_censored & (hours == last) & (last >= table[-1])
    beyond, censored = np.sort(np.where(is_open, np.inf, hours)), hours[is_censored & ~is_open]
    knots = np.unique(np.concatenate([table, hours]))
    left = np.column_stack([_still_at_work(knots, beyond, censored, table, side) for side in ("left", "right")])
    ends = np.full(int(is_open.any()), last * (1 + TAIL_SHARE))
    return curve_of_cdf(np.concatenate([np.repeat(knots, 2), ends]), np.concatenate([1 - left.ravel(), 0 * ends + 1]))


def _still_at_work(
    knots: np.ndarray, hours: np.ndarray, censored: np.ndarray, base: np.ndarray, side: Literal["left", "right"]
) -> np.ndarray:
    """S just before (left) or at (right) each of `knots`; `hours` in order."""
    at, counts = np.unique(censored, return_counts=True)
    behind = _mass(at, base, "left") + len(hours) - np.searchsorted(hours, at, side="right")
    lifts = np.concatenate([[1.0], np.cumprod((behind + counts) / behind)])
    left = _mass(knots, base, side) + len(hours) - np.searchsorted(hours, knots, side=side)
    return left / (LEANING_RUNS + len(hours)) * lifts[np.searchsorted(at, knots, side=side)]


def _mass(hours: np.ndarray, base: np.ndarray, side: Literal["left", "right"]) -> np.ndarray:
    """α: how many of the leaned-on runs take longer."""
    return LEANING_RUNS * (1 - cdf_of(base, hours, side))
