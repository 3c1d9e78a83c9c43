"""Whether orders to come are foreseen at random or evenly: by how many came in past weeks, which is what differs.

Promises one to three weeks ahead hardly tell it, for most of their orders have their place. Scored is the forecast of
the number of urgent and of all orders of a week, evenly a number, at random a Poisson distribution, by the continuous
ranked probability score (Gneiting and Raftery, JASA 102 (2007) 359–378): for a number it is how far it was off. Pure.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from math import ceil, exp, sqrt
from typing import NamedTuple

import numpy as np

from batches.calibration.rules.gate import FEWEST_WEEKS, SURE, Judged, Paired, gain_of, scores_of
from batches.calibration.rules.replays import EVERY, GRACE, MONDAY, WEEKS
from batches.calibration.rules.scores import Numbers, mean_difference
from batches.forecasts.rules.demand import RATE_WINDOW, evenly_spread

# Of all orders by themselves: about one standard error. Where they come evenly, urgent ones may still come at random.
LIKELY = 0.5
# With fewer orders than these in the weeks that are scored nothing is said.
FEWEST_CAME = 20


class Placed(NamedTuple):
    """An order that came."""

    at: datetime
    is_urgent: bool


class WeekOfOrders(NamedTuple):
    """One past week: which of the orders of RATE_WINDOW before it were urgent, oldest first, and which of its own."""

    recent: Sequence[bool]
    came: Sequence[bool]


def past_weeks(placed: Iterable[Placed], now: datetime) -> list[WeekOfOrders]:
    """The newest WEEKS weeks that are over, of those before which the line had orders for RATE_WINDOW."""
    orders = sorted(placed)
    newest = MONDAY + EVERY * ((now - GRACE - MONDAY) // EVERY)
    found = []
    for begins in (newest - EVERY * back for back in range(1, WEEKS + 1)):
        if not orders or orders[0].at > begins - RATE_WINDOW:
            break
        recent = [one.is_urgent for one in orders if begins - RATE_WINDOW < one.at <= begins]
        came = [one.is_urgent for one in orders if begins < one.at <= begins + EVERY]
        found.append(WeekOfOrders(recent, came))
    return found


def errors_of(week: WeekOfOrders) -> list[tuple[float, float]]:
    """How far off (CRPS) the number of urgent and that of all orders was, each foreseen evenly and at random."""
    hours = EVERY.total_seconds() / 3600
    spread = [week.recent[index] for index, begins_at in evenly_spread(len(week.recent)) if begins_at <= hours]
    share = EVERY / RATE_WINDOW
    return [
        (abs(float(count(spread)) - count(week.came)), poisson_crps(count(week.recent) * share, count(week.came)))
        for count in (sum, len)
    ]


def poisson_crps(mean: float, came: int) -> float:
    """Σ over k of (P(X ≤ k) − [came ≤ k])², X a Poisson number."""
    most = max(came, ceil(mean + 10 * sqrt(mean) + 10))
    steps = mean / np.arange(1, most + 1)
    below = np.cumsum(exp(-mean) * np.concatenate([[1.0], np.cumprod(steps)]))
    return float(((below - (np.arange(most + 1) >= came)) ** 2).sum())


def judge_arrivals(weeks: Sequence[WeekOfOrders], pairs: Sequence[Paired], *, was_used: bool) -> Judged:
    """Whether orders to come are foreseen at random from now on: where the numbers of past weeks surely were better
    foreseen so (both together, and likely that of all orders by itself), and P(late) of the promises (`pairs`) is not
    surely worse for it."""
    scores = scores_of(pairs) if pairs else (0, None, None)
    came = sum(len(week.came) for week in weeks)
    if len(weeks) < FEWEST_WEEKS or came < FEWEST_CAME:
        few = f"{came} orders in {len(weeks)} weeks of the {FEWEST_CAME} in {FEWEST_WEEKS} it takes"
        return Judged(was_used, f"Too few orders to say: {few}.", *scores)
    off = np.array([errors_of(week) for week in weeks])
    gains = off[:, :, 0] - off[:, :, 1]
    asked = ((gains.sum(axis=1), SURE), (gains[:, 1], LIKELY))
    is_better = all(_is_better(some, 0.0 if was_used else sure) for some, sure in asked)
    evenly, at_random = off.sum(axis=1).mean(axis=0)
    brier = gain_of(pairs) if pairs else None
    harms = brier is not None and brier.high is not None and brier.high < 0
    figures = f"numbers of orders in a week off by {evenly:.2f} → {at_random:.2f} over {len(weeks)} weeks"
    if pairs:
        figures += f"; Brier {scores[1]:.3f} → {scores[2]:.3f} over {scores[0]} past orders"
    return Judged(is_better and not harms, _why(is_better, harms, figures), *scores)


def _is_better(gains: Numbers, sure: float) -> bool:
    """By more than so many half-widths of its interval; by 0: not worse."""
    gain = mean_difference(gains, range(len(gains)))
    half = 0.0 if gain.low is None else gain.value - gain.low
    return gain.value > sure * half if sure else gain.value >= 0


def _why(is_better: bool, harms: bool, figures: str) -> str:
    if harms:
        return f"P(late) is surely worse with it: not used ({figures})."
    return f"In use: {figures}." if is_better else f"Tried, not surely better: not used ({figures})."
