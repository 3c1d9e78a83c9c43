"""How sure a verdict is: how clearly the pool named is used more than every other, and what that was worth on lines of
which the truth was known; and how much it hangs on single days.

**Confidence.** Of two pools through which the same orders pass the one that is used more limits the line. The
difference of ln(use) in units of its standard error, √(Cs² ÷ services + Cs² ÷ services) (delta method), is the
separation z. How often a name with a separation of z from its nearest rival was right on planted lines
(tests/bench/planted.py: half of them with a pool 10–30 % tighter than the others, half without any) is a logistic
curve, fitted to those lines; where the line's own rates were tried (batches/trials), as those trials have it.

**That none limits it** is a word about the weeks to come: how often no pool was full with a queue for half of the four
weeks after it is a logistic curve of how much of its place-hours the fullest pool has taken, fitted to lines of 40–95 %
load, planted and not (tests/bench/clear_lines.py).

**Resamples.** The window is cut into seven blocks (of seven days: the days ending at this hour). A resample draws seven
blocks with replacement (block bootstrap: Künsch 1989, Ann. Statist. 17, 1217–1241). Seven of seven can be drawn in
1,716 ways that matter, so none is drawn by chance: each is judged and weighed by its probability (the ideal bootstrap:
Efron and Tibshirani 1993, ch. 6). The same facts give the same answer, and no seed is needed. Pure.

They say how much the verdict hangs on single days, and nothing of whether it is true: on planted lines the share of
resamples told right from wrong no better than chance.
"""

from collections.abc import Sequence
from functools import cache
from itertools import combinations_with_replacement
from math import exp, factorial, log, prod, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from batches.lines.rules.pool_time import BLOCKS

Numbers = NDArray[np.float64]


# Fitted to planted lines; see docs/judgement/bottleneck.md for the command and for how right it was on others.
AT_NO_SEPARATION, PER_SEPARATION = -1.9, 1.4
FURTHEST = 6.0
# Of a verdict that no pool limits the line.
CLEAR_AT_NO_USE, PER_USE = 5.8, -5.3
# From which confidence on a verdict is called firm, or likely.
FIRM, LIKELY = 0.9, 0.7
JUST_LIKELY = 0.89
# The use (0–1) of the fullest pool at which none is just likely.
USE_OF_LIKELY = (log(JUST_LIKELY / (1 - JUST_LIKELY)) - CLEAR_AT_NO_USE) / PER_USE
# No stage is as even as a few equal services look.
LEAST_VARIATION = 0.02


class PoolUse(NamedTuple):
    """How much of its place-hours a pool had taken (0–1), in how many services, and their squared variation."""

    used: float
    services: int
    variation: float


class Candidacy(NamedTuple):
    """What the naming of a pool rests on, in hours of each block: full with a queue, waited, momentary bottleneck.

    `always`: a candidate whatever the days say (stuck); `never`: none (clear).
    """

    pressed: Sequence[float]
    waited: Sequence[float]
    limiting: Sequence[float]
    always: bool
    never: bool


class Limits(NamedTuple):
    """From which share of the window a pool is a candidate, and what counts as clearly more order-hours."""

    enter_share: float
    displace_ratio: float


def separation(one: PoolUse, other: PoolUse) -> float:
    """By how many standard errors more of `one` was used than of `other`; 0 where nothing can be told.

    Of a pool that was not used at all only those tell that could have come to it: as many as the other one served, by
    chance as in a Poisson process √n errors.
    """
    if not (one.used and other.used):
        return min(sqrt(one.services), FURTHEST) if one.used else -min(sqrt(other.services), FURTHEST)
    spread = sum(max(use.variation, LEAST_VARIATION) / max(use.services, 1) for use in (one, other))
    return min(max(log(one.used / other.used) / sqrt(spread), -FURTHEST), FURTHEST)


class LineCurve(NamedTuple):
    """What verdicts on one line were worth, beside those on lines in general: their log-odds × `slope` + `intercept`
    (batches/trials). `may_be_firm`: on lines that had not taught the curve, firm ones were right often enough."""

    intercept: float = 0.0
    slope: float = 1.0
    may_be_firm: bool = True

    def confidence_at(self, separated: float) -> float:
        """The probability (0–1) that a name so far from its nearest rival is right; of a line of which firm verdicts
        were wrong too often, or were too few to tell, less than firm."""
        found = 1 / (1 + exp(-self.intercept - self.slope * odds_at(separated)))
        return found if self.may_be_firm else min(found, JUST_LIKELY)


OF_ALL_LINES = LineCurve()


def clear_confidence(used: float) -> float:
    """The probability (0–1) that no pool holds the line up in the four weeks after a verdict that names none, the
    fullest pool having had so much of its place-hours taken (0–1)."""
    return 1 / (1 + exp(-CLEAR_AT_NO_USE - PER_USE * used))


def odds_at(separated: float) -> float:
    """The log-odds that such a name was right on lines in general."""
    return AT_NO_SEPARATION + PER_SEPARATION * separated


@cache
def resamples() -> tuple[Numbers, Numbers]:
    """How often each block is drawn, one row a resample, and the probability of each row."""
    draws = [
        [drawn.count(block) for block in range(BLOCKS)]
        for drawn in combinations_with_replacement(range(BLOCKS), BLOCKS)
    ]
    ways = [factorial(BLOCKS) / prod(map(factorial, row)) / BLOCKS**BLOCKS for row in draws]
    return np.array(draws, dtype=np.float64), np.array(ways)


def naming_shares(pools: Sequence[Candidacy], window_hours: float, limits: Limits) -> list[float]:
    """For each pool the share (0–1) of resamples that name it, with no pool named before. What is left names none.

    `pools` stand in flow order: of equals the later one is named.
    """
    drawn, probability = resamples()
    if not pools:
        return []
    pressed, waited, limiting = (drawn @ np.array([pool[part] for pool in pools]).T for part in range(3))
    always = np.array([pool.always for pool in pools])
    never = np.array([pool.never for pool in pools])
    # Rounded, so that what is equal in days stays equal in sums.
    candidate = always | (~never & (pressed.round(6) >= round(limits.enter_share * window_hours, 6)))
    named = _named(candidate, waited.round(6), limiting.round(6), limits.displace_ratio)
    return [float(probability[named == pool].sum()) for pool in range(len(pools))]


def _named(candidate: NDArray[np.bool_], waited: Numbers, limiting: Numbers, ratio: float) -> NDArray[np.int64]:
    """The pool that each resample names, −1: none. The rule of `bottlenecks.choose`, for many cases at once."""
    most = np.where(candidate, waited, -1.0).max(axis=1)
    near = candidate & ~_clearly_more(most[:, None], waited, ratio)
    named = np.full(len(waited), -1, dtype=np.int64)
    rows = np.arange(len(waited))
    for pool in range(waited.shape[1]):
        before = np.maximum(named, 0)
        longer, equal = limiting[:, pool] > limiting[rows, before], limiting[:, pool] == limiting[rows, before]
        better = (named < 0) | longer | (equal & (waited[:, pool] >= waited[rows, before]))
        named = np.where(near[:, pool] & better, pool, named)
    return named


def _clearly_more(mine: Numbers, theirs: Numbers, ratio: float) -> NDArray[np.bool_]:
    return (mine > theirs) & (mine >= ratio * theirs)
