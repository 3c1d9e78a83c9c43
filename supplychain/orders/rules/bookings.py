"""A booking that passed while its order or stage was on hold is none any more: nobody could begin. Pure."""

from datetime import datetime

from supplychain.moments import written
from supplychain.orders.rules.states import RunState
from supplychain.orders.statuses import StageStatus

# Among a run's details: for when it was booked, where that passed during a hold; until a new date is said.
MISSED_START = "missed_start_at"
BOOKS_START = frozenset({"planned_start_at", "planned_pickup_at"})
BOOKED = (*BOOKS_START, "planned_end_at", "planned_delivery_at")


def miss_booking(run: RunState, held_at: datetime | None, resumed_at: datetime) -> bool:
    """Take away a booked start that passed between hold and resumption, and keep for when it was; whether there was
    one."""
    booked = run.expected_start
    is_to_begin = run.started_at is None and run.status in (StageStatus.PENDING, StageStatus.READY, StageStatus.HELD)
    if not is_to_begin or booked is None or held_at is None or not held_at <= booked < resumed_at:
        return False
    kept = {name: value for name, value in run.details.items() if name not in BOOKED}
    run.details = kept | {MISSED_START: written(booked)}
    run.planned_start_at = run.planned_end_at = None
    return True
