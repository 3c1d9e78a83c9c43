"""What the page of learned durations says of a stage: figures in words, and its curve as a chart."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from batches.durations.rules.curves import Curve, curve_of_plan, quantile_of, share_below
from batches.durations.rules.drift import NEWEST, TELLING_SHIFT
from supplychain.pages.charts import Chart, ChartKind, Series, Tone

# The axis reaches to where one run in a hundred is still at work, in steps that people count in.
LAST_SHARE = 0.99
STEPS = 24
STEP_HOURS = (0.25, 0.5, 1, 2, 3, 4, 6, 8, 12, 24, 48, 72, 168)
PERCENT = 100


@dataclass(frozen=True, slots=True)
class StagePlanned:
    """A stage as the newest flow plans it; hours."""

    code: str
    name: str
    position: int
    planned_hours: float
    worst_hours: float


@dataclass(frozen=True, slots=True)
class LearnedRow:
    """What was learned of a stage (of all sites, of one, of one resource). Hours; shares and weight 0–1."""

    stage: str
    resource: str
    completed: int
    failed: int
    withdrawn: int
    censored: int
    own_weight: float
    median_hours: float
    p90_hours: float
    planned_hours: float
    failed_share: float
    failed_low: float
    failed_high: float
    withdrawn_share: float
    drift: Mapping[str, Any]
    is_drifting: bool
    curve: Curve = ()

    @property
    def leaning(self) -> float:
        """How much of the curve is not its own, in per cent."""
        return PERCENT * (1 - self.own_weight)

    @property
    def failed_percent(self) -> tuple[float, float, float]:
        """Share of failures with its interval, in per cent."""
        return (PERCENT * self.failed_share, PERCENT * self.failed_low, PERCENT * self.failed_high)

    @property
    def drift_numbers(self) -> str:
        """What the word rests on; empty with too few runs."""
        if not self.drift:
            return ""
        newer, older = self.drift["newer_median_hours"], self.drift["older_median_hours"]
        counts = f"n = {self.drift['newer']}, {self.drift['older']}; z {_signed(self.drift['z'], 1)}"
        return f"{_signed(PERCENT * self.drift['shift'], 0)} %: {newer:.1f} h, before {older:.1f} h ({counts})"

    @property
    def drift_word(self) -> str:
        """The drift in one word."""
        if not self.drift:
            return "Too few runs"
        if not self.is_drifting:
            return "Steady"
        return "Slower" if self.drift["shift"] > 0 else "Faster"


@dataclass(frozen=True, slots=True)
class StageShown:
    """A stage of the page: its plan, what was learned, each of its resources, and the chart."""

    plan: StagePlanned
    row: LearnedRow
    chart: Chart
    resources: list[LearnedRow] = field(default_factory=list)


def step_of(longest_hours: float) -> float:
    """Hours between two points of the chart: the least countable step that shows `longest_hours` within STEPS."""
    return next((step for step in STEP_HOURS if step * STEPS >= longest_hours), longest_hours / STEPS)


def survival_chart(plan: StagePlanned, curve: Curve) -> Chart:
    """The share of runs still at work after so many hours: as learned, and as planned."""
    planned = curve_of_plan(plan.planned_hours, plan.worst_hours)
    longest = max(quantile_of(curve, LAST_SHARE), quantile_of(planned, LAST_SHARE))
    step = step_of(longest)
    hours = [index * step for index in range(STEPS + 1)]
    while len(hours) > 2 and hours[-2] > longest:
        hours.pop()
    return Chart(
        key=f"curve-{plan.code}",
        title=f"{plan.name}: still at work",
        kind=ChartKind.LINES,
        labels=[f"{hour:g} h" for hour in hours],
        row_name="After",
        series=[
            Series("Learned", [_left(curve, hour) for hour in hours], Tone.FIRST),
            Series("Planned", [_left(planned, hour) for hour in hours], Tone.MUTED, dashed=True),
        ],
        unit="%",
    )


def _left(curve: Curve, hours: float) -> float:
    return round(PERCENT * (1 - share_below(curve, hours)), 1)


def _signed(number: float, digits: int) -> str:
    text = f"{abs(number):.{digits}f}"
    return text if not float(text) else f"{'+' if number > 0 else '−'}{text}"


# For the definitions on the page.
DEFINED = {"newest": NEWEST, "telling_shift": PERCENT * TELLING_SHIFT}
