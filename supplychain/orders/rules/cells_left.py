"""Where the cells of an order are that somebody has in hand, when it is to be cancelled or was."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from supplychain.flows.rules.plans import FlowPlan
from supplychain.flows.statuses import HOLDS_CELLS, StageKind
from supplychain.orders.statuses import AT_WORK_STAGE_STATUSES, StageStatus
from supplychain.words import listed_words


class RunOfCells(Protocol):
    """A stage's run, as far as it says where the cells are."""

    @property
    def status(self) -> str: ...

    @property
    def started_at(self) -> object: ...


class RunOfStage(RunOfCells, Protocol):
    """One that says of which stage it is, and when it ended."""

    @property
    def stage(self) -> str: ...

    @property
    def completed_at(self) -> object: ...


def cells_in_hand(flow: FlowPlan, runs: Mapping[str, RunOfCells]) -> str:
    """Where the cells are: “Transport to the plant under way”, “a released dose”; empty where none were taken, or they
    were given. `runs`: the one that counts, by stage."""
    if runs[flow.exit].status == StageStatus.COMPLETED:
        return ""
    ended = {plan.kind for code, plan in flow.stages.items() if runs[code].status == StageStatus.COMPLETED}
    of_cells = [(plan, runs[code]) for code, plan in flow.stages.items() if plan.kind in HOLDS_CELLS]
    at_work = [plan.name for plan, run in of_cells if run.status in AT_WORK_STAGE_STATUSES and run.started_at]
    found = ["a released dose"] if StageKind.RELEASE in ended else []
    found += [f"{listed_words(at_work)} under way"] if at_work else []
    if found:
        return ", ".join(found)
    return "cells were collected" if StageKind.COLLECTION in ended else ""


def cells_were_in_hand(flow: FlowPlan, runs: Iterable[RunOfStage]) -> bool:
    """Whether cells were ever in hand, in any attempt: what becomes of them is said to the end."""
    of_cells = {code for code, plan in flow.stages.items() if plan.kind in HOLDS_CELLS}
    return any(run.stage in of_cells and (run.started_at or run.completed_at) for run in runs)
