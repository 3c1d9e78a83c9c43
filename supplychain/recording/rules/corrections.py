"""What somebody can do about a report that is wrong, and what a cancellation ends."""

from supplychain.flows.rules.plans import FlowPlan, StagePlan
from supplychain.orders.rules.cells_left import cells_in_hand
from supplychain.orders.rules.duties import Roles, holder_words, holders_of, withdrawal_right_problem
from supplychain.orders.rules.states import OrderState
from supplychain.orders.rules.withdrawals import is_grave, is_taken, needs_quality
from supplychain.orders.statuses import OrderEventKind, StageEventKind

OWN = "A wrong report is withdrawn on the order’s page, under “Events”: it stays, struck through."
# What can rest on an earlier report: that work began or ended.
ENDS = frozenset({StageEventKind.COMPLETED, StageEventKind.SKIPPED, StageEventKind.FAILED})
RESTING = ENDS | {StageEventKind.STARTED}
CANCEL_ENDS = "This ends the order for good: nothing more is made, moved or given. A dose after all needs a new order."


def correction_words(plan: StagePlan | None, kind: str, roles: Roles) -> str:
    """What a person with these roles can do about their report of the stage (None: of the whole order) if it is wrong:
    withdraw it, or have others do it."""
    holders = holders_of(plan, StageEventKind.WITHDRAWN)
    is_of_two = is_grave(plan, kind)
    two = "two of them, one of quality assurance," if needs_quality(plan, kind) else "two of them"
    if withdrawal_right_problem(plan, kind, roles, is_own=True):
        who = f"{holder_words(holders)} withdraw it" + (f" ({two.rstrip(',')})" if is_of_two else "")
        return f"If it is wrong, call at once: you cannot take it back yourself. {who[:1].upper()}{who[1:]}."
    return f"{OWN} It counts until a second person has confirmed that." if is_of_two else OWN


def until_second(plan: StagePlan | None, kind: str) -> str:
    """What holds after one person said that a report is wrong, until a second one has confirmed it."""
    if kind == OrderEventKind.SETTLED:
        return "From the first word on the flag stands again, undecided: who finds it right settles it anew."
    if needs_quality(plan, kind):
        return "Until somebody has, the report stands in doubt: nothing that hangs on it is begun, or discarded."
    if is_taken(plan, kind):
        return "Until somebody has, it counts, but nothing that follows is begun: whose these cells are is not sure."
    return "Until somebody has, the report counts."


def cells_of(state: OrderState) -> str:
    """Where the cells of the order are that somebody has in hand; empty where there are none."""
    return cells_in_hand(state.flow, {code: state.run_of(code) for code in state.flow.stages})


def cells_undecided(state: OrderState) -> str:
    """Where the cells of a cancelled order are of which nobody has said what becomes of them: closing it says so."""
    return cells_of(state) if state.cancelled_at and not state.closed_at else ""


def resting_kinds(kind: str) -> frozenset[str]:
    """Kinds of the reports that can rest on one of this kind."""
    return frozenset({OrderEventKind.CLOSED}) if kind == OrderEventKind.CANCELLED else RESTING


def rest_on(flow: FlowPlan, stage: str, kind: str) -> frozenset[str]:
    """Codes of the stages whose later reports make little sense without this one: those behind it, and after a start
    its own end. Behind a cancellation the closing of the order."""
    if kind == OrderEventKind.CANCELLED:
        return frozenset({stage})
    if not stage or kind not in RESTING - {StageEventKind.FAILED}:
        return frozenset()
    behind = frozenset(flow.followers[stage])
    return behind | {stage} if kind == StageEventKind.STARTED else behind - {stage}
