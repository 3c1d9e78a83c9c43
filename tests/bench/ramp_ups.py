"""How long a ramp-up takes: three scenarios, 200 replications, two years, 1,000 orders a year, two threads."""

import time

from batches.durations.rules.curves import curve_of_plan
from batches.ramp_ups.rules.changes import ChangeKind, ScenarioChange
from batches.ramp_ups.rules.lines import LineJourney, LineStage, SimulatedLine, SimulatedPool
from batches.ramp_ups.rules.runs import WARM_UP_WEEKS, Study
from tests.batches.ramp_ups.lines import some_costs
from tests.bench.figures import Figure

REPLICATIONS, WEEKS, PER_WEEK, THREADS, TARGET_SECONDS = 200, 104, 1000 * 7 / 365, 2, 60.0
SECTION = "Simulation"
# Code, kind, after, planned and worst hours, pool, goes on in the place; the 14 stages of a fresh CAR-T flow.
STAGES = (
    ("enrolment", "administrative", "", 24, 120, "", False),
    ("collection", "collection", "enrolment", 6, 12, "", False),
    ("inbound", "transport", "collection", 24, 60, "courier", False),
    ("receipt", "manufacturing", "inbound", 4, 12, "receiving_bench", False),
    ("selection", "manufacturing", "receipt", 12, 24, "suite", False),
    ("transduction", "manufacturing", "selection", 24, 48, "suite", True),
    ("expansion", "manufacturing", "transduction", 168, 264, "suite", True),
    ("harvest", "manufacturing", "expansion", 12, 24, "suite", True),
    ("qc_release_tests", "quality_control", "harvest", 168, 240, "qc_lane", False),
    ("sterility_final", "quality_control", "harvest", 336, 360, "qc_lane", False),
    ("disposition", "release", "qc_release_tests", 24, 96, "qa_reviewer", False),
    ("outbound", "transport", "disposition", 24, 96, "courier", False),
    ("site_receipt", "custody", "outbound", 2, 6, "", False),
    ("infusion", "infusion", "site_receipt", 2, 4, "", False),
)
PLACES = {"courier": 14, "receiving_bench": 4, "suite": 29, "qc_lane": 68, "qa_reviewer": 8}
SCENARIOS = (
    (),
    (ScenarioChange(ChangeKind.PLACES, "suite", 3.0),),
    (ScenarioChange(ChangeKind.DEMAND, amount=25.0), ScenarioChange(ChangeKind.PLACES, "suite", 6.0)),
)


def ramp_ups() -> list[Figure]:
    """Seconds for all three, and for a tenth of the replications (ten times that would be linear)."""
    study = two_years()
    study.figures((), range(2), threads=THREADS)  # compiled
    part, whole = _seconds(study, REPLICATIONS // 10), _seconds(study, REPLICATIONS)
    name = f"ramp-up: 3 scenarios × {REPLICATIONS} replications × 2 years × 1,000 orders a year"
    return [
        Figure(SECTION, name, whole, "s", target=TARGET_SECONDS, at_most=True),
        Figure(SECTION, "ramp-up: the same per replication, over a tenth of them", whole / part / 10, "", target=1.5,
               at_most=True),
    ]  # fmt: skip


def two_years() -> Study:
    """What is simulated."""
    line = _line()
    return Study(line, WEEKS, some_costs(line), WARM_UP_WEEKS)


def _seconds(study: Study, replications: int) -> float:
    begun = time.perf_counter()
    for changes in SCENARIOS:
        assert len(study.figures(changes, range(replications), threads=THREADS)) == replications
    return time.perf_counter() - begun


def _line() -> SimulatedLine:
    stages = tuple(
        LineStage(
            code, code, kind, curve_of_plan(planned, worst), (after,) if after else (), pool, keeps,
            fails=0.05 if code == "expansion" else 0.0, planned=planned,
        )
        for code, kind, after, planned, worst, pool, keeps in STAGES
    )  # fmt: skip
    journey = LineJourney("product", "flow", "Product", stages, "infusion", "selection", PER_WEEK, 492.0)
    pools = tuple(SimulatedPool(code, code, ((0.0, places),)) for code, places in PLACES.items())
    return SimulatedLine("bench", "Bench", "2026-03-02T08:00:00+00:00", (journey,), pools, 1.4)
