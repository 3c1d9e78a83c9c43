"""Between which waits of pools a judgement stands, as `next_at` says until which moment it does. Pure.

A longer wait of any pool can only put the forecast off, and the way ahead grows by no more than the waits on it do. So
while the forecast stays before the moment from which on a rule says something else, even if every pool on the longest
way waits as long as its limit, and time has gone on until the order is judged again, no wait within the limits changes
the answer (docs/adr/0017).
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from batches.forecasts.rules.forecasts import ForecastFinding, Leg
from batches.judgement.rules.findings import hours_between
from batches.lines.rules.pools import wait_step

# (site as text, pool code).
Place = tuple[str, str]
# What a rule says holds before this moment: whatever a pool's other wait makes of the forecast, it may change.
ANY_WAIT = datetime.min.replace(tzinfo=UTC)
# Limits leave this to spare (hours), for at the very moment another answer holds.
TO_SPARE = 1 / 60


class WaitLimits(NamedTuple):
    """A judgement stands while the pool's wait (hours) is within these, both included."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class WaitReach:
    """How far pools' waits may move before the answer can change.

    `waits`: those that were read (hours); `room`: by how many hours the way ahead may grow; None: any other wait of one
    of these pools changes the answer.
    """

    waits: Mapping[Place, float] = field(default_factory=dict)
    room: float | None = None
    made: ForecastFinding | None = None

    def limits(self, standing: Mapping[Place, WaitLimits]) -> Mapping[Place, WaitLimits]:
        """The limits; those that stand while they are right, so that a judgement seldom writes any."""
        return standing if self._holds(standing) else self._anew()

    def _holds(self, standing: Mapping[Place, WaitLimits]) -> bool:
        if standing.keys() != self.waits.keys():
            return False
        if self.room is None:
            return all(limits == (self.waits[place], self.waits[place]) for place, limits in standing.items())
        more = {place: limits.high - self.waits[place] for place, limits in standing.items()}
        is_within = all(limits.low == 0 and more[place] >= 0 for place, limits in standing.items())
        return is_within and (not any(more.values()) or self._longest(more) <= self.room)

    def _anew(self) -> dict[Place, WaitLimits]:
        """Every pool on the way may wait so many of its own steps longer: a power of two, so that the limits still hold
        when the room has become somewhat less. A shorter wait puts nothing at risk."""
        if self.room is None:
            return {place: WaitLimits(wait, wait) for place, wait in self.waits.items()}
        steps = {place: wait_step(wait) for place, wait in self.waits.items()}
        longest = self._longest(steps)
        number = 2 ** math.floor(math.log2(self.room / longest)) if longest and self.room >= longest else 0
        return {place: WaitLimits(0, wait + number * steps[place]) for place, wait in self.waits.items()}

    def _longest(self, more: Mapping[Place, float]) -> float:
        """By how much the way to the exit grows at most, if each wait grows by so much."""
        if self.made is None:
            return 0
        legs, exit_code, grown = self.made.legs, self.made.exit, dict[str, float]()
        for code, leg in legs.items():
            before = (grown.get(one, 0) for one in leg.stage.plan.after) if leg.follows else ()
            own = more.get(place_of(leg), 0) if takes_place(leg) and code != exit_code else 0
            grown[code] = max(before, default=0) + own
        return grown[exit_code]


# No pool's wait is in the answer.
NO_WAIT = WaitReach()


def reach_of(made: ForecastFinding | None, moments: Iterable[datetime | None], until: datetime) -> WaitReach:
    """How far waits may move until the order is judged again at `until`. `moments`: before which the forecast must stay
    for each rule to say the same (None: whatever the forecast; ANY_WAIT)."""
    earliest = min((moment for moment in moments if moment is not None), default=None)
    if made is None or made.is_reached or earliest is None:
        return NO_WAIT
    if earliest == ANY_WAIT:
        return WaitReach(waits_read(made.legs.values()))
    waits = waits_read(_on_the_way(made))
    return WaitReach(waits, _room(made, earliest, until) - TO_SPARE, made)


def waits_read(legs: Iterable[Leg]) -> dict[Place, float]:
    """The waits (hours) that are read at these stages."""
    return {place_of(leg): leg.stage.queue_hours for leg in legs if takes_place(leg)}


def place_of(leg: Leg) -> Place:
    """Where a place is waited for."""
    return leg.stage.run.site, leg.stage.plan.pool


def takes_place(leg: Leg) -> bool:
    """Whether the stage has still to take a place of its own; one that has started has it."""
    plan, run = leg.stage.plan, leg.stage.run
    return bool(plan.pool and run.site) and not plan.keeps_pool and (leg.follows or run.started_at is None)


def _on_the_way(made: ForecastFinding) -> list[Leg]:
    """The stages on which it hangs when the exit stage is arrived at."""
    wanted, found = set(made.legs[made.exit].stage.plan.after), []
    for code, leg in reversed(made.legs.items()):
        if code in wanted:
            found.append(leg)
            wanted.update(leg.stage.plan.after if leg.follows else ())
    return found


def _room(made: ForecastFinding, earliest: datetime, until: datetime) -> float:
    """Hours from the forecast as it will be at `until` to the moment before which it must stay.

    A booked place whose stage is not arrived at in time is lost, and its queue comes on top: either all waits together
    stay below what is left until then, or the queue is taken to come.
    """
    room = hours_between(made.course.at(until), earliest)
    booked = [
        (hours_between(leg.arrives.at(until), start), leg.stage.queue_hours)
        for leg in made.legs.values()
        if leg.follows and takes_place(leg) and leg.stage.queue_hours and (start := leg.stage.run.expected_start)
    ]
    in_time = [(left, queue) for left, queue in booked if 0 <= left < room]
    if not in_time:
        return room
    return max(min(left for left, _ in in_time) - TO_SPARE, room - sum(queue for _, queue in in_time))
