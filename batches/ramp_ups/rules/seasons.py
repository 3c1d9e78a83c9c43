"""When orders come: factors of weekdays and months, said or learned from the line's orders, and the clock they make.

The line's own rate is that of the weeks it was counted in, so a factor is set against the mean of those weeks: a rate
counted in the low months stands for more orders in the others. A season moves the moments of orders and nothing else:
the n-th order of a scenario is the same patient with the same luck, sooner or later (Çinlar 1975, inversion).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import exp, sqrt

import numpy as np

from batches.ramp_ups.rules.lines import DAY, WEEK, LearnedPattern, SimulatedLine

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
USUAL, MOST = 100.0, 1000.0
# On the mean 10 orders for each factor; a month must have been seen in two years, else a trend would look like it.
FEWEST_OF_WEEKDAYS, FEWEST_WEEKS = 70, 8
FEWEST_OF_MONTHS, FEWEST_MONTHS, YEAR = 120, 24, 12
MOST_MONTHS = 60
PART = re.compile(r"^([A-Za-z]{3}) ([0-9]+(?:\.[0-9]+)?)$")


@dataclass(frozen=True, slots=True)
class Season:
    """A clock that goes faster while more orders come: `passed` hours of even demand by each of `moments` (hours of
    the simulation, one a day); `mean`: how fast it goes over the year from the measured time on."""

    moments: np.ndarray
    passed: np.ndarray
    mean: float

    def even(self, moment: float) -> float:
        """Hours of even demand that have passed by a moment."""
        return float(np.interp(moment, self.moments, self.passed))

    def moment_of(self, even: np.ndarray) -> np.ndarray:
        """The moments at which so many hours of even demand have passed."""
        return np.interp(even, self.passed, self.moments)


def read_pattern(text: str, names: Sequence[str]) -> tuple[float, ...] | None:
    """The factors of “Sat 0 Sun 0” or “Jul 70, Aug 80” (% of the usual; what is not named is 100); None: no pattern."""
    found: dict[str, float] = {}
    words = text.replace(",", " ").replace("%", " ").split()
    for name, amount in zip(words[::2], words[1::2] or [""], strict=False):
        part = PART.match(f"{name.capitalize()} {amount}")
        if not part or part[1] not in names or part[1] in found or not float(part[2]) <= MOST:
            return None
        found[part[1]] = float(part[2])
    factors = tuple(found.get(name, USUAL) / USUAL for name in names)
    return factors if found and len(words) % 2 == 0 and any(factors) else None


def learned_weekdays(counts: Sequence[int], weeks: int) -> LearnedPattern:
    """Factors of the weekdays from the orders on each of them in so many whole weeks."""
    orders, span = sum(counts), f"{weeks} weeks"
    if orders < FEWEST_OF_WEEKDAYS or weeks < FEWEST_WEEKS:
        needed = f"at least {FEWEST_OF_WEEKDAYS} in {FEWEST_WEEKS} weeks are needed"
        return LearnedPattern((), orders, span, needed)
    factors = tuple(round(7 * count / orders, 4) for count in counts)
    squares = sum((count - orders / 7) ** 2 / (orders / 7) for count in counts)
    share = exp(-squares / 2) * sum((squares / 2) ** n / (1, 1, 2)[n] for n in range(3))
    doubt = "Even days would differ so much by chance in " + (
        f"{100 * share:.0f} % of cases." if share >= 0.01 else "fewer than 1 % of cases."
    )
    return LearnedPattern(factors, orders, span, "", doubt)


def learned_months(counts: Sequence[tuple[date, int]]) -> LearnedPattern:
    """Factors of the months from the orders of each whole month in a row (its first day, orders).

    Classical decomposition: the rate of a month ÷ the mean of the year around it (so a steady growth is no season), on
    the mean of the years, then scaled to a mean of 1 (Macaulay 1931; Hyndman and Athanasopoulos 2021, ch. 3.4).
    """
    counts = counts[-MOST_MONTHS:]
    orders, span = sum(count for _, count in counts), f"{len(counts)} whole months"
    if len(counts) < FEWEST_MONTHS or orders < FEWEST_OF_MONTHS:
        needed = f"at least {FEWEST_OF_MONTHS} in {FEWEST_MONTHS} whole months are needed"
        return LearnedPattern((), orders, span, needed)
    rates = np.array([count / days_of(first) for first, count in counts])
    around = np.convolve(rates, np.r_[0.5, np.ones(YEAR - 1), 0.5] / YEAR, mode="valid")
    if not np.all(around > 0):
        return LearnedPattern((), orders, span, "a whole year had none")
    ratios: dict[int, list[float]] = {}
    for at, usual in enumerate(around, start=YEAR // 2):
        ratios.setdefault(counts[at][0].month, []).append(rates[at] / usual)
    means = [float(np.mean(ratios[month])) for month in range(1, YEAR + 1)]
    factors = tuple(round(one * YEAR / sum(means), 4) for one in means)
    doubt = f"By chance a month is off by up to about {200 / sqrt(orders / YEAR):.0f} points."
    return LearnedPattern(factors, orders, span, "", doubt)


def days_of(first: date) -> int:
    """How many days the month has that begins on `first`."""
    return ((first + timedelta(days=31)).replace(day=1) - first).days


def learned_words(pattern: LearnedPattern, names: Sequence[str], what: str) -> str:
    """What was learned for people, with the orders behind it; or why nothing was."""
    behind = f"{pattern.orders} orders of {pattern.span}"
    if not pattern.factors:
        return f"Orders by {what}: not learned, {behind}; {pattern.missing}."
    told = ", ".join(f"{name} {100 * factor:.0f}" for name, factor in zip(names, pattern.factors, strict=True))
    return f"Orders by {what}, % of the mean, from {behind}: {told}. {pattern.doubt}"


def season_of(
    line: SimulatedLine, weekdays: Sequence[float], months: Sequence[float], *, opened: float, horizon: float
) -> Season:
    """The clock of a line's orders up to `horizon`; `opened` is the hour of the simulation that is now.

    Days are those of the line's zone as its clocks go now.
    """
    here = _local(line)
    midnight = datetime.combine(here.date(), datetime.min.time())
    before = (here - midnight) / timedelta(hours=1)

    def factor(day: int) -> float:
        found = midnight.date() + timedelta(days=day)
        return weekdays[found.weekday()] * months[found.month - 1]

    usual = _mean(factor, before, -line.rate_weeks * WEEK, 0.0)
    first, last = int(-opened // DAY) - 1, int(max(horizon - opened, 52 * WEEK) // DAY) + 2
    speeds = np.array([factor(day) / usual for day in range(first, last)])
    moments = np.arange(first, last + 1) * DAY - before + opened
    passed = np.r_[0.0, np.cumsum(speeds * DAY)]
    passed -= np.interp(0.0, moments, passed)
    year = np.diff(np.interp([opened, opened + 52 * WEEK], moments, passed))[0]
    return Season(moments, passed, float(year / (52 * WEEK)))


def rate_is_known(line: SimulatedLine, weekdays: Sequence[float], months: Sequence[float]) -> bool:
    """Whether orders could have come at all in the weeks in which the line's rate was counted."""
    days = range(-int(line.rate_weeks * 7), 1)
    here = _local(line).date()
    found = [here + timedelta(days=day) for day in days]
    return any(weekdays[one.weekday()] * months[one.month - 1] for one in found)


def _mean(factor: Callable[[int], float], before: float, opened: float, closed: float) -> float:
    """The mean factor between two moments (hours from now)."""
    days = range(int((opened + before) // DAY), int((closed + before) // DAY) + 1)
    parts = [
        (factor(day), max(0.0, min((day + 1) * DAY - before, closed) - max(day * DAY - before, opened))) for day in days
    ]
    return sum(one * hours for one, hours in parts) / sum(hours for _, hours in parts)


def _local(line: SimulatedLine) -> datetime:
    """Now on the line's clocks, without a zone."""
    made_at = datetime.fromisoformat(line.made_at).replace(tzinfo=None)
    hour = made_at.weekday() * DAY + made_at.hour + made_at.minute / 60
    ahead = (line.week_hour - hour + WEEK / 2) % WEEK - WEEK / 2
    return made_at + timedelta(hours=ahead)
