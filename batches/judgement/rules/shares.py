"""How sure a share is that was counted: Wilson's interval.

E. B. Wilson, Probable inference, the law of succession, and statistical inference, Journal of the American Statistical
Association 22 (1927) 209–212, without continuity correction.
"""

from math import sqrt

# The normal deviate of a 95 % interval.
Z95 = 1.959963984540054


def wilson(share: float, count: float) -> tuple[float, float]:
    """The 95 % interval of a share (0–1) seen in `count` independent cases (need not be whole); (0, 1) without any."""
    if count <= 0:
        return 0.0, 1.0
    spread = Z95 * sqrt(share * (1 - share) / count + Z95**2 / (4 * count**2))
    middle, divisor = share + Z95**2 / (2 * count), 1 + Z95**2 / count
    # Within 0–1 and about the share itself; rounding would miss both at the ends.
    return max(min((middle - spread) / divisor, share), 0.0), min(max((middle + spread) / divisor, share), 1.0)
