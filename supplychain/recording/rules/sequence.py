"""The permitted sequence of steps (21 CFR 11.10(f)): what may follow what, whoever says it."""

from collections.abc import Mapping

from supplychain.flows.rules.plans import StagePlan
from supplychain.flows.statuses import StageKind
from supplychain.orders.rules.cells_left import cells_were_in_hand
from supplychain.orders.rules.change_requests import ended_problem
from supplychain.orders.rules.durations import DONE_AT_ONCE
from supplychain.orders.rules.duties import NEW_ATTEMPT
from supplychain.orders.rules.packing import packing_of
from supplychain.orders.rules.states import OrderState, RunState
from supplychain.orders.rules.verbs import VERBS_OF_KIND
from supplychain.orders.rules.withdrawals import cancellation_doubt
from supplychain.orders.statuses import (
    DELAY_KINDS,
    PACKING_ENDS,
    TRANSPORT_KINDS,
    OrderEventKind,
    StageEventKind,
    StageStatus,
)
from supplychain.recording.rules.corrections import cells_undecided
from supplychain.words import listed_words, with_verb

PENDING, READY, RUNNING, HELD, COMPLETED, FAILED, SKIPPED = StageStatus
# What may be said of a stage in each status; a note always.
MAY_FOLLOW: Mapping[StageStatus, frozenset[StageEventKind]] = {
    PENDING: frozenset({StageEventKind.SCHEDULED, *DELAY_KINDS}),
    READY: frozenset(
        {
            StageEventKind.SHIPMENT_PACKED,
            StageEventKind.STARTED,
            StageEventKind.HELD,
            StageEventKind.SKIPPED,
            StageEventKind.SCHEDULED,
            *DELAY_KINDS,
        }
    ),
    RUNNING: frozenset(
        {
            StageEventKind.SHIPMENT_PACKED,
            StageEventKind.COMPLETED,
            StageEventKind.FAILED,
            StageEventKind.HELD,
            StageEventKind.SCHEDULED,
            *DELAY_KINDS,
        }
    ),
    HELD: frozenset({StageEventKind.SHIPMENT_PACKED, StageEventKind.RESUMED, StageEventKind.FAILED, *DELAY_KINDS}),
    COMPLETED: frozenset(PACKING_ENDS),
    FAILED: frozenset({StageEventKind.STARTED}),
    SKIPPED: frozenset(),
}
MAIN_KIND: Mapping[StageStatus, StageEventKind] = {
    READY: StageEventKind.STARTED,
    RUNNING: StageEventKind.COMPLETED,
    HELD: StageEventKind.RESUMED,
}
# What may still be said of a stage while the whole order is on hold: cells at work do not stop.
DESPITE_HOLD = frozenset(
    {
        StageEventKind.COMPLETED,
        StageEventKind.FAILED,
        StageEventKind.HELD,
        StageEventKind.SCHEDULED,
        *TRANSPORT_KINDS,
    }
)
CANCELLATION_DOUBTED = (
    "The cancellation is said to be wrong: first a second person confirms or rejects that; until then the cells are "
    "kept, and nothing is decided on them."
)
WITHDRAW_PACKING = (
    "if that report is wrong, withdraw it among the order’s events (where it puts the cells in doubt, with a second "
    "person), then report how it was packed."
)
STATUS_WORDS = {
    READY: "has not started yet",
    RUNNING: "is under way already",
    HELD: "is on hold: resume it first",
    COMPLETED: "is completed; write a correction if that is wrong",
    FAILED: "has failed",
    SKIPPED: "was skipped; write a correction if that is wrong",
}


def main_kind(plan: StagePlan, status: StageStatus) -> StageEventKind | None:
    """What most likely is said next of a stage in this status."""
    if status == READY and plan.kind in DONE_AT_ONCE:
        return StageEventKind.COMPLETED
    return MAIN_KIND.get(status)


def stage_problem_now(state: OrderState, plan: StagePlan, kind: str, run: RunState) -> str:
    """Why `kind` cannot be said of the stage now; empty if it can."""
    if kind == StageEventKind.NOTE:
        return with_verb(plan.name, "has not come up yet.") if run.status == PENDING else ""
    if state.cancelled_at or state.closed_at:
        return "The order has ended: only a note can be added."
    if state.held_at and not _goes_on_despite_hold(plan, kind, run):
        return "The whole order is on hold: resume it first."
    return (
        _status_problem(state, plan, kind, StageStatus(run.status))
        or _release_problem(state, plan, kind)
        or _skip_problem(state, plan, kind)
    )


def order_problem(state: OrderState, kind: str, *, are_cells_rejected: bool = False) -> str:
    """Why `kind` cannot be said of the whole order now; empty if it can. Cells that were rejected need no failure."""
    if kind == OrderEventKind.CHANGE_ASKED:
        return ended_problem(state)
    if kind == OrderEventKind.HANDED_OVER:
        return "" if cells_were_in_hand(state.flow, state.runs.values()) else "No cells have been collected yet."
    if kind == OrderEventKind.CLOSED and cells_undecided(state):
        return CANCELLATION_DOUBTED if cancellation_doubt(state.surprises) else ""
    if state.cancelled_at or state.closed_at:
        return "The order has ended."
    if kind == OrderEventKind.CLOSED:
        return (
            "" if state.infused_at else "An order is closed after the infusion; one that comes to nothing is cancelled."
        )
    if state.infused_at:
        return "The dose was infused."
    match kind:
        case OrderEventKind.CONFIRMED if state.confirmed_at:
            return "The order is confirmed already."
        case OrderEventKind.HELD if state.held_at:
            return "The order is on hold already."
        case OrderEventKind.RESUMED if not state.held_at:
            return "The order is not on hold."
        case OrderEventKind.ANSWERED | OrderEventKind.TAKEN_BACK if not (state.change and state.change.is_open):
            return "No request of the centre waits for an answer."
        case _ if kind == NEW_ATTEMPT:
            return _attempt_problem(state, are_cells_rejected=are_cells_rejected)
    return ""


def _goes_on_despite_hold(plan: StagePlan, kind: str, run: RunState) -> bool:
    is_release = plan.kind == StageKind.RELEASE and kind == StageEventKind.COMPLETED
    is_start = kind == StageEventKind.COMPLETED and run.status == READY
    return kind in DESPITE_HOLD and not is_release and not is_start


def _status_problem(state: OrderState, plan: StagePlan, kind: str, status: StageStatus) -> str:
    if kind in MAY_FOLLOW[status]:
        run = state.run_of(plan.code)
        if kind in DELAY_KINDS and run.started_at is None and run.expected_start is None:
            return with_verb(plan.name, "is not booked yet: book it for the time that is meant.")
        if kind == StageEventKind.SHIPMENT_PACKED and (run.started_at or run.is_done) and packing_of(run, kind):
            return with_verb(plan.name, f"was packed, and has left: {WITHDRAW_PACKING}")
        made = plan.code in state.flow.followers[state.flow.restart_stage]
        if status == FAILED and plan.kind == StageKind.MANUFACTURING and made:
            return f"{plan.name} failed: making begins again with a new attempt."
        return ""
    if status == READY and kind == StageEventKind.COMPLETED and plan.kind in DONE_AT_ONCE:
        return ""
    if kind == StageEventKind.RESUMED:
        return with_verb(plan.name, "is not on hold.")
    if status == PENDING:
        return with_verb(plan.name, f"waits for {_awaited(state, plan) or 'the stages before it'}.")
    if status == RUNNING and kind == StageEventKind.SHIPMENT_UNPACKED:
        return with_verb(plan.name, "has not been delivered yet: report its delivery first, then how it was unpacked.")
    if own := VERBS_OF_KIND.get((plan.kind, status)):
        return with_verb(plan.name, f"was {own}; write a correction if that is wrong.")
    return with_verb(plan.name, f"{STATUS_WORDS[status]}.")


def _awaited(state: OrderState, plan: StagePlan) -> str:
    awaited = [state.flow.stages[code].name for code in plan.after if not state.run_of(code).is_done]
    return listed_words(awaited)


def _release_problem(state: OrderState, plan: StagePlan, kind: str) -> str:
    """A release that was begun too early ends no sooner than the tests that it rests on."""
    awaited = _awaited(state, plan)
    if plan.kind != StageKind.RELEASE or kind != StageEventKind.COMPLETED or not awaited:
        return ""
    return f"No dose is released before {awaited} ended: report that first."


def _skip_problem(state: OrderState, plan: StagePlan, kind: str) -> str:
    if kind == StageEventKind.SKIPPED and (plan.code == state.flow.exit or plan.kind == StageKind.RELEASE):
        return f"No order goes on without {plan.name}."
    return ""


def _attempt_problem(state: OrderState, *, are_cells_rejected: bool) -> str:
    if state.held_at:
        return "The whole order is on hold: resume it first."
    if are_cells_rejected or any(run.failed_at for run in state.runs.values() if run.attempt == state.attempt):
        return ""
    return f"Nothing has failed in attempt {state.attempt}: report the failure first."
