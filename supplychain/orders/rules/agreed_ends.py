"""A stage at work that needs longer than planned: until when that was agreed, and how often its end was moved. Pure.

Whoever performs it says its new end. What then passes is judged by that moment; the plan stays beside it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, Self

from supplychain.sentences import moment_mark

# Among a run's details: the newest end that was agreed, and how often it was moved.
AGREED_END, AGREED_TIMES = "agreed_end_at", "agreed_times"
# … and since when nobody knows when a transport arrives; until a new arrival is said (delays.py).
UNKNOWN_SINCE = "arrival_unknown_since"
ENDS = ("planned_end_at", "planned_delivery_at")
STARTS = ("planned_start_at", "planned_pickup_at")
TIMES = {1: "once", 2: "twice"}


class AgreedEnd(NamedTuple):
    """The newest agreed end of a stage that takes longer than planned; `times`: how often it was moved."""

    until: datetime
    times: int

    @property
    def moved(self) -> str:
        """“moved once”, “moved twice”, “moved 3 times”."""
        return f"moved {TIMES.get(self.times, f'{self.times} times')}"

    @property
    def words(self) -> str:
        """“agreed until …, moved twice”, its moment as a mark."""
        return f"agreed until {moment_mark(self.until)}, {self.moved}"

    @classmethod
    def of(cls, until: str | None, times: Any) -> Self | None:
        """As it is kept: a moment in ISO 8601 and a number; None: nothing was agreed."""
        return cls(datetime.fromisoformat(until), int(times or 1)) if until else None


def is_new_end(said: Mapping[str, Any]) -> bool:
    """Whether a plan says an end and no start: of a stage at work, its new one."""
    return any(said.get(name) for name in ENDS) and not any(said.get(name) for name in STARTS)


def said_end(said: Mapping[str, Any]) -> str | None:
    """The end that a plan says, in ISO 8601."""
    return next((said[name] for name in ENDS if said.get(name)), None)
