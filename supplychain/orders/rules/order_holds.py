"""The hold of a whole order, event by event: once the dose was infused it is over, for nothing is left to be held."""

from supplychain.orders.rules.bookings import miss_booking
from supplychain.orders.rules.states import Fact, OrderState


def hold_order(state: OrderState, fact: Fact) -> None:
    """From the first word on; of an infused order it holds nothing."""
    if not state.infused_at:
        state.held_at = state.held_at or fact.occurred_at


def resume_order(state: OrderState, fact: Fact) -> None:
    """The hold is lifted: what was booked for its time must be booked anew."""
    for run in [state.run_of(code) for code in state.flow.stages] if state.held_at else ():
        if miss_booking(run, state.held_at, fact.occurred_at):
            state.touched.add((run.attempt, run.stage))
    state.held_at = None


def end_hold_with_dose(state: OrderState) -> None:
    """After a stage ended: the hold ends where that infused the dose."""
    if state.infused_at:
        state.held_at = None
