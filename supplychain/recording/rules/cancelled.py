"""What happens next with the cells of an order that was cancelled. Pure."""

from dataclasses import replace
from datetime import datetime

from supplychain.flows.rules.plans import FlowPlan
from supplychain.flows.statuses import StagePlace
from supplychain.orders.rules.duties import holder_words, holders_of
from supplychain.orders.rules.holds import HoldLimit
from supplychain.orders.rules.overtaken import overtaken
from supplychain.orders.rules.states import OrderState
from supplychain.orders.rules.waits import PermittedWait, is_storage_end, limit_now
from supplychain.orders.rules.withdrawals import cancellation_doubt, is_cancellation_gone
from supplychain.orders.statuses import ACTIVE_STAGE_STATUSES, OrderStatus, StageEventKind
from supplychain.recording.rules.corrections import cells_of, cells_undecided
from supplychain.recording.rules.steps import QUALITY, NextStep

DECIDE = "Decide what becomes of the patient’s cells, tell whoever has them, and close the order with that"
KEEP = (
    "Keep the patient’s cells, and discard nothing: the cancellation is said to be wrong; a second person confirms or "
    "rejects that"
)

MAKE_SURE = "The cancellation was withdrawn: make sure first that the patient’s cells still exist."


def cells_left(plan: FlowPlan, state: OrderState, now: datetime) -> list[NextStep]:
    """The order was cancelled, and its cells are somewhere: whoever has them is told what to do with them. Closing it
    says that this is decided; while the cancellation is in doubt, nobody decides on them."""
    where = cells_undecided(state)
    if not where:
        return []
    cells = _cells_limit(plan, state, now)
    until = cells and cells.until
    why = f"The order is cancelled ({where}): nothing more is made or moved, and nothing is discarded undecided."
    said = ("", "", OrderStatus.CANCELLED.value, DECIDE, StagePlace.PLANT.value, f"{QUALITY} of the plant")
    limit = HoldLimit.CELLS.value if until else ""
    step = NextStep(*said, state.cancelled_at, until, is_storage_end(cells, now), limit, why)
    doubt = cancellation_doubt(state.surprises)
    if doubt is None:
        return [step]
    whose = holder_words(holders_of(None, StageEventKind.WITHDRAWN))
    return [replace(step, words=KEEP, whose=whose, since=datetime.fromisoformat(doubt["at"]))]


def looked_for_first(state: OrderState, steps: list[NextStep]) -> list[NextStep]:
    """The steps; where a cancellation was withdrawn and nothing was begun or ended since, they say that the cells may
    not exist any more."""
    gone_at = max((one["at"] for one in state.surprises if is_cancellation_gone(one)), default=None)
    if gone_at is None or not cells_of(state):
        return steps
    since = datetime.fromisoformat(gone_at)
    moments = [moment for run in state.runs.values() for moment in (run.started_at, run.completed_at) if moment]
    if any(moment > since for moment in moments):
        return steps
    return [replace(step, why=f"{MAKE_SURE} {step.why}".rstrip()) for step in steps]


def _cells_limit(plan: FlowPlan, state: OrderState, now: datetime) -> PermittedWait | None:
    """The limit of the cells that ends first; None: nothing says so."""
    runs = {code: state.run_of(code) for code in plan.stages}
    left = overtaken(plan, runs, now)
    active = [code for code, run in runs.items() if code not in left and run.status in ACTIVE_STAGE_STATUSES]
    limits = [limit_now(plan.stages[code], runs[code]) for code in active]
    return min((limit for limit in limits if limit), key=lambda one: one.until, default=None)
