"""Where a stage stands at a moment: one whose start was reported for later has not begun, whatever its status says."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from supplychain.flows.rules.plans import FlowPlan, StagePlan
from supplychain.flows.statuses import StageKind
from supplychain.orders.rules.states import RunState
from supplychain.orders.statuses import ACTIVE_STAGE_STATUSES, AT_WORK_STAGE_STATUSES, OrderStatus, StageStatus


def is_to_begin(status: str, started_at: datetime | None, now: datetime) -> bool:
    """Whether it was reported to start at a moment that is still to come."""
    return status in AT_WORK_STAGE_STATUSES and started_at is not None and started_at > now


def opens_later(status: str, ready_at: datetime | None, now: datetime) -> bool:
    """Whether it waits for an end that was reported for a moment still to come: until then it cannot start."""
    return status == StageStatus.READY and ready_at is not None and ready_at > now


def end_ahead_of(plan: StagePlan, runs: Mapping[str, RunState], now: datetime) -> RunState | None:
    """Of the stages that one waits for, the last whose end is reported for a moment still to come; None: no such."""
    ends = {run.completed_at: run for code in plan.after if (run := runs.get(code)) and run.completed_at}
    return ends[last] if ends and (last := max(ends)) > now else None


def release_ahead(
    flow: FlowPlan, code: str, ended_at: Mapping[str, datetime | None], now: datetime
) -> tuple[StagePlan, datetime] | None:
    """The release before this stage whose end is reported for a moment still to come, and that moment: until then no
    dose is released, whatever follows. None: there is no such. `ended_at`: by code of the stage."""
    releases = [one for one in flow.stages.values() if one.kind == StageKind.RELEASE]
    ahead = [
        (one, ends) for one in releases
        if code in flow.followers[one.code] and (ends := ended_at.get(one.code)) and ends > now
    ]  # fmt: skip
    return max(ahead, key=lambda one: one[1], default=None)


def booked_for(status: str, started_at: datetime | None, planned_at: datetime | None, now: datetime) -> datetime | None:
    """The moment still to come for which a stage that waits is booked, or reported to start; None: it could start now.

    What is booked waits for its day, not for anybody: it is not stuck, and nobody need do anything before.
    """
    if is_to_begin(status, started_at, now):
        return started_at
    return planned_at if status == StageStatus.READY and planned_at and planned_at > now else None


def missed_booking(status: str, planned_at: datetime | None, now: datetime) -> datetime | None:
    """The moment that has passed for which a stage that still waits was booked; None: it missed none."""
    return planned_at if status == StageStatus.READY and planned_at and planned_at < now else None


def is_at_work(status: str, started_at: datetime | None, now: datetime) -> bool:
    """Whether work on it has begun and has not ended; on hold, too."""
    return status in AT_WORK_STAGE_STATUSES and started_at is not None and started_at <= now


def standing_at(status: str, started_at: datetime | None, now: datetime) -> str:
    """Its status as it is at `now`: until the reported start has come it still waits."""
    is_early = status == StageStatus.RUNNING and is_to_begin(status, started_at, now)
    return StageStatus.READY.value if is_early else status


def counted_at(status: str, started_at: datetime | None, order_status: str, now: datetime) -> str:
    """As what it counts at `now`: what could start but for the hold of its whole order is on hold, not waiting."""
    standing = standing_at(status, started_at, now)
    is_held = standing == StageStatus.READY and order_status == OrderStatus.ON_HOLD
    return StageStatus.HELD.value if is_held else standing


def is_on_hold(order_status: str, stage_statuses: Iterable[str]) -> bool:
    """Whether nothing goes on as foreseen until somebody lifts a hold: of the whole order, or of a stage.

    `stage_statuses`: of the runs that count for the order's attempt, those of earlier attempts among them: a hold that
    nobody lifted stands, whichever attempt it was put on.
    """
    return order_status == OrderStatus.ON_HOLD or StageStatus.HELD in stage_statuses


def cancelled_words(status: str, started_at: datetime | None, now: datetime) -> str:
    """Where a run of an order that was cancelled stands: nothing of it waits or goes on any more; empty of one that
    ended before."""
    if status not in (StageStatus.PENDING, *ACTIVE_STAGE_STATUSES):
        return ""
    return "Broken off" if started_at and started_at <= now else "Not begun"
