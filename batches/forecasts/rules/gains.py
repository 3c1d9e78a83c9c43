"""What a rescue is worth: what its order gains beyond chance, held against what the other orders lose by it.

The futures with and without it are the same but for its doing, so each is compared with itself.
"""

import numpy as np
from numpy.typing import NDArray

from batches.forecasts.rules.summaries import Simulated

# Two-sided 95 % of McNemar's test: only those futures count in which the order fares otherwise.
SURE_Z = 1.96


def is_better(index: int, base: Simulated, made: Simulated) -> bool:
    """Whether the order (by its place in the state) fares better by more than chance: fewer of the same futures have no
    dose in time, or fewer of as many a permitted wait that runs out (only their number is known, so the test is the
    wider one)."""
    was, now = (_not_in_time(done)[index] for done in (base, made))
    saved, spoilt = int(np.count_nonzero(was & ~now)), int(np.count_nonzero(now & ~was))
    if saved - spoilt > SURE_Z * (saved + spoilt) ** 0.5:
        return True
    expired = [int(_expired(done)[index]) for done in (base, made)]
    paths = base.futures.paths
    spread = sum(count * (paths - count) / paths for count in expired) ** 0.5
    return expired[0] - expired[1] > SURE_Z * spread


def costs_others_more(base: Simulated, made: Simulated) -> bool:
    """Whether all other orders together lose more than the rescued one gains, in doses in time and permitted waits:
    then the line as a whole fares worse."""
    losses = _not_in_time(made).sum(axis=1) - _not_in_time(base).sum(axis=1) + _expired(made) - _expired(base)
    return bool(losses.sum() > 0)


def _not_in_time(made: Simulated) -> NDArray[np.bool_]:
    """Of each order that was there (a row) and each future, whether no dose comes of it, or one after its promise."""
    there = len(made.state.foreseen)
    ready = made.futures.ready[made.rows[:there]]
    promised = np.array([order.promised_at for order in made.state.orders[:there]])
    return np.isnan(ready) | (ready > promised[:, None])


def _expired(made: Simulated) -> NDArray[np.int64]:
    """Of each order that was there, in how many futures a permitted wait runs out."""
    return made.futures.expired[made.rows[: len(made.state.foreseen)]]
