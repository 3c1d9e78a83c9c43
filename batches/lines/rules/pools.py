"""How a pool keeps up: its load, its usual waits, and whether it gains or loses on what arrives.

Pure: facts and `now` in, finding out. Hours are floats, moments are aware UTC. The conditions are named as public
stream processors name them (docs/bottleneck.md says why each limit is what it is).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from batches.judgement.rules.moments import HOUR as HOUR_MICROS
from batches.judgement.rules.moments import NEVER, Micros, micros, moment_of
from batches.lines.rules.pool_facts import PoolFacts, Waits, capacity_at
from batches.lines.rules.pool_time import CLEAR_SHARE, sweep
from batches.lines.statuses import PoolCondition

WINDOW_HOURS = 168.0
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

    @property
    def has_no_opening(self) -> bool:
        """Whether it has no place and nothing says when it will: how long somebody waits for one is not foreseeable."""
        return foreseen_wait(self.capacity, self.expected_wait_hours) is None

    @property
    def stored_share(self) -> float:
        """`pressed_share` as it is kept and shown: in whole per cent it seldom changes between two reviews, so screens
        are not woken for nothing."""
        return round(self.pressed_share, 2)


@dataclass(frozen=True, slots=True)
class _Counts:
    """The plain counts that the judgement of one review rests on.

    `queue`: who waits now, of a booked one from its day on; `oldest`: since when the first of them waits.
    """

    capacity: int
    busy: int
    queue: int
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
    return PoolReview(
        condition=_condition(facts, counts, stuck_at, now),
        capacity=counts.capacity,
        busy=counts.busy,
        queue=counts.queue,
        arrivals=counts.arrivals,
        completions=counts.completions,
        oldest_ready_at=counts.oldest,
        median_wait_hours=_median_wait(facts.waited, opened, now),
        service_hours=counts.service,
        pressed_share=pressed_share(facts, opened, now),
        waiting_hours=_waiting_hours(facts.waited, opened, now),
        expected_wait_hours=_expected_wait(facts, counts, now),
        window_hours=window_hours,
        next_at=_next_at(facts, counts, stuck_at, now),
    )


def pressed_share(facts: PoolFacts, opened: datetime, now: datetime) -> float:
    """Exact share (0–1) of `opened`–`now` in which every place was taken and somebody waited.

    A sweep over all interval ends and capacity steps; nothing is sampled (DOMAIN §7: a single sample misleads).
    """
    time = sweep(facts, opened, now)
    return int(time.length[time.is_pressed].sum()) / (micros(now) - micros(opened))


def _count(facts: PoolFacts, opened: datetime, now: datetime) -> _Counts:
    low, high = micros(opened), micros(now)
    waits, held = facts.waited, facts.held
    since = waits.since_at(high)
    has_ended = _within(held.end, low, high)
    services = (held.end - held.start)[has_ended & held.completed & (held.start < held.end)]
    enough = len(services) >= FEWEST_SERVICES
    return _Counts(
        capacity=capacity_at(facts.steps, now, now),
        busy=int(((held.start <= high) & (held.end > high)).sum()),
        queue=len(since),
        arrivals=int(_within(waits.ready, low, high).sum()),
        completions=int(has_ended.sum()),
        oldest=moment_of(int(since.min())) if len(since) else None,
        service=(_median_hours(services) if enough else None) or facts.fallback_service_hours,
    )


def _within(moments: Micros, low: int, high: int) -> NDArray[np.bool_]:
    return (moments > low) & (moments <= high)


def _median_hours(lengths: Micros) -> float | None:
    return float(np.median(lengths / HOUR_MICROS)) if len(lengths) else None


def _median_wait(waits: Waits, opened: datetime, now: datetime) -> float | None:
    """Of those who got a place in the window."""
    got = waits.started & _within(waits.left, micros(opened), micros(now))
    return _median_hours((waits.left - waits.ready)[got])


def _waiting_hours(waits: Waits, opened: datetime, now: datetime) -> float:
    spans = np.minimum(waits.left, micros(now)) - np.maximum(waits.ready, micros(opened))
    return int(spans[spans > 0].sum()) / HOUR_MICROS


def _stuck_at(facts: PoolFacts, counts: _Counts, now: datetime, window_hours: float) -> datetime | None:
    """When the pool counts as stuck if nothing moves until then; None: nobody waits but for a booked day.

    Only ends inside the window are known for certain, so they are not asked for further back than that.
    """
    if counts.oldest is None:
        return None
    if counts.capacity == 0:
        return now
    patience = max(STUCK_SERVICES * counts.service, STUCK_AT_LEAST_HOURS)
    started, ended = (_newest(moments, now) for moments in (facts.held.start, facts.held.end))
    since_start = max(counts.oldest, started or counts.oldest) + timedelta(hours=patience)
    since_end = (ended or counts.oldest) + timedelta(hours=min(patience, window_hours))
    return max(since_start, since_end)


def _newest(moments: Micros, now: datetime) -> datetime | None:
    past = moments[moments <= micros(now)]
    return moment_of(int(past.max())) if len(past) else None


def _condition(facts: PoolFacts, counts: _Counts, stuck_at: datetime | None, now: datetime) -> PoolCondition:
    if counts.oldest is None:
        return PoolCondition.CLOSED if facts.steps and not counts.capacity else PoolCondition.CLEAR
    if stuck_at and stuck_at <= now:
        return PoolCondition.STUCK
    places_for_all = counts.busy + counts.queue <= counts.capacity
    if places_for_all or (now - counts.oldest) / HOUR <= CLEAR_SHARE * counts.service:
        return PoolCondition.CLEAR
    gap = counts.arrivals - counts.completions
    if abs(gap) < max(TREND_ORDERS, TREND_SHARE * max(counts.arrivals, counts.completions)):
        return PoolCondition.STEADY_BACKLOG
    return PoolCondition.FALLING_BEHIND if gap > 0 else PoolCondition.CATCHING_UP


def _expected_wait(facts: PoolFacts, counts: _Counts, now: datetime) -> float:
    """Wait (hours) of a new arrival: those ahead, served `capacity` at a time, each for the usual service."""
    places, closed_hours = counts.capacity, 0.0
    if places == 0:
        opening = min((step for step in facts.steps if step[0] > now and step[1] > 0), default=None)
        if opening is None:
            return NO_PLACES_WAIT_HOURS if counts.queue or facts.steps else 0.0
        places, closed_hours = opening[1], (opening[0] - now) / HOUR
    ahead = max(0, counts.queue + counts.busy + 1 - places)
    return round_wait(closed_hours + ahead * counts.service / places)


def foreseen_wait(capacity: int | None, expected_wait_hours: float | None) -> float | None:
    """A stored wait as it is told: None where there is no place and no date is set for one, or no review yet."""
    if expected_wait_hours is None or (not capacity and expected_wait_hours >= NO_PLACES_WAIT_HOURS):
        return None
    return expected_wait_hours


def round_wait(hours: float) -> float:
    """`hours` to the nearest multiple of 6 h, half up; of 12 h above 96 h, of 24 h above 192 h, and so on.

    Orders are judged again when this leaves their limits, so it must not follow each arrival: a step is never less than
    a sixteenth of what it measures.
    """
    step = wait_step(hours)
    return float(int(hours / step + 0.5) * step)


def wait_step(hours: float) -> int:
    """In steps of how many hours a wait of so many is told."""
    step = WAIT_STEP_HOURS
    while hours > WAIT_MOST_STEPS * step:
        step *= 2
    return step


def _next_at(facts: PoolFacts, counts: _Counts, stuck_at: datetime | None, now: datetime) -> datetime:
    """No later than the answer can change by itself: shares and ages move all the time, so a short bound serves."""
    in_use = counts.busy or counts.queue or (facts.steps and not counts.capacity)
    moments = [now + (LOOK_AGAIN_BUSY if in_use else LOOK_AGAIN_IDLE)]
    moments += [starts_at for starts_at, _ in facts.steps]
    moments += [stuck_at] if stuck_at else []
    ahead = [column[column > micros(now)] for column in (*facts.held[:2], *facts.waited[:2], facts.waited.booked)]
    nearest = min((int(column.min()) for column in ahead if len(column)), default=NEVER)
    moments += [moment_of(nearest)] if nearest < NEVER else []
    return min(moment for moment in moments if moment > now)
