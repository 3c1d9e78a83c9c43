"""Between which waits of pools a judgement stands, as `next_at` says until which moment it does. Pure.

A longer wait of any pool can only put the forecast off, and the way ahead grows by no more than the waits on it do. So
while the forecast stays before the moment from which on a rule says something else, even if every pool on the longest
way waits as long as its limit, and time has gone on until the order is judged again, no wait within the limits changes
the answer (docs/adr/0017).
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from batches.forecasts.rules.forecasts import ForecastFinding, Leg
from batches.judgement.rules.findings import Hanging, Place, hours_between
from batches.lines.rules.pools import wait_step
from supplychain.orders.statuses import DONE_STAGE_STATUSES

# Limits leave this to spare (hours), for at the very moment another answer holds.
TO_SPARE = 1 / 60


class WaitLimits(NamedTuple):
    """A judgement stands while the pool's wait (hours) is within these, both included."""

    low: float
    high: float


class WayStep(NamedTuple):
    """A stage on a way ahead: the place for which it waits (None: for none), and the stages after which it comes."""

    leg: Leg
    place: Place | None
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WaitReach:
    """How far pools' waits may move before the answer can change.

    `waits`: those that were read (hours); `fixed`: of which any other wait changes the answer; `room`: by how many
    hours the way ahead, these `steps`, may grow by the others.
    """

    waits: Mapping[Place, float] = field(default_factory=dict)
    fixed: frozenset[Place] = frozenset()
    room: float = 0
    steps: Mapping[str, WayStep] = field(default_factory=dict)

    def limits(self, standing: Mapping[Place, WaitLimits]) -> Mapping[Place, WaitLimits]:
        """The limits; those that stand while they are right, so that a judgement seldom writes any."""
        return standing if self._holds(standing) else self._anew()

    def _holds(self, standing: Mapping[Place, WaitLimits]) -> bool:
        if standing.keys() != self.waits.keys():
            return False
        if any(standing[place] != (self.waits[place], self.waits[place]) for place in self.fixed):
            return False
        others = {place: limits for place, limits in standing.items() if place not in self.fixed}
        more = {place: limits.high - self.waits[place] for place, limits in others.items()}
        if any(limits.low != 0 or more[place] < 0 for place, limits in others.items()):
            return False
        return not any(more.values()) or self._longest(more) <= self.room

    def _anew(self) -> dict[Place, WaitLimits]:
        """Every pool on the way may wait so many of its own steps longer: a power of two, so that the limits still hold
        when the room has become somewhat less. A shorter wait puts nothing at risk."""
        steps = {place: wait_step(wait) for place, wait in self.waits.items() if place not in self.fixed}
        longest = self._longest(steps)
        number = 2 ** math.floor(math.log2(self.room / longest)) if longest and self.room >= longest else 0
        return {
            place: WaitLimits(0, wait + number * steps[place]) if place in steps else WaitLimits(wait, wait)
            for place, wait in self.waits.items()
        }

    def _longest(self, more: Mapping[Place, float]) -> float:
        """By how much the way ahead grows at most, if each wait grows by so much."""
        grown = {"": 0.0}
        for code, step in self.steps.items():
            own = more.get(step.place, 0) if step.place else 0
            grown[code] = max([grown.get(one, 0) for one in step.after], default=0) + own
        return max(grown.values())


# No pool's wait is in the answer.
NO_REACH = WaitReach()


def reach_of(made: ForecastFinding | None, hangings: Iterable[Hanging], until: datetime) -> WaitReach:
    """How far waits may move until the order is judged again at `until`, by how each rule's answer hangs on them."""
    named = list(hangings)
    fixed = frozenset(place for one in named for place in one.places)
    earliest = min((one.before for one in named if one.before), default=None)
    if made is None or made.is_reached or not (fixed or earliest):
        return NO_REACH
    steps = _way_to(made, made.exit) if earliest else {}
    read = _waits(steps) | (_fixed_waits(made, fixed) if fixed else {})
    room = _room(made, steps, earliest, until) - TO_SPARE if earliest else 0
    return WaitReach(read, fixed, room, steps)


def _waits(steps: Mapping[str, WayStep]) -> dict[Place, float]:
    return {step.place: step.leg.stage.queue_hours for step in steps.values() if step.place}


def _fixed_waits(made: ForecastFinding, fixed: frozenset[Place]) -> dict[Place, float]:
    taken = ((leg, place_of(leg)) for leg in made.legs.values())
    return {place: leg.stage.queue_hours for leg, place in taken if place in fixed}


def reads_a_wait(made: ForecastFinding) -> bool:
    """Whether some pool's wait is in the forecast."""
    return any(place_of(leg) for leg in made.legs.values())


def places_before(made: ForecastFinding, code: str, *, with_own: bool = False) -> frozenset[Place]:
    """The places that have still to be taken until this stage is arrived at; `with_own`: until it begins."""
    own = {place_of(made.legs[code])} if with_own else set()
    return frozenset(_waits(_way_to(made, code))) | (own - {None})


def _way_to(made: ForecastFinding, code: str) -> dict[str, WayStep]:
    """The stages on which it hangs when this one is arrived at, first to last."""
    target, way = made.legs[code], list[tuple[str, WayStep]]()
    wanted = set(target.stage.plan.after) if target.follows else set()
    for one, leg in reversed(made.legs.items()):
        if one in wanted:
            after = leg.stage.plan.after if leg.follows else ()
            wanted.update(after)
            way.append((one, WayStep(leg, place_of(leg), after)))
    return dict(reversed(way))


def place_of(leg: Leg) -> Place | None:
    """The place for which the wait is in the stage's course. None: it needs none, has its place or goes on in that of
    the one before; or it is done and has to be done again, of which no wait is read."""
    plan, run = leg.stage.plan, leg.stage.run
    if not plan.pool or plan.keeps_pool or not run.site or run.status in DONE_STAGE_STATUSES:
        return None
    return (run.site, plan.pool) if leg.follows or run.started_at is None else None


def _room(made: ForecastFinding, steps: Mapping[str, WayStep], earliest: datetime, until: datetime) -> float:
    """Hours from the forecast as it will be at `until` to the moment before which it must stay.

    A booked place whose stage is not arrived at in time is lost, and its queue comes on top: either all waits together
    stay below what is left until then, or the queue is taken to come.
    """
    room = hours_between(made.course.at(until), earliest)
    booked = [
        (hours_between(leg.arrives.at(until), start), leg.stage.queue_hours)
        for leg, place, _ in steps.values()
        if place and leg.follows and leg.stage.queue_hours and (start := leg.stage.run.expected_start)
    ]
    in_time = [(left, queue) for left, queue in booked if 0 <= left < room]
    if not in_time:
        return room
    return max(min(left for left, _ in in_time) - TO_SPARE, room - sum(queue for _, queue in in_time))
