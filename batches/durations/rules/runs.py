"""What is learned from: how long a stage was at work in one attempt of one order, and how that ended."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

import numpy as np


class End(StrEnum):
    """How a run ended. Three ends compete; a censored run has not ended as far as anybody knows."""

    COMPLETED = "completed"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    CENSORED = "censored"


CODES = {end: index for index, end in enumerate(End)}


class PastRun(NamedTuple):
    """Hours from start to end (or to when it was last known to be at work); `ended_at` in hours on any clock.
    `is_repeat`: in an attempt after a failure."""

    hours: float
    end: End
    ended_at: float = 0.0
    is_repeat: bool = False


class Runs(NamedTuple):
    """Many runs as columns; `ends` are CODES."""

    hours: np.ndarray
    ends: np.ndarray
    ended_at: np.ndarray
    repeats: np.ndarray

    @classmethod
    def of(cls, runs: Iterable[PastRun]) -> "Runs":
        """These runs; a clock that went backwards counts as no time."""
        rows = list(runs)
        return cls(
            np.array([max(run.hours, 0.0) for run in rows], dtype=float),
            np.array([CODES[run.end] for run in rows], dtype=np.int8),
            np.array([run.ended_at for run in rows], dtype=float),
            np.array([run.is_repeat for run in rows], dtype=bool),
        )

    def where(self, chosen: np.ndarray) -> "Runs":
        """Those of which `chosen` is true."""
        return Runs(*(column[chosen] for column in self))

    def count(self, end: End) -> int:
        """How many ended so."""
        return int(np.count_nonzero(self.ends == CODES[end]))

    def hours_of(self, end: End) -> np.ndarray:
        """The hours of those that ended so, by when they ended (then by hours: equal moments have no order)."""
        chosen = self.ends == CODES[end]
        hours, ended_at = self.hours[chosen], self.ended_at[chosen]
        return hours[np.lexsort((hours, ended_at))]
