"""What the plant must know before it answers a request of the centre, and what both read once one is sent. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from supplychain.orders.rules.cells_clock import cells_clocks
from supplychain.orders.rules.change_requests import cause_words, wish_words
from supplychain.orders.rules.interlocks import Stop
from supplychain.orders.rules.outcomes import outcome_words
from supplychain.orders.rules.states import ChangeRequest, OrderState
from supplychain.orders.statuses import ChangeCause, ChangeOutcome, ChangeWish, OrderEventKind
from supplychain.recording.rules.corrections import CANCEL_ENDS, cells_of
from supplychain.recording.rules.hold_notes import lifted_by, must_follow, order_stops
from supplychain.sites.rules import call_words

# Of a hold that is agreed: the answer stops nothing of it either.
RUNS_ON = " It runs on until you answer, and during a hold, too."
CELLS_AFTER = (
    "quality assurance of the plant decides what becomes of them, and operations tell whoever has them; the order’s "
    "page asks for that."
)


def answer_notes(state: OrderState, now: datetime, stops: Sequence[Stop] = ()) -> list[str]:
    """What whoever answers must know: the clocks of the cells, and what cannot be undone. `stops`: the order's critical
    flags."""
    if state.change is None or not state.change.is_open:
        return []
    runs = {code: state.run_of(code) for code in state.flow.stages}
    is_to_hold = state.change.wish == ChangeWish.HOLD
    clocks = cells_clocks(state.flow, runs, now, rest=RUNS_ON if is_to_hold else " It runs on until you answer.")
    match state.change.wish:
        case ChangeWish.CANCEL:
            return [*clocks, *_cancelled_notes(state)]
        case ChangeWish.HOLD if not state.held_at:
            said = (order_stops(state, now, stops), *must_follow(state, now), lifted_by(None))
            return [*clocks, f"If you agree, the order is on hold. {' '.join(said)}"]
    return clocks


def _cancelled_notes(state: OrderState) -> list[str]:
    notes = [f"If you agree, it cannot be undone. {CANCEL_ENDS}"]
    where = cells_of(state)
    return [*notes, f"The patient’s cells: {where}. After a cancellation {CELLS_AFTER}"] if where else notes


def sent_words(
    kind: str, change: ChangeRequest | None, plant: str, telephone: str, promised_at: datetime | None = None
) -> str:
    """What was sent, who is told, and whom to call; empty of a report that asks and answers nothing."""
    if change is None:
        return ""
    call = f"If it cannot wait, call operations of {plant}{call_words(telephone)}."
    match kind:
        case OrderEventKind.CHANGE_ASKED:
            asked = f"You asked {wish_words(change)}. {cause_words(change)}."
            return f"{asked} {plant} is told, and must answer; until then nothing is changed. {call}"
        case OrderEventKind.TAKEN_BACK:
            return f"You took back your request {wish_words(change)}. {plant} is told. {call}"
        case OrderEventKind.ANSWERED:
            did = "agreed" if change.outcome == ChangeOutcome.AGREED else "declined"
            date = outcome_words(change, promised_at).partition("; ")[2]
            return f"You {did} {wish_words(change)}{f'; {date}' if date else ''}; the treatment centre is told."
    return ""


def offers_cancellation(kind: str, said: Mapping[str, Any]) -> bool:
    """Whether a request because the patient has died asked for something else than to cancel."""
    is_asked = kind == OrderEventKind.CHANGE_ASKED and said.get("cause") == ChangeCause.DIED
    return is_asked and said.get("wish") != ChangeWish.CANCEL
