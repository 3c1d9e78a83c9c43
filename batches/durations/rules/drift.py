"""Whether the newest runs take longer or shorter than those before.

What is shown is the rank sum test (Mann & Whitney, On a test of whether one of two random variables is stochastically
larger than the other, Ann. Math. Statist. 18 (1947) 50–60), by its normal approximation with correction for ties and
continuity: it asks nothing of the shape of the distribution, and one run of a month does not upset it. It is looked at
every six hours, and whoever looks often enough sees three standard errors by chance. So the word rests on a sequential
test: each run's rank among all before it is bet on, and the bets of every moment at which a change may have come are
added up (Shiryaev and Roberts; as an e-detector: Shin, Ramdas, Rinaldo, New England J. Stat. Data Sci. 2 (2024)
229–260). While nothing changes the sum grows by one a run on average, so it needs at least `RUNS_TO_FALSE_ALARM` runs
on average to reach that bar, however often it is looked at.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from math import sqrt
from typing import Any, NamedTuple

import numpy as np

NEWEST = 30
FEWEST_BEFORE = 30
# At least so many completed runs pass on average before nothing is taken for a change, in either direction.
RUNS_TO_FALSE_ALARM = 10_000
# How much of the stake is bet on each run: the small bets see small changes, the large ones large changes sooner.
STAKES = (0.25, 0.5, 0.9)
# Older runs say little of now.
NEWEST_TESTED = 500
# A smaller shift of the median changes no plan, however sure it is.
TELLING_SHIFT = 0.10
MOST_EVIDENCE = 1e12


class Drift(NamedTuple):
    """The newest completed runs against those before; `larger`: P(a newer run takes longer than an older), ties half.

    `shift`: median of the newer / median of the older − 1. `evidence`: of the sequential test in the direction of the
    shift; at `RUNS_TO_FALSE_ALARM` or more it is sure.
    """

    newer: int
    older: int
    newer_median_hours: float
    older_median_hours: float
    shift: float
    larger: float
    z: float
    evidence: float

    @property
    def is_telling(self) -> bool:
        """Whether it is both sure and large enough for somebody to look."""
        return self.evidence >= RUNS_TO_FALSE_ALARM and abs(self.shift) >= TELLING_SHIFT

    @property
    def numbers(self) -> dict[str, Any]:
        """The numbers as stored."""
        rounded = {name: round(value, 6) for name, value in self._asdict().items()}
        return rounded | {"newer": self.newer, "older": self.older}


def drift_of(hours: np.ndarray) -> Drift | None:
    """The last 30 of these completed runs (oldest first) against the others; None with fewer than 30 before them."""
    older, newer = hours[:-NEWEST], hours[-NEWEST:]
    if len(older) < FEWEST_BEFORE:
        return None
    larger, z = rank_sum(newer, older)
    before, after = float(np.median(older)), float(np.median(newer))
    shift = after / before - 1 if before > 0 else float(after > 0)
    *_, (longer, shorter) = evidence_of_change(hours[-NEWEST_TESTED:].tolist())
    evidence = min(longer if shift > 0 else shorter, MOST_EVIDENCE)
    return Drift(len(newer), len(older), after, before, shift, larger, z, evidence)


def evidence_of_change(hours: Iterable[float]) -> Iterator[tuple[float, float]]:
    """After each run (oldest first), the evidence that they have become longer, and shorter, at some moment till then.

    The rank u of a run among itself and those before it (ties half, 0–1) is ½ on average while nothing changes,
    whatever the distribution; a bet of b on longer runs turns 1 into 1 + b(2u − 1). Each direction has half the stake.
    """
    longer, shorter = [0.0] * len(STAKES), [0.0] * len(STAKES)
    before: list[float] = []
    for value in hours:
        rank = (bisect_left(before, value) + bisect_right(before, value) + 1) / (2 * (len(before) + 1))
        insort(before, value)
        gain = 2 * rank - 1
        longer = [(sum_so_far + 1) * (1 + stake * gain) for sum_so_far, stake in zip(longer, STAKES, strict=True)]
        shorter = [(sum_so_far + 1) * (1 - stake * gain) for sum_so_far, stake in zip(shorter, STAKES, strict=True)]
        yield sum(longer) / len(STAKES) / 2, sum(shorter) / len(STAKES) / 2


def rank_sum(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """(U / nm, z): how often `first` is the larger, and the normal deviate of that; z is 0 where all are equal."""
    n, m = len(first), len(second)
    _, place, ties = np.unique(np.concatenate([first, second]), return_inverse=True, return_counts=True)
    ranks = (np.cumsum(ties) - (ties - 1) / 2)[place]
    above = float(ranks[:n].sum()) - n * (n + 1) / 2
    total = n + m
    spread = sqrt(max(n * m / 12 * (total + 1 - float((ties**3 - ties).sum()) / (total * (total - 1))), 0.0))
    distance = above - n * m / 2
    corrected = max(abs(distance) - 0.5, 0.0)
    return above / (n * m), (corrected if distance > 0 else -corrected) / spread if spread else 0.0
