"""What a verdict on a line rests on besides the queues: each pool's use, its active periods, and whether it adds up.

Pure: the facts of all pools of a line and `now` in, the measures of each out. The order of the pools does not matter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean
from typing import Any, NamedTuple

import numpy as np

from batches.judgement.rules.moments import HOUR, Micros, micros, moment_of
from batches.lines.rules.active_periods import (
    ActivePeriods,
    Bottlenecks,
    Shares,
    find_bottlenecks,
    shares_of,
    unbroken,
)
from batches.lines.rules.littles_law import LittleCheck, check_by_stage, together
from batches.lines.rules.pool_facts import PoolFacts
from batches.lines.rules.pool_time import PoolTime, active_intervals, by_block, sweep, window_of
from batches.lines.rules.pools import WINDOW_HOURS
from batches.lines.rules.relief import FEWEST_FOR_VARIATION

# So many stretches of a pool are kept for its chart, the newest.
MOST_STRETCHES = 60
# Who leads for so many days running takes over (bottlenecks.py).
RECENT_DAYS = 3


class Recent(NamedTuple):
    """The last days of the window, one value a day, oldest first: hours full with a queue, hours as the bottleneck by
    active periods, and share of the place-hours taken (0 where none was open)."""

    pressed: Sequence[float]
    limiting: Sequence[float]
    used: Sequence[float]


class ActiveStretch(NamedTuple):
    """A time in which a pool was active: the sole bottleneck, one of two between which it shifts, or neither."""

    kind: str
    start: datetime
    end: datetime


SOLE, SHIFTING, ACTIVE = "sole", "shifting", "active"


@dataclass(frozen=True, slots=True)
class Usage:
    """Of the place-hours that a pool had open: taken, at work, held between stages, and free with nobody waiting.

    `utilisation` exceeds 1 where more is reported than fits; None: no place was open. `blocked_share`: places held
    though no stage of the order was at work; `starved_share`: places free and nobody waiting (0–1).
    """

    utilisation: float | None
    blocked_share: float | None
    starved_share: float | None


@dataclass(frozen=True, slots=True)
class PoolMeasures:
    """The measures of one pool over the window. Shares are of the window (0–1): active, momentary, sole, shifting.

    `limiting_hours`, `pressed_hours`, `waited_hours`: by block of the window, for the resamples. `variation_*`:
    squared coefficients of variation; `mean_service_hours`: of the `services` places given back, the work done.
    `little` is the check of the whole pool, `little_of` that of each stage (by position) that was in use.
    """

    usage: Usage
    active_share: float
    momentary_share: float
    sole_share: float
    shifting_share: float
    little: LittleCheck
    little_of: Mapping[int, LittleCheck]
    limiting_hours: Sequence[float]
    pressed_hours: Sequence[float]
    waited_hours: Sequence[float]
    mean_service_hours: float
    services: int
    variation_service: float
    variation_arrivals: float
    stretches: tuple[ActiveStretch, ...]
    recent: Recent

    def _stages(self) -> list[dict[str, Any]]:
        return [
            {
                "position": position,
                "adds_up": check.adds_up,
                "mean_number": round(check.mean_number, 3),
                "mean_hours": round(check.mean_hours, 3),
            }
            for position, check in self.little_of.items()
            if check.is_in_use or not check.adds_up
        ]

    def evidence(self, named_share: float) -> dict[str, Any]:
        """What is kept with the pool's state: its numbers, how often resamples name it, and when it was active."""
        stretches = [[one.kind, one.start.isoformat(), one.end.isoformat()] for one in self.stretches]
        return self.numbers() | {"named_share": round(named_share, 3), "stretches": stretches}

    @property
    def limiting_share(self) -> float:
        """By how much of the window the pool was a bottleneck, alone or not: what Roser ranks by."""
        return self.sole_share + self.shifting_share

    def numbers(self) -> dict[str, Any]:
        """For the evidence, JSON-ready."""
        return {
            "utilisation": _rounded(self.usage.utilisation),
            "blocked_share": _rounded(self.usage.blocked_share),
            "starved_share": _rounded(self.usage.starved_share),
            "active_share": round(self.active_share, 3),
            "momentary_share": round(self.momentary_share, 3),
            "sole_share": round(self.sole_share, 3),
            "shifting_share": round(self.shifting_share, 3),
            "little": self.little.evidence() | {"stages": self._stages()},
        }


def measure_line(
    pools: Mapping[str, PoolFacts], now: datetime, window_hours: float = WINDOW_HOURS
) -> dict[str, PoolMeasures]:
    """The measures of every pool (by code) of one line: active periods are only told against those of the others."""
    opened = window_of(now, window_hours)
    codes = sorted(pools)
    times = {code: sweep(pools[code], opened, now) for code in codes}
    active = _active(pools, times, codes)
    found = find_bottlenecks(active)
    shares = shares_of(active, found, len(codes), micros(opened), micros(now))
    return {
        code: _measure(pools[code], times[code], index, (active, found, shares), (opened, now))
        for index, code in enumerate(codes)
    }


def _active(pools: Mapping[str, PoolFacts], times: Mapping[str, PoolTime], codes: Sequence[str]) -> ActivePeriods:
    spans = [active_intervals(times[code], pools[code].fallback_service_hours) for code in codes]
    of = np.repeat(np.arange(len(codes)), [len(start) for start, _ in spans])
    empty = np.empty(0, dtype=np.int64)
    starts = np.concatenate([empty, *(start for start, _ in spans)])
    return unbroken(of, starts, np.concatenate([empty, *(end for _, end in spans)]))


def _measure(
    facts: PoolFacts, time: PoolTime, index: int, line: tuple[ActivePeriods, Bottlenecks, Shares],
    window: tuple[datetime, datetime],
) -> PoolMeasures:  # fmt: skip
    active, found, shares = line
    opened, now = window
    whole = micros(now) - micros(opened)
    of_stages = check_by_stage(facts.stayed, opened, now)
    little = together(of_stages.values(), whole / HOUR)
    mine = found.resource == index
    ones = np.ones(int(mine.sum()), dtype=np.int64)
    services, mean, variation = _service(facts, opened, now)
    return PoolMeasures(
        usage=_usage(time, little if len(facts.stayed.start) else None),
        active_share=int(shares.active[index]) / whole,
        momentary_share=int(shares.momentary[index]) / whole,
        sole_share=int(shares.sole[index]) / whole,
        shifting_share=int(shares.shifting[index]) / whole,
        little=little,
        little_of=of_stages,
        limiting_hours=by_block(found.start[mine], found.end[mine], ones, opened, now),
        pressed_hours=by_block(time.start, time.end, time.is_pressed.astype(np.int64), opened, now),
        waited_hours=by_block(time.start, time.end, time.queue, opened, now),
        mean_service_hours=mean,
        services=services,
        variation_service=variation,
        variation_arrivals=_arrivals(facts, opened, now),
        stretches=_stretches(active, found, index),
        recent=_recent(time, found.start[mine], found.end[mine], now),
    )


def _recent(time: PoolTime, start: Micros, end: Micros, now: datetime) -> Recent:
    days = now - timedelta(days=RECENT_DAYS), now, RECENT_DAYS
    taken = by_block(time.start, time.end, time.busy, *days)
    offered = by_block(time.start, time.end, time.places, *days)
    return Recent(
        pressed=by_block(time.start, time.end, time.is_pressed.astype(np.int64), *days),
        limiting=by_block(start, end, np.ones(len(start), dtype=np.int64), *days),
        used=[hours / of if of else 0.0 for hours, of in zip(taken, offered, strict=True)],
    )


def _usage(time: PoolTime, little: LittleCheck | None) -> Usage:
    length = time.length
    offered = int((time.places * length).sum())
    if not offered:
        return Usage(None, None, None)
    held = int((time.busy * length).sum())
    free = np.where(time.queue == 0, np.maximum(time.places - time.busy, 0), 0)
    worked = little.present * little.mean_hours * HOUR if little else held
    return Usage(held / offered, max(held - worked, 0) / offered, int((free * length).sum()) / offered)


def _service(facts: PoolFacts, opened: datetime, now: datetime) -> tuple[int, float, float]:
    """Of the places given back in the window with the work done: how many, mean hours held, and Cs²."""
    start, end, completed = facts.held
    counts = completed & (end > micros(opened)) & (end <= micros(now)) & (start < end)
    held = ((end - start)[counts] / HOUR).tolist()
    if len(held) < FEWEST_FOR_VARIATION:
        return len(held), facts.fallback_service_hours, 1.0
    return len(held), fmean(held), _variation(held)


def _arrivals(facts: PoolFacts, opened: datetime, now: datetime) -> float:
    ready = facts.waited.ready
    came = np.sort(ready[(ready > micros(opened)) & (ready <= micros(now))])
    between = (np.diff(came) / HOUR).tolist()
    return _variation(between) if len(between) >= FEWEST_FOR_VARIATION else 1.0


def _variation(values: Sequence[float]) -> float:
    """Squared coefficient of variation."""
    mean = fmean(values)
    return fmean([(value - mean) ** 2 for value in values]) / mean**2 if mean else 1.0


def _stretches(active: ActivePeriods, found: Bottlenecks, index: int) -> tuple[ActiveStretch, ...]:
    """When the pool was active, told apart by what it then was to the line; in the order of time."""
    limiting = {}
    for column in np.flatnonzero(found.resource == index)[-MOST_STRETCHES:]:
        start, end, alone_from, alone_until = (
            int(moments[column]) for moments in (found.start, found.end, found.alone_from, found.alone_until)
        )
        if alone_from < alone_until:
            parts = [(SHIFTING, start, alone_from), (SOLE, alone_from, alone_until), (SHIFTING, alone_until, end)]
        else:
            parts = [(SHIFTING, start, end)]
        limiting[start] = [part for part in parts if part[1] < part[2]]
    stretches = []
    for column in np.flatnonzero(active.resource == index)[-MOST_STRETCHES:]:
        start, end = int(active.start[column]), int(active.end[column])
        stretches += limiting.get(start, [(ACTIVE, start, end)])
    return tuple(ActiveStretch(kind, moment_of(start), moment_of(end)) for kind, start, end in stretches)


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 3)
