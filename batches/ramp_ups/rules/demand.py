"""Orders to come: for each journey a Poisson process whose orders have numbers that every scenario shares.

The process is drawn at MOST_FACTOR times the line's own rate, and each order of it has a mark; it comes where its mark
lies below the demand's factor (thinning: Lewis and Shedler 1979). So a scenario with more demand has the very orders
of the one with less, at the same moments and with the same luck, and some besides: common random numbers. A season
(seasons.py) then moves the moments of all of them, and adds and takes none.
"""

from typing import NamedTuple

import numpy as np

from batches.ramp_ups.rules.lines import WEEK
from batches.ramp_ups.rules.plans import Plan, Stream
from batches.simulation.rules.network import key_of

MOST_FACTOR = 3.0
GAPS, MARKS, PLANTS = 1, 2, 3


class Coming(NamedTuple):
    """The orders of one stream in one replication: keys of their luck, and when they begin."""

    keys: np.ndarray
    begins: np.ndarray


def coming(plan: Plan, stream: Stream, replication: int, horizon: float) -> Coming:
    """The orders that begin before `horizon`, first to last."""
    source = stream.source
    if source.arrivals is not None:
        begins = np.array([one for one in source.arrivals if one < horizon], np.float64)
        numbers = np.arange(begins.size, dtype=np.uint64)
        marks = np.zeros(begins.size)
    else:
        even = plan.season.even(horizon) if plan.season else horizon
        begins = _process(source.key, source.per_week * MOST_FACTOR / WEEK, replication, even)
        begins = plan.season.moment_of(begins) if plan.season else begins
        numbers = np.arange(begins.size, dtype=np.uint64)
        marks = _draw(source.key, MARKS, replication).random(begins.size)
    wanted = marks < plan.demand / MOST_FACTOR if source.arrivals is None else marks < 1
    if plan.share:
        elsewhere = _draw(source.key, PLANTS, replication).random(begins.size) < plan.share
        wanted &= (elsewhere & (begins >= plan.share_from)) == stream.is_copy
    with np.errstate(over="ignore"):
        keys = np.uint64(key_of(source.key)) + numbers
    return Coming(keys[wanted], begins[wanted])


def _process(key: str, rate: float, replication: int, horizon: float) -> np.ndarray:
    """Moments of a Poisson process; a longer horizon leaves the earlier ones as they were."""
    if rate <= 0:
        return np.empty(0)
    draw, block = _draw(key, GAPS, replication), int(rate * horizon * 1.2) + 64
    begins = np.cumsum(draw.exponential(1 / rate, block))
    while begins[-1] < horizon:
        begins = np.concatenate([begins, begins[-1] + np.cumsum(draw.exponential(1 / rate, block))])
    return begins[begins < horizon]


def _draw(key: str, purpose: int, replication: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=[key_of(f"{key}|{purpose}"), replication]))
