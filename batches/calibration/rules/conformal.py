"""By how many hours each end of the intervals must be moved so that it holds as often as it says.

Conformalized quantile regression, each end by itself: Y. Romano, E. Patterson, E. Candès, NeurIPS 2019 (theorem 2),
over the newest orders only, so that it follows a process that changes (the finite-sample guarantee is exact where
orders are exchangeable).
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import ceil, inf

from batches.calibration.rules.coverage import IssuedInterval
from batches.forecasts.rules.corrections import Widening

# Each end holds nine times in ten, so that both do eight times in ten.
HELD_AT_EACH_END = Fraction(9, 10)
# Fewer say too little: their quantile is nearly their largest error.
FEWEST_ORDERS = 20
# The newest promises that have passed; of more, a step in the process is followed too late.
NEWEST_ORDERS = 50


def conformal_quantile(misses: Sequence[float], share: Fraction = HELD_AT_EACH_END) -> float:
    """The ceil((n + 1) · share)-th smallest of n misses; infinite where there are too few for it."""
    rank = ceil((len(misses) + 1) * share)
    return sorted(misses)[rank - 1] if rank <= len(misses) else inf


def widening(stretches: Sequence[IssuedInterval]) -> Widening:
    """By how much each end of the *unwidened* interval is to be moved; `stretches`: newest order first, one each.

    Of an order that is still open `actual` is now: its dose is later than that, so the later end is moved by at least
    what is known, and the earlier end by no more than it may need. 0 below FEWEST_ORDERS. Never negative: ends that
    held too often are not moved inward, because an interval that fails harms a patient and one that is wide only costs
    attention; so the coverage is at least what it says.
    """
    newest = stretches[:NEWEST_ORDERS]
    if len(newest) < FEWEST_ORDERS:
        return Widening()
    return Widening(_outward(one.low - one.actual for one in newest), _outward(one.actual - one.high for one in newest))


def _outward(misses: Iterable[float]) -> float:
    return max(0.0, conformal_quantile(list(misses)))
