"""Work that the patient's cells have left: a later stage has them, and only the report of its end is missing. Pure.

By itself such work is neither late nor silent nor expected any more: what is asked for is its end, once.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from supplychain.flows.rules.plans import FlowPlan
from supplychain.flows.statuses import HOLDS_CELLS
from supplychain.orders.statuses import StageStatus


class CellRun(Protocol):
    """A stage's run that counts."""

    @property
    def status(self) -> str: ...

    @property
    def attempt(self) -> int: ...

    @property
    def started_at(self) -> datetime | None: ...

    @property
    def completed_at(self) -> datetime | None: ...


def overtaken(flow: FlowPlan, runs: Mapping[str, CellRun], now: datetime | None = None) -> frozenset[str]:
    """Codes of the stages under way that the cells have left: one behind them began or ended since, in no earlier
    attempt. `now`: what is reported for later has not begun by then; None: whatever was reported counts."""
    under_way = [code for code, run in runs.items() if run.status == StageStatus.RUNNING and _has_cells(flow, code)]
    return frozenset(
        code for code in under_way if any(_is_left(runs[code], one) for one in _later(flow, code, runs, now))
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
    return attempt >= run.attempt and run.started_at is not None and begun_at >= run.started_at
