"""How sure a share is that was counted: Wilson's interval.

E. B. Wilson, Probable inference, the law of succession, and statistical inference, Journal of the American Statistical
Association 22 (1927) 209–212, without continuity correction.
"""

from math import sqrt
from typing import NamedTuple, Self

# The normal deviate of a 95 % interval.
Z95 = 1.959963984540054
DIGITS = 4


def wilson(share: float, count: float) -> tuple[float, float]:
    """The 95 % interval of a share (0–1) seen in `count` independent cases (need not be whole); (0, 1) without any."""
    if count <= 0:
        return 0.0, 1.0
    spread = Z95 * sqrt(share * (1 - share) / count + Z95**2 / (4 * count**2))
    middle, divisor = share + Z95**2 / (2 * count), 1 + Z95**2 / count
    # Within 0–1 and about the share itself; rounding would miss both at the ends.
    return max(min((middle - spread) / divisor, share), 0.0), min(max((middle + spread) / divisor, share), 1.0)


class Chance(NamedTuple):
    """`count` of `of` futures: the share (0–1) and its 95 % Monte-Carlo interval (Wilson)."""

    count: int
    of: int
    share: float
    low: float
    high: float

    @classmethod
    def counted(cls, count: int, of: int) -> Self:
        """`count` of `of`; nothing of nothing is 0, and may be anything."""
        share = float(count) / of if of else 0.0
        low, high = wilson(share, of)
        return cls(int(count), int(of), *(round(value, DIGITS) for value in (share, low, high)))
