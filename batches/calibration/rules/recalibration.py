"""What a simulated P(late) was worth: intercept and slope of its log-odds, and whether they are used.

D. R. Cox, Two further applications of a model for binary regression, Biometrika 45 (1958) 562–565; B. Van Calster et
al., Journal of Clinical Epidemiology 74 (2016) 167–176. With few orders the fit is drawn to "as simulated" by normal
priors.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from batches.calibration.rules.scores import IssuedProbability, design_effect
from batches.forecasts.rules.corrections import UNCHANGED, Recalibration

FEWEST_ORDERS, NEWEST_ORDERS = 30, 200
# Standard deviations of the priors around intercept 0 and slope 1.
PRIOR = np.array([1.0, 0.5])
# Twice the gain in log-likelihood (chi-squared, two degrees of freedom): used from 1 % by chance, until it is 10 %.
SURE, UNSURE = 9.21, 4.61
# Who is likelier late by the simulation stays so, and odds stay odds.
SLOPES = (0.05, 5.0)
LEAST_SHARE = 0.001
MOST_STEPS, MOST_HALVINGS = 50, 60


class Fitted(NamedTuple):
    """What the newest orders ask for (`fitted`) and what is used. `evidence`: twice the gain in log-likelihood by the
    fit, less where weeks share their fate; `said`, `came`: mean P(late) as simulated, and the share that came late."""

    used: Recalibration
    fitted: Recalibration
    orders: int
    evidence: float
    said: float
    came: float

    @property
    def why(self) -> str:
        """The same in words; empty with too few orders."""
        if self.orders < FEWEST_ORDERS:
            return ""
        counts = (
            f"Of the newest {self.orders} orders the simulation gave {self.said * 100:.0f} % to be late on average, "
        )
        counts += f"and {self.came * 100:.0f} % came late"
        if self.used == UNCHANGED:
            return f"{counts}: P(late) is told as the dates have it."
        intercept, slope = f"{self.used.intercept:.2f}".replace("-", "−"), f"{self.used.slope:.2f}"
        return f"{counts}: P(late) is corrected (log-odds × {slope}, {intercept} added)."


def recalibrate(simulated: Sequence[IssuedProbability], *, was_used: bool) -> Fitted:
    """Whether P(late) is corrected; `simulated`: one prediction of each order as simulated, the newest first."""
    newest = simulated[:NEWEST_ORDERS]
    if len(newest) < FEWEST_ORDERS:
        return Fitted(UNCHANGED, UNCHANGED, len(newest), 0.0, 0.0, 0.0)
    said = np.array([one.probability for one in newest])
    came = np.array([float(one.came) for one in newest])
    odds = np.log(np.clip(said, LEAST_SHARE, 1 - LEAST_SHARE))
    odds -= np.log1p(-np.clip(said, LEAST_SHARE, 1 - LEAST_SHARE))
    found = fit(odds, came)
    effect = design_effect(came - said, [one.order for one in newest], [one.cluster for one in newest])
    gain = (
        2 * (_log_likelihood(np.array(found), odds, came) - _log_likelihood(np.array(UNCHANGED), odds, came)) / effect
    )
    is_used = gain >= (UNSURE if was_used else SURE)
    return Fitted(
        found if is_used else UNCHANGED, found, len(newest), float(gain), float(said.mean()), float(came.mean())
    )


def fit(odds: NDArray[np.float64], came: NDArray[np.float64]) -> Recalibration:
    """Intercept and slope that make log-likelihood plus log-prior largest: Newton's method, each step halved until it
    does not make it worse. A slope out of its bounds is set to the bound, the intercept to what then is best."""
    design = np.column_stack([np.ones_like(odds), odds])
    weights, centre = 1 / PRIOR**2, np.array(UNCHANGED)
    at = centre.copy()
    for _ in range(MOST_STEPS):
        shares = 1 / (1 + np.exp(-(design @ at)))
        slope = design.T @ (came - shares) - weights * (at - centre)
        curvature = (design * (shares * (1 - shares))[:, None]).T @ design + np.diag(weights)
        step = np.linalg.solve(curvature, slope)
        while _posterior(at + step, odds, came) < _posterior(at, odds, came) - 1e-12:
            step /= 2
        at = at + step
        if np.abs(step).max() < 1e-10:
            break
    slope = float(np.clip(at[1], *SLOPES))
    return Recalibration(float(at[0]) if slope == at[1] else _intercept_at(slope, odds, came), slope)


def _intercept_at(slope: float, odds: NDArray[np.float64], came: NDArray[np.float64]) -> float:
    """The intercept that is best with this slope: where what makes it better turns, by bisection."""
    low, high = (sign * (came.size * PRIOR[0] ** 2 + 1) for sign in (-1, 1))
    for _ in range(MOST_HALVINGS):
        middle = (low + high) / 2
        shares = np.exp(-np.logaddexp(0, -(middle + slope * odds)))
        low, high = (middle, high) if (came - shares).sum() > middle / PRIOR[0] ** 2 else (low, middle)
    return float((low + high) / 2)


def _posterior(at: NDArray[np.float64], odds: NDArray[np.float64], came: NDArray[np.float64]) -> float:
    return _log_likelihood(at, odds, came) - float((((at - np.array(UNCHANGED)) / PRIOR) ** 2).sum() / 2)


def _log_likelihood(at: NDArray[np.float64], odds: NDArray[np.float64], came: NDArray[np.float64]) -> float:
    found = at[0] + at[1] * odds
    return float((came * found - np.logaddexp(0, found)).sum())
