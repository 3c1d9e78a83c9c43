"""Results that the flow lets come after the dose was given, such as of a final sterility test. Pure.

A dose is “ready” before them; whoever reads that must be told what is still to come.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from supplychain.flows.rules.plans import StagePlan
from supplychain.orders.rules.bookings import booked_end
from supplychain.orders.rules.states import RunState
from supplychain.orders.statuses import ACTIVE_STAGE_STATUSES, StageStatus

MAY_GO, WENT = "the flow lets the dose be given before it", "the dose was given before it"
AWAITED = (StageStatus.PENDING, *ACTIVE_STAGE_STATUSES)


class LateResult(NamedTuple):
    """The name of a test and when its result is due: as agreed or booked, else by its plan; None: not known (it has not
    begun, or is on hold). `is_begun`: whether somebody reported that it has."""

    name: str
    due_at: datetime | None
    is_begun: bool = True

    def words(self, now: datetime, say: Callable[[datetime], str], before: str) -> str:
        """“Final sterility test: result due about 3 Dec; the flow lets the dose be given before it”, its date as `say`
        writes it; `before`: MAY_GO, WENT, or empty where something else puts the dose in doubt."""
        when = "result not yet in" if self.is_begun else "not reported begun"
        if self.due_at:
            said = f"was due {say(self.due_at)}, not yet in"
            when = f"result {said if self.due_at <= now else f'due about {say(self.due_at)}'}"
        return "; ".join(filter(None, (f"{self.name}: {when}", before)))


def late_results(plans: Iterable[StagePlan], runs: Mapping[str, RunState]) -> tuple[LateResult, ...]:
    """Of the stages of a flow that may end after the release, those that have not ended; `runs`: those that count, by
    code."""
    return tuple(
        LateResult(plan.name, _due(plan, run), run.started_at is not None)
        for plan in plans
        if plan.may_end_after_release and (run := runs.get(plan.code)) and run.status in AWAITED
    )


def _due(plan: StagePlan, run: RunState) -> datetime | None:
    if run.status != StageStatus.RUNNING or run.started_at is None:
        return None
    return booked_end(plan, run) or run.started_at + timedelta(hours=plan.planned_hours)
