"""Working through the replications of a scenario, some at a time: what a worker does between two looks at the clock."""

from collections.abc import Sequence
from dataclasses import dataclass

from batches.ramp_ups.rules.changes import ScenarioChange
from batches.ramp_ups.rules.lines import WEEK, SimulatedLine
from batches.ramp_ups.rules.measures import MeasuredWindow, Measuring, ReplicationFigures
from batches.ramp_ups.rules.plans import plan_of
from batches.ramp_ups.rules.replications import replicate

# A line that starts empty is run this long before it is measured: more than twice the longest way through it.
WARM_UP_WEEKS = 16
FEWEST, MOST = 10, 400
FEWEST_WEEKS, MOST_WEEKS = 1, 260


@dataclass(frozen=True, slots=True)
class Study:
    """What is simulated: a line, for how long, at which unit costs. A line with open orders has no warm-up."""

    line: SimulatedLine
    weeks: float
    costs: dict[str, float]
    warm_up_weeks: float = WARM_UP_WEEKS

    @property
    def window(self) -> MeasuredWindow:
        """The measured time."""
        opened = 0.0 if self.line.open_orders else self.warm_up_weeks * WEEK
        return MeasuredWindow(opened, opened + self.weeks * WEEK)

    def figures(
        self, changes: Sequence[ScenarioChange], numbers: Sequence[int], *, threads: int = 1
    ) -> list[ReplicationFigures]:
        """The figures of these replications of the line with `changes`."""
        window = self.window
        plan = plan_of(self.line, changes, opened=window.opened, horizon=window.closed)
        measure = Measuring(plan, window, self.costs)
        found = replicate(plan, numbers, opened=window.opened, horizon=window.closed, threads=threads)
        return [measure.figures(one) for one in found]

    def pool_names(self, changes: Sequence[ScenarioChange]) -> dict[str, str]:
        """Every pool of the line with `changes`: code → name."""
        return {pool.code: pool.name for pool in plan_of(self.line, changes, horizon=WEEK).pools}
