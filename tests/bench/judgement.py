"""Judgement: rules that run over many numbers at once, without a database."""

from collections.abc import Callable

from tests.bench.active_periods import active_periods
from tests.bench.figures import Figure, Report
from tests.bench.ramp_ups import ramp_ups
from tests.bench.simulation import all_from_the_start, all_orders, one_line

FIGURES: tuple[Callable[[], Figure], ...] = (active_periods, all_orders, all_from_the_start, one_line)


def measure(report: Report) -> None:
    """Each figure in turn."""
    report.head("Simulation")
    for figure in FIGURES:
        report.add(figure())
    for figure in ramp_ups():
        report.add(figure)
