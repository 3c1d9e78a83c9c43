"""Work that the patient's cells have left, or that they have passed: a later stage has them, and only the report of
its end is missing, or that of its start too. Pure.

By itself such work is neither late nor silent nor expected any more: what is asked for is the missing report, once.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from supplychain.flows.rules.plans import FlowPlan
from supplychain.flows.statuses import HOLDS_CELLS
from supplychain.orders.statuses import LEFT_STAGE_STATUSES, StageStatus


class CellRun(Protocol):
    """A stage's run that counts."""

    @property
    def status(self) -> str: ...

    @property
    def attempt(self) -> int: ...

    @property
    def ready_at(self) -> datetime | None: ...

    @property
    def started_at(self) -> datetime | None: ...

    @property
    def completed_at(self) -> datetime | None: ...


def overtaken(flow: FlowPlan, runs: Mapping[str, CellRun], now: datetime | None = None) -> frozenset[str]:
    """Codes of the stages under way, or that could start, that the cells have left behind. `now`: what is reported for
    later has not begun by then; None: whatever was reported counts."""
    return frozenset(code for code, moment in left_at(flow, runs).items() if now is None or moment <= now)


def left_at(flow: FlowPlan, runs: Mapping[str, CellRun]) -> dict[str, datetime]:
    """From when on the cells have left a stage under way, or that could start, by its code: one behind it began or
    ended since, in no earlier attempt. A hold stands until it is lifted."""
    found = {code: _begun_behind(flow, code, runs) for code in runs}
    return {code: min(moments) for code, moments in found.items() if moments}


def is_left(flow: FlowPlan, code: str, runs: Mapping[str, CellRun]) -> bool:
    """Whether the cells have left this stage, whenever that is reported for (overtaken, for one)."""
    return bool(_begun_behind(flow, code, runs))


def _has_cells(flow: FlowPlan, code: str) -> bool:
    return flow.stages[code].kind in HOLDS_CELLS


def _begun_behind(flow: FlowPlan, code: str, runs: Mapping[str, CellRun]) -> list[datetime]:
    """When the cells came on, since the stage (under way, or that could start) began and in no earlier attempt, to a
    stage behind it that has or had them in hand."""
    own = runs[code]
    since = own.started_at or own.ready_at
    if own.status not in LEFT_STAGE_STATUSES or not since or not _has_cells(flow, code):
        return []
    behind = [runs[one] for one in flow.followers[code] if one != code and one in runs and _has_cells(flow, one)]
    begun = [
        run.started_at or run.completed_at
        for run in behind
        if run.status != StageStatus.SKIPPED and run.attempt >= own.attempt
    ]
    return [at for at in begun if at and at >= since]
