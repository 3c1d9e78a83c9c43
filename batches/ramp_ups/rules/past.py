"""Orders as they stood at a past moment, rebuilt from what was recorded of them since. Pure.

What had not happened by then is taken away: starts, ends and failures, and the attempts that began later. Of a stage
that was skipped no moment is kept: it counts as skipped all along. When an appointment was made is not kept either, so
none was known; nor are holds that have ended.
"""

from collections.abc import Sequence
from datetime import datetime

from batches.judgement.rules.facts import OrderFacts, OrderRow, RunFacts, Surroundings, order_facts
from supplychain.flows.rules.plans import FlowPlan
from supplychain.orders.statuses import OrderStatus, StageStatus
from supplychain.transport.rules.lanes import Lanes


def order_as_of(
    row: OrderRow, flow: FlowPlan, runs: Sequence[RunFacts], moment: datetime, lanes: Lanes
) -> OrderFacts:  # fmt: skip
    """An open order as it stood at the moment, on the lanes of now; one that was placed later has not begun."""
    past = [run_as_of(run, moment) for run in runs]
    begun = [run.attempt for run in past if run.ready_at or run.started_at or run.completed_at or run.failed_at]
    then = row._replace(
        status=OrderStatus.IN_PROGRESS, attempt=max(begun, default=1), held_at=None, ended_at=None, ended_heard_at=None
    )
    return order_facts(then, flow, past, Surroundings({}, {}, lanes), [])


def run_as_of(run: RunFacts, moment: datetime) -> RunFacts:
    """A stage run without what came after the moment."""
    ready, started, completed, failed = (
        at if at is not None and at <= moment else None
        for at in (run.ready_at, run.started_at, run.completed_at, run.failed_at)
    )
    return run._replace(
        status=_status(run, ready, started, completed, failed), ready_at=ready, started_at=started,
        completed_at=completed, failed_at=failed, held_at=None, planned_start_at=None, planned_end_at=None,
        planned_pickup_at=None, planned_delivery_at=None, agreed_end_at=None, agreed_times=None, unknown_since=None,
    )  # fmt: skip


def _status(
    run: RunFacts, ready: datetime | None, started: datetime | None, completed: datetime | None, failed: datetime | None
) -> StageStatus:
    if run.status == StageStatus.SKIPPED:
        return StageStatus.SKIPPED
    if completed:
        return StageStatus.COMPLETED
    if failed:
        return StageStatus.FAILED
    return StageStatus.RUNNING if started else StageStatus.READY if ready else StageStatus.PENDING
