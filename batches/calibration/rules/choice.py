"""Whether the simulated probabilities of a line are used, or the plain medians of the past instead."""

from collections.abc import Sequence
from typing import NamedTuple

from batches.calibration.rules.scores import IssuedProbability

# The prediction of an order that counts is the one that stood so long before the promise: time enough to act.
DECIDING_LEAD_DAYS = 14
LEADS_DAYS = (14, 7, 3)
FEWEST_ORDERS = 30
# About half a year of a line with a dose a day; old errors are forgotten.
NEWEST_ORDERS = 200
# In Brier points: what a forecast of 10 % costs of something that never happens. Worse by more than this, the model
# goes out of use; back in only once it is better by as much. In between nothing changes, so that it does not flutter.
MARGIN = 0.01


class Choice(NamedTuple):
    """Whether the model is used for a line, and why, in words.

    `orders`: how many scored orders it rests on; `brier`, `baseline_brier`: mean squared errors (0–1) on these.
    """

    is_used: bool
    why: str
    orders: int = 0
    brier: float | None = None
    baseline_brier: float | None = None


UNSCORED = Choice(True, "Nothing is scored yet: the simulation is used.")


def choose(said: Sequence[IssuedProbability], *, was_used: bool) -> Choice:
    """Whether the model stays in use; `said`: one prediction of each order, newest outcome first.

    With fewer than FEWEST_ORDERS orders of which the plain medians said something too, nothing is judged: it is used.
    """
    compared = [one for one in said if one.baseline is not None][:NEWEST_ORDERS]
    count = len(compared)
    if count == 0:
        return UNSCORED
    brier = sum((one.probability - one.came) ** 2 for one in compared) / count
    baseline = sum(((one.baseline or 0) - one.came) ** 2 for one in compared) / count
    if count < FEWEST_ORDERS:
        few = f"Only {count} of the {FEWEST_ORDERS} scored orders that a judgement needs: the simulation is used."
        return Choice(True, few, count, brier, baseline)
    limit = baseline + (MARGIN if was_used else -MARGIN)
    return Choice(brier <= limit, _why(brier <= limit, was_used, count, brier, baseline), count, brier, baseline)


def _why(is_used: bool, was_used: bool, count: int, brier: float, baseline: float) -> str:
    figures = f"Over the newest {count} scored orders its Brier score is {brier:.3f}, that of the plain medians "
    figures += f"{baseline:.3f} (less is better)"
    if is_used and brier <= baseline:
        return f"{figures}: the simulation is used."
    if is_used:
        return f"{figures}: worse, but by no more than the margin of {MARGIN}; the simulation is used."
    if was_used:
        return f"{figures}: the simulation is worse and not used; the plain medians decide."
    return f"{figures}: the simulation is not used until it is better by {MARGIN}; the plain medians decide."
