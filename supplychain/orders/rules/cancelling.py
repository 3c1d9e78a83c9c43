"""Who decides what of a cancellation.

Until when a centre cancels an order by itself: until work has begun. After that it asks, and the plant decides.

The same for its coordinators, on our screens or over the interface, and for its own system.
"""

from supplychain.orders.rules.change_requests import ended_problem
from supplychain.orders.rules.duties import CANCELS_EARLY, PLANT_QUALITY, Roles, has_right, holder_words, holders_of
from supplychain.orders.rules.states import OrderState
from supplychain.orders.statuses import OrderEventKind


def has_begun(state: OrderState) -> bool:
    """Whether anything has begun or ended of what the order goes through."""
    return any(run.started_at or run.completed_at or run.failed_at for run in state.runs.values())


def too_late_for_coordinators(state: OrderState, kind: str, roles: Roles) -> str:
    """Why a person who cancels only for a centre may not any more; empty if they may."""
    if kind != OrderEventKind.CANCELLED or not has_begun(state):
        return ""
    holders = tuple(holder for holder in holders_of(None, kind) if holder[1] != CANCELS_EARLY)
    if has_right(holders, roles):
        return ""
    return (
        "Work has begun: ask the plant to cancel the order (“Ask the plant to hold, postpone or cancel”; over the "
        "interface kind change_asked)."
    )


def cells_are_for_quality(state: OrderState, kind: str, roles: Roles) -> str:
    """Why a person does not close a cancelled order: who does decides what becomes of its cells; empty if they may."""
    if kind != OrderEventKind.CLOSED or not state.cancelled_at or has_right(PLANT_QUALITY, roles):
        return ""
    return f"Only {holder_words(PLANT_QUALITY)} decides what becomes of the cells of a cancelled order, and closes it."


def too_late_for_hospitals(state: OrderState, kind: str) -> str:
    """Why a hospital's system may not cancel any more, and what it sends instead; empty if it may."""
    if kind != OrderEventKind.CANCELLED or not has_begun(state):
        return ""
    if ended := ended_problem(state):
        return ended
    return (
        "work has begun, so the plant decides: ask it with kind change_asked and payload wish “cancel” and a cause; "
        "it answers. If it cannot wait, call the plant."
    )
