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
    """Codes of the stages under way, or that could start, that the cells have left behind: one after them began or
    ended since, in no earlier attempt. `now`: what is reported for later has not begun by then; None: whatever was
    reported counts. A hold stands until it is lifted."""
    awaited = [code for code, run in runs.items() if run.status in LEFT_STAGE_STATUSES and _has_cells(flow, code)]
    return frozenset(
        code for code in awaited if any(_is_left(runs[code], one) for one in _later(flow, code, runs, now))
    )


def _has_cells(flow: FlowPlan, code: str) -> bool:
    return flow.stages[code].kind in HOLDS_CELLS


def _later(flow: FlowPlan, code: str, runs: Mapping[str, CellRun], now: datetime | None) -> list[tuple[int, datetime]]:
    """Attempt and beginning of the work behind a stage that has the cells in hand, or had them."""
    later = (runs[one] for one in flow.followers[code] if one != code and one in runs and _has_cells(flow, one))
    begun = ((run.attempt, run.started_at or run.completed_at) for run in later if run.status != StageStatus.SKIPPED)
    return [(attempt, begun_at) for attempt, begun_at in begun if begun_at and (now is None or begun_at <= now)]


def _is_left(run: CellRun, later: tuple[int, datetime]) -> bool:
    attempt, begun_at = later
    since = run.started_at or run.ready_at
    return attempt >= run.attempt and since is not None and begun_at >= since
