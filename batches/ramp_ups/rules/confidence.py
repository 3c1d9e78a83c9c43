"""How sure a figure over replications is."""

from collections.abc import Iterable
from math import sqrt
from statistics import fmean, stdev
from typing import Any, NamedTuple

from batches.judgement.rules.shares import Z95


class MeanBand(NamedTuple):
    """The mean over replications, the 95 % interval of that mean, and how many replications say so."""

    mean: float
    low: float
    high: float
    count: int

    @property
    def half(self) -> float:
        """Half its width."""
        return (self.high - self.low) / 2

    def has(self, value: float) -> bool:
        """Whether `value` lies inside; the ends count."""
        return self.low <= value <= self.high


def student(freedom: int) -> float:
    """The 97.5 % quantile of Student's t (Abramowitz and Stegun 26.7.5; within 0.002 from 5 degrees on)."""
    z = Z95
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / freedom ** (at + 1) for at, term in enumerate(terms))


def band(values: Iterable[Any]) -> MeanBand | None:
    """The band of those that are known; None without any. One replication, or no spread, has no width."""
    known = [float(value) for value in values if value is not None]
    if not known:
        return None
    mean = fmean(known)
    half = student(len(known) - 1) * stdev(known) / sqrt(len(known)) if len(known) > 2 else 0.0
    return MeanBand(mean, mean - half, mean + half, len(known))


def paired(before: Iterable[Any], after: Iterable[Any]) -> MeanBand | None:
    """The band of the differences, replication by replication: they share their luck."""
    both = zip(before, after, strict=True)
    return band(new - old for old, new in both if old is not None and new is not None)
