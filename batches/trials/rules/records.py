"""What is on record of a simulated line, as a review of its pools reads it. Pure; moments are hours from its begin."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np

from batches.lines.rules.line_pools import LinePool
from batches.lines.rules.long_views import LONGEST_WINDOW_HOURS, needs_longer_view, with_longer_view
from batches.lines.rules.measures import measure_line
from batches.lines.rules.places import Occupancy, Wait
from batches.lines.rules.pools import PoolFacts, review_pool

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


class PoolRecord(NamedTuple):
    """One pool, in flow order: its places, hours that an order usually holds one, and when each order could have had a
    place, took it and gave it back (arrays; NaN or later than what was simulated: that did not come)."""

    code: str
    places: int
    service_hours: float
    ready: Any
    start: Any
    end: Any

    def facts(self, now: float, hours: float = LONGEST_WINDOW_HOURS) -> PoolFacts:
        """What is known at a moment of the last hours."""
        opened = now - hours
        held = np.flatnonzero((self.start <= now) & ~(self.end <= opened))
        waits = np.flatnonzero((self.ready <= now) & ~(self.start <= opened))
        return PoolFacts(
            [(BEGIN - timedelta(days=999), self.places)],
            [
                Occupancy(
                    moment(self.start[n]), moment(self.end[n]) if self.end[n] <= now else None, self.end[n] <= now
                )
                for n in held
            ],
            [
                Wait(
                    moment(self.ready[n]), moment(self.start[n]) if self.start[n] <= now else None, self.start[n] <= now
                )
                for n in waits
            ],
            self.service_hours,
        )


def moment(hours: float) -> datetime:
    """To whole seconds, as reports are."""
    return BEGIN + timedelta(seconds=round(float(hours) * 3600))


def line_pools(records: Sequence[PoolRecord], now: float) -> list[LinePool]:
    """The pools of the line as a review at that moment sees them."""
    at, facts = moment(now), {record.code: record.facts(now) for record in records}
    measures = measure_line(facts, at)
    pools = [
        LinePool(code, code, position, review_pool(of, at), measures[code])
        for position, (code, of) in enumerate(facts.items())
    ]
    return with_longer_view(pools, facts, at) if needs_longer_view(pools) else pools
