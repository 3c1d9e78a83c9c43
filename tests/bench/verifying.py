"""Verifying the chain of events of every order, as `manage.py verify_seals` does."""

from tests.bench.figures import Figure, Report
from tests.bench.stage import Stage

SECTION = "Every chain verified"
# Ten years of one plant, 34,635 orders with 1.16 million events, within 15 seconds.
TARGET = 1_160_000 / 15


def measure(report: Report, stage: Stage) -> None:
    """Once, over every order of the world: each event is read and hashed once."""
    report.head(f"{SECTION}: {stage.sizes.many:,} orders")
    seconds, events = stage.many.do("verify_seals")
    name = f"chains of {stage.sizes.many:,} orders, {events:,} events, in {seconds:.1f} s"
    report.add(Figure(SECTION, name, events / seconds, "events/s", target=TARGET))
