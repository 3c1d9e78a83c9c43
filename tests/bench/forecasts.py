"""What the forecast of a line costs in a database: read, simulate, compare, write."""

from statistics import median

from tests.bench.endings import end_orders
from tests.bench.figures import Figure, Report
from tests.bench.stage import Stage

SECTION = "Forecast of a line, read to written"
# Open orders of both plants together; the first is the size that the target names: a tenth of 2,000 in the line.
SIZES = (400, 2_000)
ROUNDS, TARGET_SECONDS = 5, 0.3


def measure(report: Report, stage: Stage) -> None:
    """Ends all but as many of the orders: nothing that wants them open may come after."""
    report.head(SECTION)
    for left_open in sorted(SIZES, reverse=True):
        end_orders(stage, left_open)
        orders, *seconds = stage.many.do("forecast_a_line", ROUNDS + 1)
        name = f"an event of a line of {orders:,} open orders, without a search for rescues"
        # The first one writes a row of the ledger for each order, and may have to compile.
        target = TARGET_SECONDS if left_open == SIZES[0] else None
        report.add(Figure(SECTION, name, median(seconds[1:]), "s", target=target, at_most=True))
