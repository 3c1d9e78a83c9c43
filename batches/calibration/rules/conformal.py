"""By how many hours intervals must be widened so that they hold as often as they say.

Conformalized quantile regression: Y. Romano, E. Patterson, E. Candès, NeurIPS 2019, over the newest orders only, so
that it follows a process that changes (the finite-sample guarantee is exact where orders are exchangeable).
"""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, inf

from batches.calibration.rules.coverage import IssuedInterval

COVERED = Fraction(8, 10)
# Fewer say too little: their quantile is nearly their largest error.
FEWEST_ORDERS = 20
# The newest; about a quarter of a year of a line with a dose or two a day.
NEWEST_ORDERS = 100


def conformity(stretch: IssuedInterval) -> float:
    """Hours by which an interval missed what came; negative: by how much it held at its nearer end."""
    return max(stretch.low - stretch.actual, stretch.actual - stretch.high)


def conformal_quantile(misses: Sequence[float], share: Fraction = COVERED) -> float:
    """The ceil((n + 1) · share)-th smallest of n misses; infinite where there are too few for it."""
    rank = ceil((len(misses) + 1) * share)
    return sorted(misses)[rank - 1] if rank <= len(misses) else inf


def widening_hours(stretches: Sequence[IssuedInterval]) -> float:
    """Hours by which the *unwidened* interval is to be widened each way; `stretches`: newest order first, one each.

    0 below FEWEST_ORDERS. Never negative: intervals that held too often are not narrowed, because an interval that
    fails harms a patient and one that is wide only costs attention; so the coverage is at least what it says.
    """
    newest = stretches[:NEWEST_ORDERS]
    if len(newest) < FEWEST_ORDERS:
        return 0.0
    return max(0.0, conformal_quantile([conformity(one) for one in newest]))
