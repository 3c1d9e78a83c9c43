"""What every section works with."""

from dataclasses import dataclass
from pathlib import Path

from tests.bench.inside import Inside
from tests.bench.journeys import Journey
from tests.bench.sizes import Sizes

# The databases: the tables of the baselines, few open orders, many open orders.
BASELINE, FEW, MANY = "bench_baseline", "bench_few", "bench_many"


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
