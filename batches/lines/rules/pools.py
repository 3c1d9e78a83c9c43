"""How a pool keeps up: its load, its usual waits, and whether it gains or loses on what arrives.

Pure: facts and `now` in, finding out. Hours are floats, moments are aware UTC. The conditions are named as public
stream processors name them (docs/bottleneck.md says why each limit is what it is).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from batches.lines.rules.intervals import StageInterval
from batches.lines.rules.places import Occupancy, Wait
from batches.lines.statuses import PoolCondition

WINDOW_HOURS = 168.0
# A wait up to this share of the service is the ordinary hand-over, not a queue.
CLEAR_SHARE = 0.05
# Stuck: somebody waits and no place was taken or given back for this long.
STUCK_SERVICES = 2.0
STUCK_AT_LEAST_HOURS = 24.0
# Arrivals and completions differ when they do so by both: a few orders of chance are no trend.
TREND_ORDERS = 3
TREND_SHARE = 0.25
# Fewer completed occupancies than this say too little about the usual one.
FEWEST_SERVICES = 3
# Waits are told in steps of this, and in steps twice as long each time the wait exceeds sixteen of them.
WAIT_STEP_HOURS = 6
WAIT_MOST_STEPS = 16
# Told when a pool has no places and nothing says when it will: 90 days, later than any dose could wait.
NO_PLACES_WAIT_HOURS = 2160.0
LOOK_AGAIN_BUSY = timedelta(minutes=10)
LOOK_AGAIN_IDLE = timedelta(hours=6)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PoolFacts:
    """What is known of one pool: places from each moment on, who held one, who waited for one.

    `fallback_service_hours`: usual time one order holds a place, for when too few were completed in the window.
    `stays`: the stage runs at work in it, for the check of the record.
    """

    steps: Sequence[tuple[datetime, int]]
    occupancies: Sequence[Occupancy]
    waits: Sequence[Wait]
    fallback_service_hours: float
    stays: Sequence[StageInterval] = ()


@dataclass(frozen=True, slots=True)
class PoolReview:
    """How a pool kept up over the window that ends now. `completions`: places given back, for whatever reason.

    `pressed_share` (0–1) of the window during which no place was free and somebody waited; `waiting_hours`:
    order-hours waited in the window; `expected_wait_hours`: of one who joins the queue now.
    """

    condition: PoolCondition
    capacity: int
    busy: int
    queue: int
    arrivals: int
    completions: int
    oldest_ready_at: datetime | None
    median_wait_hours: float | None
    service_hours: float
    pressed_share: float
    waiting_hours: float
    expected_wait_hours: float
    window_hours: float
    next_at: datetime


@dataclass(frozen=True, slots=True)
class _Counts:
    """The plain counts that the judgement of one review rests on.

    `booked`: of the `queue`, who waits for a booked day still to come; `oldest`: since when the first of the others
    waits, of a booked one from its day on.
    """

    capacity: int
    busy: int
    queue: int
    booked: int
    arrivals: int
    completions: int
    oldest: datetime | None
    service: float


def review_pool(facts: PoolFacts, now: datetime, window_hours: float = WINDOW_HOURS) -> PoolReview:
    """How the pool kept up over the last `window_hours`, and the next moment this may change by itself.

    Reports that lie in the future count once their moment has come. The answer does not depend on the order of the
    facts.
    """
    opened = now - timedelta(hours=window_hours)
    counts = _count(facts, opened, now)
    stuck_at = _stuck_at(facts, counts, now, window_hours)
    ended_waits = [wait for wait in facts.waits if wait.started and wait.left_at and opened < wait.left_at <= now]
    return PoolReview(
        condition=_condition(counts, stuck_at, now),
        capacity=counts.capacity,
        busy=counts.busy,
        queue=counts.queue,
        arrivals=counts.arrivals,
        completions=counts.completions,
        oldest_ready_at=counts.oldest,
        median_wait_hours=_median_hours((wait.ready_at, wait.left_at) for wait in ended_waits),
        service_hours=counts.service,
        pressed_share=pressed_share(facts, opened, now),
        waiting_hours=_waiting_hours(facts.waits, opened, now),
        expected_wait_hours=_expected_wait(facts, counts, now),
        window_hours=window_hours,
        next_at=_next_at(facts, counts, stuck_at, now),
    )


def capacity_at(steps: Iterable[tuple[datetime, int]], moment: datetime, now: datetime) -> int:
    """Places at `moment`. Before its first step a pool is taken to have had the same places, unless it is yet to open:
    who sets up a pool today has not had a pool without places until then."""
    begun = sorted(step for step in steps if step[0] <= now)
    past = [places for starts_at, places in begun if starts_at <= moment]
    return past[-1] if past else begun[0][1] if begun else 0


def pressed_share(facts: PoolFacts, opened: datetime, now: datetime) -> float:
    """Exact share (0–1) of `opened`–`now` in which every place was taken and somebody waited.

    A sweep over all interval ends and capacity steps; nothing is sampled (DOMAIN §7: a single sample misleads).
    """
    changes = [(opened, capacity_at(facts.steps, opened, now), 0, 0)]
    before = changes[0][1]
    for starts_at, places in sorted(facts.steps):
        if opened < starts_at <= now:
            changes.append((starts_at, places - before, 0, 0))
            before = places
    for held in facts.occupancies:
        changes += _clipped(held.started_at, held.ended_at, opened, now, busy=1)
    for wait in facts.waits:
        changes += _clipped(wait.ready_at, wait.left_at, opened, now, queue=1)
    return _pressed_time(sorted(changes), now) / (now - opened)


def _clipped(
    start: datetime, end: datetime | None, opened: datetime, now: datetime, *, busy: int = 0, queue: int = 0
) -> list[tuple[datetime, int, int, int]]:
    """The two changes that an interval makes inside the window; none if it lies outside."""
    start, end = max(start, opened), min(end or now, now)
    return [(start, 0, busy, queue), (end, 0, -busy, -queue)] if start < end else []


def _pressed_time(changes: list[tuple[datetime, int, int, int]], now: datetime) -> timedelta:
    capacity = busy = queue = 0
    pressed = timedelta(0)
    for (moment, places, taken, waiting), following in zip(changes, [*changes[1:], (now, 0, 0, 0)], strict=True):
        capacity, busy, queue = capacity + places, busy + taken, queue + waiting
        if queue > 0 and busy >= capacity:
            pressed += following[0] - moment
    return pressed


def _count(facts: PoolFacts, opened: datetime, now: datetime) -> _Counts:
    waiting = [wait for wait in facts.waits if _is_open(wait.ready_at, wait.left_at, now)]
    due = [since for wait in waiting if (since := max(wait.ready_at, wait.booked_at or wait.ready_at)) <= now]
    ended = [held for held in facts.occupancies if held.ended_at and opened < held.ended_at <= now]
    services = [
        (held.started_at, held.ended_at) for held in ended if held.completed and held.started_at < held.ended_at
    ]
    enough = len(services) >= FEWEST_SERVICES
    return _Counts(
        capacity=capacity_at(facts.steps, now, now),
        busy=sum(_is_open(held.started_at, held.ended_at, now) for held in facts.occupancies),
        queue=len(waiting),
        booked=len(waiting) - len(due),
        arrivals=sum(opened < wait.ready_at <= now for wait in facts.waits),
        completions=len(ended),
        oldest=min(due, default=None),
        service=(_median_hours(services) if enough else None) or facts.fallback_service_hours,
    )


def _is_open(start: datetime, end: datetime | None, now: datetime) -> bool:
    return start <= now and (end is None or end > now)


def _median_hours(spans: Iterable[tuple[datetime, datetime | None]]) -> float | None:
    lengths = [(end - start) / HOUR for start, end in spans if end]
    return median(lengths) if lengths else None


def _waiting_hours(waits: Iterable[Wait], opened: datetime, now: datetime) -> float:
    spans = ((max(wait.ready_at, opened), min(wait.left_at or now, now)) for wait in waits)
    return sum((end - start) / HOUR for start, end in spans if start < end)


def _stuck_at(facts: PoolFacts, counts: _Counts, now: datetime, window_hours: float) -> datetime | None:
    """When the pool counts as stuck if nothing moves until then; None: nobody waits but for a booked day.

    Only ends inside the window are known for certain, so they are not asked for further back than that.
    """
    if counts.oldest is None:
        return None
    if counts.capacity == 0:
        return now
    patience = max(STUCK_SERVICES * counts.service, STUCK_AT_LEAST_HOURS)
    starts = [held.started_at for held in facts.occupancies if held.started_at <= now]
    ends = [held.ended_at for held in facts.occupancies if held.ended_at and held.ended_at <= now]
    since_start = max([counts.oldest, *starts]) + timedelta(hours=patience)
    since_end = max(ends, default=counts.oldest) + timedelta(hours=min(patience, window_hours))
    return max(since_start, since_end)


def _condition(counts: _Counts, stuck_at: datetime | None, now: datetime) -> PoolCondition:
    if counts.oldest is None:
        return PoolCondition.CLEAR
    if stuck_at and stuck_at <= now:
        return PoolCondition.STUCK
    places_for_all = counts.busy + counts.queue - counts.booked <= counts.capacity
    if places_for_all or (now - counts.oldest) / HOUR <= CLEAR_SHARE * counts.service:
        return PoolCondition.CLEAR
    gap = counts.arrivals - counts.completions
    if abs(gap) < max(TREND_ORDERS, TREND_SHARE * max(counts.arrivals, counts.completions)):
        return PoolCondition.STEADY_BACKLOG
    return PoolCondition.FALLING_BEHIND if gap > 0 else PoolCondition.CATCHING_UP


def _expected_wait(facts: PoolFacts, counts: _Counts, now: datetime) -> float:
    """Wait (hours) of one who joins now: those ahead, served `capacity` at a time, each for the usual service."""
    places, closed_hours = counts.capacity, 0.0
    if places == 0:
        opening = min((step for step in facts.steps if step[0] > now and step[1] > 0), default=None)
        if opening is None:
            return NO_PLACES_WAIT_HOURS if counts.queue or facts.steps else 0.0
        places, closed_hours = opening[1], (opening[0] - now) / HOUR
    ahead = max(0, counts.queue + counts.busy + 1 - places)
    return round_wait(closed_hours + ahead * counts.service / places)


def round_wait(hours: float) -> float:
    """`hours` to the nearest multiple of 6 h, half up; of 12 h above 96 h, of 24 h above 192 h, and so on.

    Every order ahead of the pool is judged again when this changes, so it must not follow each arrival: a step is
    never less than a sixteenth of what it measures.
    """
    step = WAIT_STEP_HOURS
    while hours > WAIT_MOST_STEPS * step:
        step *= 2
    return float(int(hours / step + 0.5) * step)


def _next_at(facts: PoolFacts, counts: _Counts, stuck_at: datetime | None, now: datetime) -> datetime:
    """No later than the answer can change by itself: shares and ages move all the time, so a short bound serves."""
    in_use = counts.busy or counts.queue or (facts.steps and not counts.capacity)
    moments = [now + (LOOK_AGAIN_BUSY if in_use else LOOK_AGAIN_IDLE)]
    moments += [starts_at for starts_at, _ in facts.steps]
    moments += [stuck_at] if stuck_at else []
    moments += [moment for held in facts.occupancies for moment in (held.started_at, held.ended_at) if moment]
    moments += [moment for wait in facts.waits for moment in (wait.ready_at, wait.left_at, wait.booked_at) if moment]
    return min(moment for moment in moments if moment > now)
