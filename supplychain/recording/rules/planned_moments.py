"""What a person plans has to lie ahead of the planning, and to begin before it ends."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from supplychain.orders.rules.agreed_ends import is_new_end
from supplychain.orders.rules.bookings import turned_round
from supplychain.orders.rules.delays import EXPECTED_AT
from supplychain.recording.rules.fields import BEGIN, DELIVERY, END, PICKUP, PROMISE

ASKED = (BEGIN, END, PICKUP, DELIVERY)
LABELS = {asked.name: asked.label.lower() for asked in ASKED}
PLANNED = (
    "This had passed already when it was booked: give a time to come. If it has begun, report that it has; if it was "
    "booked earlier, say when that was."
)
END_PASSED = "This had passed already when it was said: give a time to come. If it has ended, report that it has."
TOO_LATE: dict[str, str] = {
    **{asked.name: PLANNED for asked in ASKED},
    EXPECTED_AT: END_PASSED,
    PROMISE.name: "This had passed already when it was promised: promise a date to come.",
}


def plan_problems(said: Mapping[str, Any], planned_at: datetime) -> dict[str, str]:
    """What a payload plans that cannot be, by field; empty if all can.

    `planned_at`: when it was planned or promised. Forms know minutes only.
    """
    moments = {name: datetime.fromisoformat(said[name]) for name in TOO_LATE if said.get(name)}
    first = planned_at.replace(second=0, microsecond=0)
    late = dict.fromkeys(TOO_LATE, END_PASSED) if is_new_end(said) else TOO_LATE
    problems = {name: late[name] for name, moment in moments.items() if moment < first}
    for begin, end in turned_round(said):
        problems[end] = f"The {LABELS[end]} is not after the {LABELS[begin]}: check both."
    return problems
