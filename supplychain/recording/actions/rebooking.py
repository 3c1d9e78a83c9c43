"""New dates that are given as a hold is lifted: bookings of their own, recorded with it or not at all."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from supplychain.orders.actions.store import LockedOrder
from supplychain.orders.rules.agreed_ends import is_new_end
from supplychain.orders.statuses import ChangeOutcome, StageEventKind
from supplychain.recording.actions.refusals import ReportRefused
from supplychain.recording.rules.planned_moments import plan_problems
from supplychain.recording.rules.rebooking import field_of

NO_START = "An end alone is no appointment: give its start, too, or leave both for later."


def booked_again(
    order: LockedOrder, row: Mapping[str, Any], again: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The bookings of each stage (`again`) beside the report in `row`; none beside a request that is declined. Raises
    ReportRefused for one that cannot be."""
    if row["payload"].get("answer", ChangeOutcome.AGREED) != ChangeOutcome.AGREED:
        return []
    return [
        {**row, "source_event_id": f"{row['source_event_id']}-book{number}", "stage": stage,
         "kind": StageEventKind.SCHEDULED.value, **_said(order, row, stage, plan)}
        for number, (stage, plan) in enumerate(again.items())
    ]  # fmt: skip


def _said(order: LockedOrder, row: Mapping[str, Any], stage: str, plan: Mapping[str, Any]) -> dict[str, Any]:
    run, problems = order.state.run_of(stage), plan_problems(plan, datetime.fromisoformat(row["occurred_at"]))
    if run.started_at is None and is_new_end(plan):
        problems = dict.fromkeys(plan, NO_START) | problems
    for name, problem in problems.items():
        raise ReportRefused(problem, field=field_of(stage, name))
    reason = {"reason": row["payload"].get("reason", "")} if run.started_at else {}
    return {"attempt": run.attempt, "payload": {**plan, **reason}}
