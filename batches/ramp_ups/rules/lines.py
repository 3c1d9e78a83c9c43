"""A line as a scenario sees it: its journeys, its pools and what it starts from. Plain data that travels as JSON.

Moments are hours from the moment at which the line was read (`made_at`), durations hours, shares 0–1.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import msgspec

from batches.durations.rules.curves import Curve
from batches.durations.rules.start_hours import StartHours

DAY, WEEK = 24.0, 168.0
FEWEST_WEEKS = 4.0
DEFAULT_ALLOWANCE = 1.2


class LineStage(msgspec.Struct, frozen=True):
    """One stage of a journey, in board order. `pool` empty: it needs none of the line's; `longest_wait` None: any;
    `hours`: number of the line's hours in which it is begun, -1: at any."""

    code: str
    name: str
    kind: str
    curve: Curve
    after: tuple[str, ...] = ()
    pool: str = ""
    keeps: bool = False
    fails: float = 0.0
    withdrawn: float = 0.0
    longest_wait: float | None = None
    planned: float = 0.0
    hours: int = -1


class LineJourney(msgspec.Struct, frozen=True):
    """A product on one of its flows, and how many orders a week begin it.

    `exit`: the stage that ends the patient's wait; `restart`: what a failure opens anew, with all that follows;
    `arrivals`: when orders begin if that is not to be left to chance; `promise`: planned hours from order to dose.
    """

    product: str
    flow: str
    name: str
    stages: tuple[LineStage, ...]
    exit: str
    restart: str
    per_week: float
    promise: float
    arrivals: tuple[float, ...] | None = None

    @property
    def key(self) -> str:
        """Names the journey's random numbers."""
        return f"{self.product}/{self.flow}"

    def followers(self, code: str) -> frozenset[str]:
        """`code` and every stage that waits for it, directly or not."""
        reached = {code}
        for stage in self.stages:
            if reached.intersection(stage.after):
                reached.add(stage.code)
        return frozenset(reached)


class SimulatedPool(msgspec.Struct, frozen=True):
    """Like places of the line. `steps`: places from each moment on; the first holds from the beginning."""

    code: str
    name: str
    steps: tuple[tuple[float, int], ...]

    @property
    def places(self) -> int:
        """Places in the beginning."""
        return next((places for at, places in reversed(self.steps) if at <= 0), self.steps[0][1] if self.steps else 0)


class OpenVisit(msgspec.Struct, frozen=True):
    """One stage of an order that is under way; fields as in simulation.network.Visit, `pool` a code, None: none."""

    stage: str
    curve: int
    after: tuple[int, ...] = ()
    pool: str = ""
    keeps: bool = False
    state: int = 2
    ready_at: float | None = None
    elapsed: float = 0.0
    booked_at: float | None = None
    longest_wait: float | None = None
    fails: float = 0.0
    withdrawn: float = 0.0
    reopens: tuple[int, ...] = ()
    hours: int = -1


class OpenOrder(msgspec.Struct, frozen=True):
    """An order that is under way; fields as in simulation.network.OrderAhead."""

    key: int
    visits: tuple[OpenVisit, ...]
    exit: int
    collection: int = -1
    collected_at: float | None = None
    promised_at: float | None = None
    rank: int = 0
    attempts_left: int = 2
    begins_at: float = 0.0


class LearnedPattern(msgspec.Struct, frozen=True):
    """What the line's own orders say of weekdays or months: a factor for each, on the mean 1, from `orders` of `span`.

    No factors: `missing` says what it would take; `doubt`: how sure they are, as a sentence.
    """

    factors: tuple[float, ...] = ()
    orders: int = 0
    span: str = "no weeks"
    missing: str = "none were read"
    doubt: str = ""


class SimulatedLine(msgspec.Struct, frozen=True):
    """Everything that a simulation of a line starts from.

    `allowance`: promised time as a multiple of the planned one; `week_hour`: hours since Monday 00:00 of the line's
    zone; `open_orders` with `open_curves`: what is under way, none for a clean start; `rate_weeks`: the weeks up to
    now in which the orders of its rate were counted; `weekdays`, `months`: what they say of when orders come; `hours`:
    in which hours stages are begun, where the forecast uses them.
    """

    code: str
    name: str
    made_at: str
    journeys: tuple[LineJourney, ...]
    pools: tuple[SimulatedPool, ...]
    allowance: float = DEFAULT_ALLOWANCE
    week_hour: float = 0.0
    open_orders: tuple[OpenOrder, ...] = ()
    open_curves: tuple[Curve, ...] = ()
    rate_weeks: float = 26.0
    weekdays: LearnedPattern = LearnedPattern()
    months: LearnedPattern = LearnedPattern()
    hours: StartHours = ()

    @property
    def per_year(self) -> float:
        """Orders a year at the line's own rate."""
        return sum(journey.per_week for journey in self.journeys) * 365.25 / 7

    @property
    def stages(self) -> dict[str, str]:
        """Every stage of the line's journeys: code → name."""
        return {stage.code: stage.name for journey in self.journeys for stage in journey.stages}

    @property
    def pool_names(self) -> dict[str, str]:
        """Every pool: code → name."""
        return {pool.code: pool.name for pool in self.pools}


def to_json(line: msgspec.Struct) -> dict[str, Any]:
    """A line, or another struct, as plain JSON values."""
    return msgspec.to_builtins(line)


def from_json(values: Mapping[str, Any]) -> SimulatedLine:
    """The line of what `to_json` gave."""
    return msgspec.convert(values, SimulatedLine, strict=False)


def fingerprint(*parts: Any) -> str:
    """16 hexadecimal digits that differ where any of the inputs does."""
    text = msgspec.json.encode(parts, order="sorted")
    return blake2b(text, digest_size=8).hexdigest()


def planned_hours(stages: tuple[LineStage, ...], exit_code: str) -> float:
    """Planned hours from the order to the moment at which `exit_code` could start: the longest way there."""
    ends: dict[str, float] = {}
    for stage in stages:
        begins = max((ends[code] for code in stage.after), default=0.0)
        if stage.code == exit_code:
            return begins
        ends[stage.code] = begins + stage.planned
    return max(ends.values(), default=0.0)
