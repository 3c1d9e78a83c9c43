"""What the forecast of a line costs in a database: read, simulate, compare, write."""

from statistics import median

from tests.bench.figures import Figure, Report
from tests.bench.inside import Inside

SECTION = "Simulation"
ROUNDS, TARGET_SECONDS = 7, 0.3


def measure(report: Report, line: Inside) -> None:
    """The line of an event, in a small database of its own."""
    orders, *seconds = line.do("forecast_a_line", ROUNDS + 1)
    # The first one has a row of the ledger to write for every order, and may have to compile.
    name = f"the line of an event with {orders} open orders, from reading to writing, without rescues"
    report.add(Figure(SECTION, name, median(seconds[1:]), "s", target=TARGET_SECONDS, at_most=True))
