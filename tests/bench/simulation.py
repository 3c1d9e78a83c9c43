"""How long it takes to let every open order go forward many times."""

import time
from math import exp, log
from statistics import NormalDist

import numpy as np

from batches.durations.rules.curves import QUANTILES
from batches.simulation.rules.futures import simulate
from batches.simulation.rules.network import DONE, WAITING, Network, OrderAhead, Visit, network
from tests.bench.figures import Figure

SECTION = "Simulation"
ORDERS, PATHS, LINES, TARGET_SECONDS, TARGET_LINE_SECONDS = 2_000, 500, 10, 3.0, 0.3
# The journey of DOMAIN §2: code, planned hours, worst hours, after, pool, goes on in its place.
JOURNEY = (
    ("enrolment", 24, 120, (), -1, False), ("collection", 6, 12, (0,), 0, False), ("inbound", 24, 60, (1,), 1, False),
    ("receipt", 4, 12, (2,), 2, False), ("selection", 12, 24, (3,), 3, False), ("transduction", 24, 48, (4,), 3, True),
    ("expansion", 168, 264, (5,), 3, True), ("harvest", 12, 24, (6,), 3, True), ("qc", 168, 240, (7,), 4, False),
    ("sterility", 336, 360, (7,), 4, False), ("disposition", 24, 96, (8,), 5, False),
    ("outbound", 24, 96, (10,), 1, False), ("site_receipt", 2, 6, (11,), -1, False),
    ("infusion", 2, 4, (12,), 6, False),
)  # fmt: skip
EXIT, EXPANSION = 13, 6
PLACES = (6, 9, 3, 40, 80, 8, 4)


def all_orders() -> Figure:
    """Seconds for every order at once, wherever in their journey they stand, on one core."""
    seconds = _seconds(_network(ORDERS, LINES, begun=True), PATHS)
    name = f"{ORDERS:,} open orders of {len(JOURNEY)} stages × {PATHS} futures"
    return Figure(SECTION, name, seconds, "s", target=TARGET_SECONDS, at_most=True)


def all_from_the_start() -> Figure:
    """The same with none of their stages begun: the most work there can be."""
    seconds = _seconds(_network(ORDERS, LINES, begun=False), PATHS)
    return Figure(SECTION, "the same, all stages still ahead", seconds, "s", target=TARGET_SECONDS, at_most=True)


def one_line() -> Figure:
    """Seconds for the line that an event belongs to, a tenth of the orders."""
    seconds = _seconds(_network(ORDERS // LINES, 1, begun=True), PATHS)
    name = f"the line of an event, {ORDERS // LINES} of the orders × {PATHS} futures"
    return Figure(SECTION, name, seconds, "s", target=TARGET_LINE_SECONDS, at_most=True)


def _seconds(net: Network, paths: int) -> float:
    simulate(net, paths=1)  # compiles
    begun = time.perf_counter()
    simulate(net, paths=paths)
    return time.perf_counter() - begun


def _network(orders: int, lines: int, *, begun: bool) -> Network:
    luck = np.random.default_rng(7)
    ahead = [_order(luck, number % lines, begun) for number in range(orders)]
    pools = [[(0.0, places)] for _ in range(lines) for places in PLACES]
    return network(ahead, pools, [_curve(planned, worst) for _, planned, worst, *_ in JOURNEY])[0]


def _order(luck: np.random.Generator, line: int, begun: bool) -> OrderAhead:
    stands = int(luck.integers(0, EXIT)) if begun else 0
    visits = [
        Visit(
            code, at, after, pool + line * len(PLACES) if pool >= 0 else -1, keeps,
            DONE if at < stands else WAITING, ready_at=-5.0 if at == stands else None, longest_wait=96.0,
            fails=0.04 if at == EXPANSION else 0.0, reopens=tuple(range(4, 14)) if at == EXPANSION else (),
        )
        for at, (code, _, _, after, pool, keeps) in enumerate(JOURNEY)
    ]  # fmt: skip
    return OrderAhead(int(luck.integers(1, 2**62)), visits, EXIT, promised_at=900.0)


def _curve(planned: float, worst: float) -> list[float]:
    spread, normal = log(worst / planned) / 1.645, NormalDist()
    shares = np.linspace(0.001, 0.999, QUANTILES)
    return [planned * exp(spread * normal.inv_cdf(float(share))) for share in shares]
