"""A pool of a line as a verdict sees it: the week's review and measures, and what more of the past says. Pure."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from batches.lines.rules.measures import PoolMeasures
from batches.lines.rules.pools import PoolReview


class LongView(NamedTuple):
    """What more of the past than the week says of a pool."""

    window_hours: float
    measures: PoolMeasures

    def numbers(self) -> dict[str, Any]:
        """The figures that decide, JSON-ready: hours, shares 0–1, services completed."""
        used = self.measures.usage.utilisation
        return {
            "window_hours": round(self.window_hours, 1),
            "waiting_hours": round(sum(self.measures.waited_hours), 3),
            "limiting_share": round(sum(self.measures.limiting_hours) / self.window_hours, 3),
            "utilisation": None if used is None else round(used, 3),
            "services": self.measures.services,
        }


@dataclass(frozen=True, slots=True)
class LinePool:
    """One pool of a line; `position` is that of the first stage that needs it. Without `measures` the queues alone
    decide, and nothing is said of how sure that is. `longer`: given where the week alone cannot choose. `needed`: by
    how many open orders still to come, counted of a pool without a place alone."""

    code: str
    name: str
    position: int
    review: PoolReview
    measures: PoolMeasures | None = None
    longer: LongView | None = None
    needed: int = 0

    @property
    def is_shut(self) -> bool:
        """Whether it lets nobody through who needs it, and no date is set for a place: no queue need show it."""
        return self.review.has_no_opening and bool(self.needed or self.review.queue)

    @property
    def window_hours(self) -> float:
        """The window that chooses between it and others."""
        return self.longer.window_hours if self.longer else self.review.window_hours

    @property
    def waited_hours(self) -> float:
        """Order-hours waited for it, in the window that chooses."""
        return sum(self.longer.measures.waited_hours) if self.longer else self.review.waiting_hours

    @property
    def limiting_share(self) -> float:
        """Share of that window (0–1) in which it was a bottleneck by its active periods, alone or not."""
        if self.longer:
            return sum(self.longer.measures.limiting_hours) / self.longer.window_hours
        return self.measures.limiting_share if self.measures else 0.0

    def numbers(self, now: datetime, named_share: float | None) -> dict[str, Any]:
        """Its figures, JSON-ready; `named_share`: of the resamples of the window's days that name it."""
        numbers = asdict(self.review) | {"pressed_share": self.review.stored_share}
        oldest = numbers.pop("oldest_ready_at")
        del numbers["next_at"]
        numbers["expected_wait_hours"] = None if self.review.has_no_opening else self.review.expected_wait_hours
        rounded = {name: round(value, 3) if isinstance(value, float) else value for name, value in numbers.items()}
        is_measured = self.measures is not None and named_share is not None
        measured = self.measures.numbers() | {"named_share": round(named_share, 3)} if is_measured else {}
        return {
            "pool": self.code,
            "name": self.name,
            "position": self.position,
            "oldest_wait_hours": round((now - oldest) / timedelta(hours=1), 1) if oldest else None,
            **rounded,
            "condition": self.review.condition.value,
            **measured,
            **({"longer": self.longer.numbers()} if self.longer else {}),
        }


def in_flow_order(pools: Iterable[LinePool]) -> list[LinePool]:
    """The pools as orders come to them."""
    return sorted(pools, key=lambda pool: (pool.position, pool.code))
