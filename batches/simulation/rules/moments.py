"""When a moment counts as later than another: sums of hours are binary fractions, what people promise are minutes.

Plain functions of numbers or arrays; the engine compiles them (places.py).
"""

from typing import Any

# Half a minute in hours. Moments are told in whole minutes and learned hours are kept to the thousandth, so nothing
# less tells late from in time; and a sum of tenths of an hour hangs on the order in which it is added up.
LEAST_HOURS = 1 / 120


def is_after(moment: Any, other: Any) -> Any:
    """Whether `moment` (hours) lies after `other` by more than rounding; false where either is unknown (NaN)."""
    return moment > other + LEAST_HOURS


def is_by(moment: Any, other: Any) -> Any:
    """Whether `moment` (hours) lies at `other` or before, but for rounding; false where either is unknown (NaN)."""
    return moment <= other + LEAST_HOURS
