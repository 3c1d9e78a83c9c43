"""Working through the replications of a scenario, some at a time: what a worker does between two looks at the clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, inf

from batches.ramp_ups.rules.changes import ChangeKind, ScenarioChange
from batches.ramp_ups.rules.lines import WEEK, SimulatedLine
from batches.ramp_ups.rules.loads import PoolLoad, loads_of, warm_up_hours
from batches.ramp_ups.rules.measures import MeasuredWindow, Measuring, ReplicationFigures
from batches.ramp_ups.rules.plans import BEFORE, plan_of
from batches.ramp_ups.rules.replications import replicate
from batches.ramp_ups.rules.steadiness import Steadiness, steadiness

# A line that starts empty is run at least this long before it is measured: more than twice the longest way through it.
WARM_UP_WEEKS = 16
# The nearer to full, the longer it takes to settle; past so many orders it is not waited for, and said.
MOST_WARM_UP_ORDERS = 8_000
FEWEST, MOST = 10, 400
FEWEST_WEEKS, MOST_WEEKS = 1, 260
Changes = Sequence[ScenarioChange]


@dataclass(frozen=True, slots=True)
class Study:
    """What is simulated: a line, for how long, at which unit costs. A line with open orders has no warm-up.

    `warm_up_weeks` None: so long as the line needs to run steadily.
    """

    line: SimulatedLine
    weeks: float
    costs: dict[str, float]
    warm_up_weeks: float | None = None

    def settles_after(self, changes: Changes) -> float:
        """Weeks after which the line with `changes` runs steadily, infinite: never."""
        return warm_up_hours(self._loads(changes, BEFORE)) / WEEK

    def warm_up(self, *sides: Changes) -> float:
        """Weeks that are run before the measured ones: the same for all `sides`, which share their patients."""
        if self.line.open_orders:
            return 0.0
        if self.warm_up_weeks is not None:
            return self.warm_up_weeks
        needed = [max(self.settles_after(changes), WARM_UP_WEEKS) for changes in sides]
        # Whole weeks, so that the measured time begins at the hour of the week that it is now.
        return ceil(max((weeks for weeks in needed if self._is_worth(weeks)), default=WARM_UP_WEEKS))

    def window(self, *sides: Changes) -> MeasuredWindow:
        """The measured time of plans that are compared."""
        opened = self.warm_up(*(sides or ((),))) * WEEK
        return MeasuredWindow(opened, opened + self.weeks * WEEK)

    def figures(
        self, changes: Changes, numbers: Sequence[int], *, beside: Sequence[Changes] = (), threads: int = 1
    ) -> list[ReplicationFigures]:
        """The figures of these replications of the line with `changes`, to be compared with those of `beside`."""
        window = self.window(changes, *beside)
        plan = plan_of(self.line, changes, opened=window.opened, horizon=window.closed)
        measure = Measuring(plan, window, self.costs)
        found = replicate(plan, numbers, opened=window.opened, horizon=window.closed, threads=threads)
        return [measure.figures(one) for one in found]

    def steadiness(
        self, changes: Changes, rows: Sequence[ReplicationFigures], *, beside: Sequence[Changes] = ()
    ) -> Steadiness:
        """What the figures `rows` of the line with `changes` are figures of."""
        needed, warm_up = self.settles_after(changes), self.warm_up(changes, *beside)
        moments = self._turns(changes)
        is_changing = bool(moments) or any(one.kind in (ChangeKind.MONTHS, ChangeKind.CLOSED) for one in changes)
        on_the_way = [load for moment in (0.0, *moments) for load in self._loads(changes, moment)]
        return steadiness(
            rows, self.loads(changes), self.weeks, warm_up=warm_up, needed=needed, is_live=bool(self.line.open_orders),
            is_changing=is_changing, peak=max(on_the_way, key=lambda one: one.load, default=None),
        )  # fmt: skip

    def loads(self, changes: Changes) -> tuple[PoolLoad, ...]:
        """The load of each pool with the places that there are at the end of the measured weeks."""
        return self._loads(changes, inf)

    def pool_names(self, changes: Changes) -> dict[str, str]:
        """Every pool of the line with `changes`: code → name."""
        return {pool.code: pool.name for pool in plan_of(self.line, changes, horizon=WEEK).pools}

    def _turns(self, changes: Changes) -> list[float]:
        """Hours of the measured time at which a pool, or another plant, gets other places than it had."""
        horizon = self.weeks * WEEK
        turns = set()
        for pool in plan_of(self.line, changes, horizon=horizon).pools:
            for (_, before), (moment, places) in pairwise(pool.nominal):
                if 0 < moment < horizon and places != before:
                    turns.add(moment)
        return sorted(turns)

    def _loads(self, changes: Changes, moment: float) -> tuple[PoolLoad, ...]:
        horizon = self.weeks * WEEK
        return loads_of(plan_of(self.line, changes, horizon=horizon), min(moment, horizon))

    def _is_worth(self, weeks: float) -> bool:
        per_week = sum(journey.per_week for journey in self.line.journeys)
        return weeks * per_week <= MOST_WARM_UP_ORDERS or weeks <= WARM_UP_WEEKS
