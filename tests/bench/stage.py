"""What every section works with."""

from dataclasses import dataclass
from pathlib import Path

from tests.bench.inside import Inside
from tests.bench.journeys import Journey
from tests.bench.sizes import Sizes

# The databases: the tables of the baselines, few open orders, many open orders.
BASELINE, FEW, MANY = "bench_baseline", "bench_few", "bench_many"
# Of the pages: open orders, years of ended ones (tests/bench/history.py). Against the first the others are held.
USUAL, YEARS, OPEN = "bench_usual", "bench_years", "bench_open"
WORLDS = {USUAL: (200, 1), YEARS: (200, 10), OPEN: (2_000, 10)}
# Of the forecast: two plants, so that each line has a tenth of 2,000 orders.
LINE, LINE_ORDERS = "bench_line", 400

# Of the patient's chain: a hundred orders, and those many times.
CHAIN_FEW, CHAIN = "bench_chain_few", "bench_chain"


@dataclass(slots=True)
class Stage:
    """The two worlds, each with the orders about which there is more to report, and a token that opens both."""

    sizes: Sizes
    folder: Path
    few: Inside
    many: Inside
    few_journeys: list[Journey]
    journeys: list[Journey]
    token: str
    bare_token: str
