"""A line with the changes of a scenario in it: what the simulation runs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from batches.durations.rules.curves import Curve, constant
from batches.ramp_ups.rules.changes import ChangeKind, ScenarioChange, WorkingHours, factors_of, read_shift, steps_with
from batches.ramp_ups.rules.lines import DAY, WEEK, LineJourney, SimulatedLine, SimulatedPool
from batches.ramp_ups.rules.seasons import Season, season_of

MOST_FAILING = 0.95
BEFORE = -1e9
COPY = " (other plant)"
Steps = tuple[tuple[float, int], ...]


@dataclass(frozen=True, slots=True)
class Stream:
    """Orders of one kind to come: by which journey's luck, on which stages, and which part of them is served where."""

    source: LineJourney
    journey: LineJourney
    is_copy: bool


@dataclass(frozen=True, slots=True)
class PlannedPool:
    """A pool as it will be. `steps`: places at which work may begin; `nominal`: places there are, closed or not."""

    code: str
    name: str
    steps: Steps
    nominal: Steps
    is_copy: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The changed line. `demand`: factor; `share`: of the orders that begin from `share_from` on at the copy of it;
    `season`: when orders come, None: evenly; `in_shift`: pools of which a shift is said (no learned hours then)."""

    line: SimulatedLine
    pools: tuple[PlannedPool, ...]
    streams: tuple[Stream, ...]
    demand: float
    share: float
    share_from: float
    factors: dict[str, float]
    fixed: dict[str, float]
    failures: dict[str, float]
    season: Season | None = None
    in_shift: frozenset[str] = frozenset()

    def hours(self, pool: str, number: int) -> int:
        """The number of the hours in which a stage is begun; -1: at any."""
        return -1 if pool in self.in_shift else number

    def curve(self, stage: str, curve: Curve) -> Curve:
        """The hours of a stage with what the scenario says of it."""
        if stage in self.fixed:
            return constant(self.fixed[stage])
        factor = self.factors.get(stage, 1.0)
        return curve if factor == 1 else tuple(hours * factor for hours in curve)

    def fails(self, stage: str, share: float) -> float:
        """How often a stage fails."""
        return min(share * self.failures.get("", 1.0) * self.failures.get(stage, 1.0), max(share, MOST_FAILING))


def plan_of(line: SimulatedLine, changes: Sequence[ScenarioChange], *, opened: float = 0.0, horizon: float) -> Plan:
    """The line with `changes`, whose days count from `opened` on; capacity steps reach to `horizon`."""
    by_kind = {kind: [one for one in changes if one.kind is kind] for kind in ChangeKind}
    share = by_kind[ChangeKind.PLANT][0] if by_kind[ChangeKind.PLANT] else None
    pools = [_pool(line, pool, by_kind, opened, horizon) for pool in line.pools]
    if share:
        pools += [_copy(pool, opened + share.from_day * DAY) for pool in line.pools]
    return Plan(
        line=line,
        pools=tuple(pools),
        streams=tuple(_streams(line, by_kind[ChangeKind.FLOW], share is not None)),
        demand=1 + sum(one.amount for one in by_kind[ChangeKind.DEMAND]) / 100,
        share=share.amount / 100 if share else 0.0,
        share_from=opened + share.from_day * DAY if share else 0.0,
        factors=_product(by_kind[ChangeKind.FACTOR]),
        fixed={one.subject: one.amount for one in by_kind[ChangeKind.HOURS]},
        failures=_product(by_kind[ChangeKind.FAILURES]),
        season=_season(line, changes, opened, horizon),
        in_shift=frozenset(one.subject for one in by_kind[ChangeKind.SHIFT]),
    )


def _season(line: SimulatedLine, changes: Sequence[ScenarioChange], opened: float, horizon: float) -> Season | None:
    weekdays, months = (factors_of(changes, kind, line) for kind in (ChangeKind.WEEKDAYS, ChangeKind.MONTHS))
    if not weekdays and not months:
        return None
    return season_of(line, weekdays or (1.0,) * 7, months or (1.0,) * 12, opened=opened, horizon=horizon)


def _product(changes: Iterable[ScenarioChange]) -> dict[str, float]:
    found: dict[str, float] = {}
    for change in changes:
        found[change.subject] = found.get(change.subject, 1.0) * change.amount
    return found


def _pool(
    line: SimulatedLine,
    pool: SimulatedPool,
    by_kind: dict[ChangeKind, list[ScenarioChange]],
    opened: float,
    horizon: float,
) -> PlannedPool:
    known = tuple((at + opened if at > 0 else at, places) for at, places in pool.steps)
    known = known or ((BEFORE, 0),)
    # Places added at once are there from the beginning: the warm-up must be one of the changed line.
    added = [
        (opened + one.from_day * DAY if one.from_day else BEFORE, int(one.amount))
        for one in by_kind[ChangeKind.PLACES]
        if one.subject == pool.code
    ]
    nominal = steps_with(known, added)
    shifts = [read_shift(one.shift) for one in by_kind[ChangeKind.SHIFT] if one.subject == pool.code]
    steps = _in_shift(nominal, shifts[0], line.week_hour, horizon) if shifts and shifts[0] else nominal
    closures = [
        (opened + one.from_day * DAY, opened + one.until_day * DAY)
        for one in by_kind[ChangeKind.CLOSED]
        if one.subject in ("", pool.code)
    ]
    return PlannedPool(pool.code, pool.name, _closed(steps, closures), nominal)


def _closed(steps: Steps, closures: Sequence[tuple[float, float]]) -> Steps:
    """The places while nothing is closed; none from the beginning of a closure to its end."""
    moments = sorted({at for at, _ in steps}.union(*closures))
    return tuple(
        (at, 0 if any(closes <= at < opens for closes, opens in closures) else places_at(steps, at)) for at in moments
    )


def _copy(pool: SimulatedPool, from_hour: float) -> PlannedPool:
    steps: Steps = ((BEFORE, 0), (from_hour, pool.places)) if from_hour > 0 else ((BEFORE, pool.places),)
    return PlannedPool(pool.code + COPY, pool.name + COPY, steps, steps, is_copy=True)


def places_at(steps: Steps, moment: float) -> int:
    """Places at a moment; before the first step as in it."""
    return next((places for at, places in reversed(steps) if at <= moment), steps[0][1] if steps else 0)


def _in_shift(nominal: Steps, shift: WorkingHours, week_hour: float, horizon: float) -> Steps:
    """The places while the shift is on, none outside of it."""
    edges: dict[float, bool] = {}
    for week in range(-1, ceil((horizon + week_hour) / WEEK) + 1):
        for day in shift.days:
            midnight = week * WEEK + day * DAY - week_hour
            for at, is_open in ((midnight + shift.opens, True), (midnight + shift.closes, False)):
                edges[at] = edges.get(at, False) or is_open
    states = sorted(edges.items())
    moments = sorted({at for at, _ in states} | {at for at, _ in nominal if at > states[0][0]})
    steps, is_open, position = [], False, 0
    for moment in moments:
        while position < len(states) and states[position][0] <= moment:
            is_open = states[position][1]
            position += 1
        steps.append((moment, places_at(nominal, moment) if is_open else 0))
    return tuple(steps)


def _streams(line: SimulatedLine, flows: Sequence[ScenarioChange], has_copy: bool) -> Iterable[Stream]:
    chosen = {one.subject.split("/")[0]: one.subject for one in flows}
    by_key = {journey.key: journey for journey in line.journeys}
    for journey in line.journeys:
        if journey.per_week <= 0 and not journey.arrivals:
            continue
        taken = by_key.get(chosen.get(journey.product, ""), journey)
        yield Stream(journey, taken, is_copy=False)
        if has_copy:
            yield Stream(journey, taken, is_copy=True)
