"""What one more place in a pool would bring, by queueing arithmetic alone. The ramp-up simulates it exactly.

- Offered load a = λS places (λ arrivals per hour, S mean hours a place is held), utilisation ρ = a ÷ c (Erlang 1917).
- Mean wait of M/M/c: P(wait) · S ÷ (c − a), with Erlang's C formula. Mean wait of G/G/c by Allen and Cunneen (Allen
  1990, Probability, Statistics and Queueing Theory, 2nd ed., 5.3): the same times (Ca² + Cs²) ÷ 2, where Ca² and Cs²
  are the squared coefficients of variation of the times between arrivals and of the service.
- The interval of a mean wait is that of the offered load (95 %): ln a has a variance of about Ca² ÷ arrivals + Cs² ÷
  services (delta method), and the wait rises with the load. Of few arrivals nothing is said of the long run.
- A line carries no more than its fullest pool lets through: if another pool is as full, one more place here gains 0
  (the theory of constraints; checked against the deterministic tandem of DOMAIN §7).

Pure. Hours; rates per hour.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, sqrt
from typing import Any, NamedTuple

from batches.judgement.rules.shares import Z95

WEEK_HOURS = 168.0
# Of fewer than this a coefficient of variation says too little: chance as in a Poisson process, 1, is taken.
FEWEST_FOR_VARIATION = 5
# Of fewer arrivals or services the long run cannot be told at all.
FEWEST_FOR_INTERVAL = 8
# Gains below this share of the flow are none: they are not told from rounding.
LEAST_GAIN = 1e-9


class PoolFlow(NamedTuple):
    """What went through one pool in the window. `variation_*`: squared coefficients of variation.

    `used`: utilisation, place-hours taken of those open; `waiting`: orders in the queue now.
    """

    code: str
    name: str
    places: int
    busy: int
    arrivals: int
    waiting: int
    window_hours: float
    service_hours: float
    variation_arrivals: float
    variation_service: float
    used: float
    services: int = 0


class WaitInterval(NamedTuple):
    """Between what the mean wait (hours) lies with 95 %; None: without limit."""

    low: float | None
    high: float | None

    def evidence(self) -> list[float | None]:
        """As JSON."""
        return [_rounded(self.low), _rounded(self.high)]


@dataclass(frozen=True, slots=True)
class Relief:
    """One more place in `pool`, before and after: the wait of one who joins the queue that stands now, the mean wait
    in the long run at the window's rate (None: grows without limit), and the orders a week through the line.

    `binds`: name of the pool that then limits the line; empty: it is this one, or demand.
    """

    pool: str
    places: int
    offered_load: float
    joins_before_hours: float | None
    joins_after_hours: float | None
    wait_before_hours: float | None
    wait_after_hours: float | None
    weekly_before: float
    weekly_after: float
    binds: str
    before: WaitInterval | None = None
    after: WaitInterval | None = None

    @property
    def gain(self) -> float:
        """More orders a week through the line; 0: nothing is gained."""
        return self.weekly_after - self.weekly_before

    def evidence(self) -> dict[str, Any]:
        """The arithmetic as JSON."""
        return {
            "change": "one_more_place",
            "pool": self.pool,
            "places_before": self.places,
            "places_after": self.places + 1,
            "offered_load": round(self.offered_load, 3),
            "joins_before_hours": _rounded(self.joins_before_hours),
            "joins_after_hours": _rounded(self.joins_after_hours),
            "wait_before_hours": _rounded(self.wait_before_hours),
            "wait_after_hours": _rounded(self.wait_after_hours),
            "wait_before_interval": self.before.evidence() if self.before else None,
            "wait_after_interval": self.after.evidence() if self.after else None,
            "weekly_before": round(self.weekly_before, 2),
            "weekly_after": round(self.weekly_after, 2),
            "gain": round(self.gain, 2),
            "binds": self.binds,
        }


def erlang_c(places: int, load: float) -> float:
    """Probability (0–1) that an arrival must wait in M/M/c with offered load a < c; 1 where a ≥ c."""
    if load >= places:
        return 1.0
    blocked = 1.0  # Erlang's B, by its recursion: stable for any number of places.
    for place in range(1, places + 1):
        blocked = load * blocked / (place + load * blocked)
    return blocked / (1 - load / places * (1 - blocked))


def mean_wait(places: int, rate: float, service: float, variation: tuple[float, float] = (1.0, 1.0)) -> float | None:
    """Mean wait (hours) of G/G/c by Allen and Cunneen; exact for M/M/c. None: more comes than can be served."""
    load = rate * service
    if load == 0:
        return 0.0
    if load >= places:
        return None
    return sum(variation) / 2 * erlang_c(places, load) * service / (places - load)


def relieve(root: PoolFlow, others: Sequence[PoolFlow]) -> Relief:
    """One more place at the root: what it does to the wait there, and to what the whole line lets through."""
    rate, variation = root.arrivals / root.window_hours, (root.variation_arrivals, root.variation_service)
    service, places = root.service_hours, root.places
    weekly = WEEK_HOURS / service if service else 0.0
    before = root.used * places * weekly
    after, binds = _after(root, others, before, (places + 1) * weekly)
    return Relief(
        pool=root.code,
        places=places,
        offered_load=rate * service,
        joins_before_hours=_joins(root, places),
        joins_after_hours=_joins(root, places + 1),
        wait_before_hours=mean_wait(places, rate, service, variation),
        wait_after_hours=mean_wait(places + 1, rate, service, variation),
        weekly_before=before,
        weekly_after=after,
        binds=binds,
        before=wait_interval(root, places),
        after=wait_interval(root, places + 1),
    )


def wait_interval(flow: PoolFlow, places: int) -> WaitInterval | None:
    """Between what the mean wait in the long run lies, as far as the flow of the window can tell; None: too few."""
    if min(flow.arrivals, flow.services) < FEWEST_FOR_INTERVAL:
        return None
    # That orders came evenly in one window does not make them come evenly: at least chance as in a Poisson process.
    of_arrivals, of_services = max(flow.variation_arrivals, 1.0), flow.variation_service
    spread = sqrt(of_arrivals / flow.arrivals + of_services / flow.services)
    rate, variation = flow.arrivals / flow.window_hours, (flow.variation_arrivals, flow.variation_service)
    low, high = (mean_wait(places, rate * exp(sign * Z95 * spread), flow.service_hours, variation) for sign in (-1, 1))
    return WaitInterval(low, high)


def _joins(root: PoolFlow, places: int) -> float | None:
    """Wait (hours) of a new arrival: those ahead, `places` at a time, each for the mean service; None: for good."""
    ahead = max(0, root.waiting + root.busy + 1 - places)
    return ahead * root.service_hours / places if places else None


def _after(root: PoolFlow, others: Sequence[PoolFlow], before: float, capacity: float) -> tuple[float, str]:
    """Orders a week with one more place, never fewer than before, and which other pool then sets the limit.

    Asked for is what came and what waits. Another pool carries today's flow times what it has left.
    """
    wanted = max((root.arrivals + root.waiting) / root.window_hours * WEEK_HOURS, before)
    opened = min(capacity, wanted)
    fullest = max((pool for pool in others if pool.used > 0), key=lambda pool: (pool.used, pool.code), default=None)
    carried = before / fullest.used if fullest and before else opened
    after = min(opened, carried)
    if after <= before * (1 + LEAST_GAIN):
        after = before
    return after, fullest.name if fullest and carried < opened else ""


def _rounded(hours: float | None) -> float | None:
    return None if hours is None else round(hours, 2)
