"""Whether the newest runs take longer or shorter than those before.

The rank sum test (Mann & Whitney, On a test of whether one of two random variables is stochastically larger than the
other, Ann. Math. Statist. 18 (1947) 50–60), by its normal approximation with correction for ties and continuity: it
asks nothing of the shape of the distribution, and one run of a month does not upset it.
"""

from math import erfc, sqrt
from typing import Any, NamedTuple

import numpy as np

NEWEST = 30
FEWEST_BEFORE = 30
# The test is repeated every six hours on every stage: three standard errors, one false alarm in 370 if nothing changes.
TELLING_Z = 3.0
# A smaller shift of the median changes no plan, however sure it is.
TELLING_SHIFT = 0.10


class Drift(NamedTuple):
    """The newest completed runs against those before; `larger`: P(a newer run takes longer than an older), ties half.

    `shift`: median of the newer / median of the older − 1.
    """

    newer: int
    older: int
    newer_median_hours: float
    older_median_hours: float
    shift: float
    larger: float
    z: float
    p: float

    @property
    def is_telling(self) -> bool:
        """Whether it is both sure and large enough for somebody to look."""
        return abs(self.z) >= TELLING_Z and abs(self.shift) >= TELLING_SHIFT

    @property
    def evidence(self) -> dict[str, Any]:
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
    return Drift(len(newer), len(older), after, before, shift, larger, z, erfc(abs(z) / sqrt(2)))


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
