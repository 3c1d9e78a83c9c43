"""What the tests beside share: lines to simulate."""

from hypothesis import strategies as st

from batches.durations.rules.curves import QUANTILES
from batches.simulation.rules.futures import Futures, simulate
from batches.simulation.rules.network import (
    network,
)


def constant(hours: float) -> list[float]:
    return [hours] * QUANTILES


def futures(orders, pools=(), curves=(), paths: int = 1, **more) -> Futures:
    return simulate(network(orders, [[(0.0, places)] for places in pools], curves)[0], paths=paths, **more)


hours = st.floats(0.5, 90)
