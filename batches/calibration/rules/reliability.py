"""The reliability diagram: of what was given such a probability, how much came true.

Where several predictions of a bin are of one order, the order counts once in the width of its interval; and orders that
came out in the same week count for as much less as they share their fate (`design_effect`, of all bins together).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from batches.calibration.rules.scores import IssuedProbability, design_effect
from batches.judgement.rules.shares import wilson

BINS = 10
# A bin of fewer orders than this says more of chance than of us: fewer, fuller bins are made.
FEWEST_IN_BIN = 10


class Bin(NamedTuple):
    """Predictions with neighbouring probabilities. `said_low`–`said_high`: from the least to the largest of them.

    `said`: their mean, `came`: the share that came true, with its 95 % interval; all 0–1.
    """

    said_low: float
    said_high: float
    said: float
    came: float
    low: float
    high: float
    predictions: int
    orders: int


def equal_bins(said: Sequence[IssuedProbability]) -> list[NDArray[np.intp]]:
    """Places of the predictions in bins of about equal count, least probability first; equal ones stay together.

    At most BINS, and no more than leave FEWEST_IN_BIN orders for each.
    """
    if not said:
        return []
    forecasts = np.fromiter((one.probability for one in said), dtype=float)
    number = max(1, min(BINS, len({one.order for one in said}) // FEWEST_IN_BIN))
    in_order = np.argsort(forecasts, kind="stable")
    ordered = forecasts[in_order]
    edges = [len(said) * part // number for part in range(1, number)]
    # A cut between equal probabilities moves to the beginning of them.
    cuts = sorted({int(np.searchsorted(ordered, ordered[edge], side="left")) for edge in edges} - {0})
    return [places for places in np.split(in_order, cuts) if len(places)]


def diagram(said: Sequence[IssuedProbability], bins: Sequence[NDArray[np.intp]]) -> list[Bin]:
    """The bins as the diagram shows them."""
    came, orders = [float(one.came) for one in said], [one.order for one in said]
    effect = design_effect(came, orders, [one.cluster for one in said])
    return [_bin([said[place] for place in places], effect) for places in bins]


def _bin(members: Sequence[IssuedProbability], effect: float) -> Bin:
    probabilities = [one.probability for one in members]
    came, orders = sum(one.came for one in members) / len(members), len({one.order for one in members})
    return Bin(
        min(probabilities), max(probabilities), sum(probabilities) / len(members), came, *wilson(came, orders / effect),
        len(members), orders,
    )  # fmt: skip
