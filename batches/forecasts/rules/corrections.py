"""What the past errors of a line change in what is said of it next. Pure; learned in batches/calibration/rules/."""

from math import exp, log
from typing import NamedTuple

from batches.judgement.rules.shares import Chance


class Widening(NamedTuple):
    """By how many hours each end of the 80 % interval is moved outward; never inward."""

    low_hours: float = 0.0
    high_hours: float = 0.0


class Recalibration(NamedTuple):
    """log-odds of what is said = intercept + slope · log-odds of the simulation (Cox, Biometrika 45 (1958) 562–565)."""

    intercept: float = 0.0
    slope: float = 1.0

    def corrected(self, share: float, futures: int) -> float:
        """The share (0–1) of `futures` as past errors have it. All or none of them are read as all but half a one."""
        if self == UNCHANGED:
            return share
        return logistic(self.intercept + self.slope * log_odds(share, futures))

    def of(self, chance: Chance) -> Chance:
        """The same of a share with its interval; what was counted stays."""
        if self == UNCHANGED or not chance.of:
            return chance
        return chance._replace(
            share=round(self.corrected(chance.share, chance.of), 4),
            low=round(self.corrected(chance.low, chance.of), 4),
            high=round(self.corrected(chance.high, chance.of), 4),
        )


UNCHANGED = Recalibration()


class Corrections(NamedTuple):
    """All of them for one line."""

    widening: Widening = Widening()
    late: Recalibration = UNCHANGED


UNCORRECTED = Corrections()


def log_odds(share: float, futures: int) -> float:
    """ln(p / (1 − p)), p at least half a future away from 0 and 1: nobody has simulated further than that."""
    least = 0.5 / futures
    share = min(max(share, least), 1 - least)
    return log(share / (1 - share))


def logistic(odds: float) -> float:
    """The probability with these log-odds."""
    return 1 / (1 + exp(-odds))
