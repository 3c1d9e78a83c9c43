"""Work that goes on during a hold of the whole order, and behind which the cells may hardly wait. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from supplychain.flows.rules.plans import FlowPlan, StagePlan
from supplychain.flows.statuses import HOLDS_CELLS
from supplychain.orders.rules.bookings import WorkingRun, booked_end
from supplychain.orders.rules.holds import LONGEST_HOLD
from supplychain.orders.rules.standing import is_at_work
from supplychain.orders.statuses import StageStatus
from supplychain.sentences import moment_mark
from supplychain.words import hours_words


class Followed(NamedTuple):
    """Work with cells in it that is to end at `ends_at` (booked, agreed or by plan), and `after` it what has to begin
    by `until`."""

    stage: StagePlan
    after: StagePlan
    ends_at: datetime
    until: datetime

    @property
    def must_follow(self) -> str:
        """“Harvest must follow at once”."""
        hours = self.after.longest_wait_hours or 0
        return f"{self.after.name} must follow {f'within {hours_words(hours)}' if hours else 'at once'}"

    @property
    def words(self) -> str:
        """What a hold of the whole order puts at stake."""
        ends = f"{self.stage.name} is to end {moment_mark(self.ends_at)}, and may end sooner"
        return f"{ends}; {self.must_follow}, and does not begin while the order is on hold."


def followed_first(flow: FlowPlan, runs: Mapping[str, WorkingRun], now: datetime) -> Followed | None:
    """Of the work under way the one whose next stage must begin first, sooner than a hold may stand; None: no such."""
    return min(_followed(flow, runs, now), key=lambda one: one.until, default=None)


def _followed(flow: FlowPlan, runs: Mapping[str, WorkingRun], now: datetime) -> Iterator[Followed]:
    for code, run in runs.items():
        plan = flow.stages[code]
        if run.status != StageStatus.RUNNING or plan.kind not in HOLDS_CELLS or run.started_at is None:
            continue
        if not is_at_work(run.status, run.started_at, now):
            continue
        ends_at = booked_end(plan, run) or run.started_at + timedelta(hours=plan.planned_hours)
        for after in flow.stages.values():
            wait = after.longest_wait_hours
            if code in after.after and wait is not None and timedelta(hours=wait) < LONGEST_HOLD:
                yield Followed(plan, after, ends_at, ends_at + timedelta(hours=wait))
