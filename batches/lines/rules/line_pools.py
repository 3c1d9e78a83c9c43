"""A pool of a line as a verdict sees it: the week's review and measures, and what more of the past says. Pure."""

from dataclasses import dataclass
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
    decide, and nothing is said of how sure that is. `longer`: given where the week alone cannot choose."""

    code: str
    name: str
    position: int
    review: PoolReview
    measures: PoolMeasures | None = None
    longer: LongView | None = None

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
