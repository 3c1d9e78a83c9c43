"""Whether a refinement of the forecast is used for a line: only where the line's own past shows that it helps.

Compared is what the model would have said of the same orders at the same past moments without and with it. Squared
errors are differenced pair by pair (Diebold and Mariano, J. Business & Economic Statistics 13 (1995) 253–263), with an
interval that takes orders whose promises lie in the same week as one (scores.py).
"""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from batches.calibration.rules.scores import Estimate, Numbers, mean_difference, squared_errors

FEWEST_ORDERS, FEWEST_WEEKS = 40, 8
# In use from so many half-widths of the 95 % interval above 0 on: about three standard errors, one in 700 by chance,
# since it is looked at every week. Out of use as soon as it is worse.
SURE = 1.5


class Paired(NamedTuple):
    """P(late) of an order at a past moment without and with the refinement, and what came. `week`: of its promise."""

    order: Hashable
    week: Hashable
    without: float
    refined: float
    came: bool


class Judged(NamedTuple):
    """Whether it is used and why, in words; over how many orders, and both Brier scores (0–1)."""

    is_used: bool
    why: str
    orders: int = 0
    brier_without: float | None = None
    brier_with: float | None = None

    @property
    def gain(self) -> float:
        """By how much it is better, in Brier points."""
        return (self.brier_without or 0.0) - (self.brier_with or 0.0)


def judge(pairs: Sequence[Paired], *, was_used: bool) -> Judged:
    """Whether the refinement is used from now on; with too few orders it stays as it is."""
    orders, weeks = len({one.order for one in pairs}), len({one.week for one in pairs})
    if not pairs:
        return Judged(was_used, "Too few orders to say: it has not been tried yet.")
    scores = scores_of(pairs)
    if orders < FEWEST_ORDERS or weeks < FEWEST_WEEKS:
        few = f"Too few orders to say: {orders} in {weeks} weeks of the {FEWEST_ORDERS} in {FEWEST_WEEKS} it takes."
        return Judged(was_used, few, *scores)
    gain = gain_of(pairs)
    half = 0.0 if gain.low is None else gain.value - gain.low
    differs = any(one.without != one.refined for one in pairs)
    is_used = gain.value > SURE * half if not was_used else gain.value >= 0 and differs
    return Judged(is_used, _why(is_used, was_used, scores), *scores)


def scores_of(pairs: Sequence[Paired]) -> tuple[int, float, float]:
    """Over how many orders, and the Brier scores without and with it."""
    without, refined = _errors(pairs)
    return len({one.order for one in pairs}), float(without.mean()), float(refined.mean())


def gain_of(pairs: Sequence[Paired]) -> Estimate:
    """By how much P(late) is better with it, in Brier points; its interval takes the orders of a week as one."""
    without, refined = _errors(pairs)
    return mean_difference(without - refined, [one.week for one in pairs])


def _errors(pairs: Sequence[Paired]) -> tuple[Numbers, Numbers]:
    came = [one.came for one in pairs]
    without = squared_errors([one.without for one in pairs], came)
    return without, squared_errors([one.refined for one in pairs], came)


def _why(is_used: bool, was_used: bool, scores: tuple[int, float, float]) -> str:
    orders, without, refined = scores
    figures = f"Brier {without:.3f} → {refined:.3f} over {orders} past orders"
    if is_used:
        return f"In use: {figures}."
    if without == refined:
        return f"Tried, changes nothing: not used ({figures})."
    if was_used:
        return f"No longer better: not used ({figures})."
    better = "better, but not surely so" if refined < without else "not better"
    return f"Tried, {better}: not used ({figures})."
