"""Mean kinetic temperature: the one steady temperature that harms as much as all that was measured (USP <1079.2>)."""

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache

# Activation energy over the gas constant, in kelvin: 83.144 kJ/mol over 8.314472 J/(mol·K).
ENERGY = 83_144 / 8.314472
ZERO = 273.15
WINDOW = 24 * 3600.0


@lru_cache(maxsize=65_536)
def _harm(hundredths: int) -> float:
    return math.exp(-ENERGY / (hundredths / 100 + ZERO))


def mean_kinetic(parts: Iterable[tuple[int, float]]) -> float | None:
    """The mean in °C of pairs of temperature (hundredths of a degree) and how long it stood; None without any time."""
    harm, time = 0.0, 0.0
    for temperature, span in parts:
        harm += _harm(temperature) * span
        time += span
    return _celsius(harm, time)


def _celsius(harm: float, time: float) -> float | None:
    return -ENERGY / math.log(harm / time) - ZERO if time > 0 and harm > 0 else None


def highest_mean_kinetic(
    moments: Sequence[float], temperatures: Sequence[int], spans: Sequence[float], window: float = WINDOW
) -> float | None:
    """The highest mean over any `window` of seconds that ends at a reading; of less time over all of it.

    `spans`: how long each reading stood. One pass: what leaves the window is taken away again.
    """
    highest: float | None = None
    harm = time = 0.0
    first, whole = 0, bool(moments) and moments[-1] - moments[0] < window
    for index, moment in enumerate(moments):
        while moment - moments[first] > window:
            harm -= _harm(temperatures[first]) * spans[first]
            time -= spans[first]
            first += 1
        if index and not whole and moment - moments[first] >= window * 0.99:
            highest = _higher(highest, _celsius(harm, time))
        harm += _harm(temperatures[index]) * spans[index]
        time += spans[index]
    return _higher(highest, _celsius(harm, time)) if whole or highest is None else highest


def _higher(one: float | None, other: float | None) -> float | None:
    return max((each for each in (one, other) if each is not None), default=None)
