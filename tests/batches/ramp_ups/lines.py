"""Lines to simulate in tests: the tandem of DOMAIN §7, a queue with many places, and the like."""

from itertools import pairwise
from math import log
from typing import Any

from batches.durations.rules.curves import QUANTILES, Curve, constant
from batches.ramp_ups.rules.costs import cost_names
from batches.ramp_ups.rules.lines import LineJourney, LineStage, SimulatedLine, SimulatedPool

DAY = 24.0


def some_costs(line: SimulatedLine) -> dict[str, float]:
    """Every unit cost of a line: a suite 12,000 a week, another place 2,000."""
    given = {"place:suite": 12_000.0, "batch": 45_000.0, "failed_batch": 30_000.0, "test": 900.0}
    return {name: given.get(name, 2_000.0) for name in cost_names(line)}


def a_pool(code: str, places: int, name: str = "") -> SimulatedPool:
    return SimulatedPool(code, name or code.capitalize(), ((0.0, places),))


def a_journey(*stages: LineStage, **given: Any) -> LineJourney:
    """Collection (no time), `stages` one after another, then the infusion (no time)."""
    chain = [LineStage("collection", "Collection", "collection", constant(0))]
    for stage in stages:
        chain.append(
            LineStage(**{**{f: getattr(stage, f) for f in stage.__struct_fields__}, "after": (chain[-1].code,)})
        )
    chain.append(LineStage("infusion", "Infusion", "infusion", constant(0), (chain[-1].code,)))
    fields = {"product": "p", "flow": "f", "name": "P", "exit": "infusion", "restart": stages[0].code,
              "per_week": 0.0, "promise": 14 * DAY} | given  # fmt: skip
    return LineJourney(stages=tuple(chain), **fields)


def a_line(journey: LineJourney, *pools: SimulatedPool, **given: Any) -> SimulatedLine:
    return SimulatedLine("line", "The line", "2026-03-02T08:00:00+00:00", (journey,), pools, **given)


def tandem(suites: int = 3, lanes: int = 3) -> SimulatedLine:
    """Twelve orders on days 0–11; suite 7 days, QC 7 days, first come, first served."""
    stages = (
        LineStage("culture", "Culture", "manufacturing", constant(7 * DAY), pool="suite"),
        LineStage("testing", "Testing", "quality_control", constant(7 * DAY), pool="qc"),
    )
    journey = a_journey(*stages, arrivals=tuple(day * DAY for day in range(12)))
    return a_line(journey, a_pool("suite", suites, "Suites"), a_pool("qc", lanes, "QC lanes"))


def exponential(mean: float) -> Curve:
    """An exponential distribution as a table: its last step ends where the mean is right."""
    steps = QUANTILES - 1
    table = [-mean * log(1 - at / steps) for at in range(steps)] + [mean * (log(steps) + 2)]
    # Straight lines between the points of a convex curve lie above it: scaled back to the mean.
    area = sum((low + high) / 2 for low, high in pairwise(table)) / steps
    return tuple(hours * mean / area for hours in table)


def one_queue(curve: Curve, places: int, per_week: float, *, then: float = 0.0) -> SimulatedLine:
    """Orders by chance to one pool, then `then` hours of work that needs none."""
    stages = [LineStage("work", "Work", "manufacturing", curve, pool="pool")]
    if then:
        stages.append(LineStage("rest", "Rest", "release", constant(then)))
    return a_line(a_journey(*stages, per_week=per_week), a_pool("pool", places, "Pool"))
