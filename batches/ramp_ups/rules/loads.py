"""How loaded each pool is, and whether a line can run steadily at all (docs/judgement/ramp-up.md).

The load is the work offered to a pool ÷ the places it has: at 1 or more its queue grows without limit, whatever the
simulation shows of a year. It is worked out from rates, durations and failures, so it has no chance in it.
"""

from collections import defaultdict
from math import prod, sqrt
from typing import NamedTuple

from batches.durations.rules.curves import Curve
from batches.ramp_ups.rules.lines import WEEK, LineJourney, LineStage
from batches.ramp_ups.rules.plans import COPY, Plan, Stream, places_at
from batches.ramp_ups.rules.replications import ATTEMPTS_LEFT

# A queue that starts empty is near what it will be after this many of its relaxation times: within 2 % (e to the -4).
RELAXATIONS = 4.0
ANY = 1e12


class PoolLoad(NamedTuple):
    """One pool: work offered ÷ places, orders a week that ask for a place, hours that each holds one."""

    code: str
    name: str
    places: int
    load: float
    per_week: float
    hours: float

    @property
    def growth(self) -> float:
        """Orders by which the queue grows a week, on the mean; 0 below a load of 1."""
        return self.per_week * max(0.0, 1 - 1 / self.load) if self.load else 0.0

    @property
    def short(self) -> int:
        """Places that are missing to a load below 1."""
        work = self.per_week * self.hours / WEEK
        return max(0, int(work + 1e-9) + 1 - self.places) if work else 0

    @property
    def relaxation(self) -> float:
        """Hours in which a disturbance of the queue falls to 1/e (Odoni and Roth, Oper. Res. 31 (1983) 432, for work
        and arrivals by chance), infinite at a load of 1."""
        if self.load >= 1:
            return float("inf")
        return 2 * self.hours / max(self.places, 1) / (2.8 * (1 - sqrt(self.load)) ** 2)


def loads_of(plan: Plan, moment: float) -> tuple[PoolLoad, ...]:
    """The load of every pool with the places it has at a moment; none where orders come at given moments."""
    if any(stream.source.arrivals is not None for stream in plan.streams):
        return ()
    asks: dict[str, float] = defaultdict(float)
    work: dict[str, float] = defaultdict(float)
    for stream in plan.streams:
        rate, mark = _rate(plan, stream, moment), COPY if stream.is_copy else ""
        for pool, visits, hours in _held(plan, stream.journey):
            asks[pool + mark] += rate * visits
            work[pool + mark] += rate * hours / WEEK
    return tuple(
        PoolLoad(
            pool.code, pool.name, places, _share(work[pool.code], places), asks[pool.code],
            WEEK * work[pool.code] / asks[pool.code] if asks[pool.code] else 0.0,
        )
        for pool in plan.pools
        for places in [places_at(pool.nominal, moment)]
    )  # fmt: skip


def warm_up_hours(loads: tuple[PoolLoad, ...]) -> float:
    """Hours after which a line that starts empty runs as it will go on; infinite: it never does."""
    return RELAXATIONS * max((one.relaxation for one in loads), default=0.0)


def expected_runs(plan: Plan, journey: LineJourney) -> dict[str, float]:
    """How often each stage of an order is run on the mean: fewer where orders are lost, more after failures.

    Exact for stages in a row; of tests side by side two that fail at once count as two failures.
    """
    before = {stage.code: _before(journey, stage) for stage in journey.stages}
    again = journey.followers(journey.restart) if journey.restart in before else frozenset()
    ends = {one.code: plan.fails(one.code, one.fails) for one in journey.stages}
    passes = {one.code: max(0.0, 1 - ends[one.code] - one.withdrawn) for one in journey.stages}
    runs: dict[str, float] = dict.fromkeys(before, 0.0)
    attempts: dict[frozenset[str], float] = {frozenset(before): 1.0}
    for _ in range(ATTEMPTS_LEFT + 1):
        opened: dict[frozenset[str], float] = defaultdict(float)
        for codes, share in attempts.items():
            for code in codes:
                reached = share * prod(passes[one] for one in before[code] & codes)
                runs[code] += reached
                if code in before.get(journey.exit, ()):
                    opened[again if code in again else journey.followers(code)] += reached * ends[code]
        attempts = opened
    return runs


def _rate(plan: Plan, stream: Stream, moment: float) -> float:
    """Orders a week of a stream, on the mean of a year, once another plant takes its share."""
    taken = plan.share if moment >= plan.share_from else 0.0
    pace = plan.season.mean if plan.season else 1.0
    return stream.source.per_week * pace * plan.demand * (taken if stream.is_copy else 1 - taken)


def _held(plan: Plan, journey: LineJourney) -> list[tuple[str, float, float]]:
    """Places that an order takes: pool, times, and the hours held in all, those between its stages there included."""
    runs, stages = expected_runs(plan, journey), {stage.code: stage for stage in journey.stages}
    held, heads = [], {}
    for stage in journey.stages:
        if not stage.pool:
            continue
        head = heads.get(stage.pool) if stage.keeps else None
        between = _between(journey, head, stage) if head else set()
        hours = sum(runs[code] * mean_of(plan.curve(code, stages[code].curve)) for code in {stage.code, *between})
        held.append((stage.pool, 0.0 if head else runs[stage.code], hours))
        heads[stage.pool] = stage.code
    return held


def _between(journey: LineJourney, first: str, last: LineStage) -> set[str]:
    inner = journey.followers(first) & _before(journey, last)
    return {stage.code for stage in journey.stages if stage.code in inner and stage.pool != last.pool}


def _before(journey: LineJourney, stage: LineStage) -> frozenset[str]:
    others = (one.code for one in journey.stages if one.code != stage.code)
    return frozenset(code for code in others if stage.code in journey.followers(code))


def mean_of(curve: Curve) -> float:
    """The mean hours of a distribution: the area below its table."""
    return (sum(curve) - (curve[0] + curve[-1]) / 2) / (len(curve) - 1)


def _share(work: float, places: int) -> float:
    return work / places if places else ANY if work else 0.0
