"""A week often tells too little of which pool limits a line: then more of the past decides, as far as needed.

Pure. Who is a candidate is always judged on the last week (bottlenecks.py); the choice between several, and how clearly
the one is used more than the others, rest on the longer view.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from batches.judgement.rules.moments import HOUR, micros
from batches.lines.rules.bottlenecks import candidates_of
from batches.lines.rules.line_pools import LinePool, LongView
from batches.lines.rules.measures import PoolMeasures, measure_line
from batches.lines.rules.pool_facts import PoolFacts
from batches.lines.rules.pools import WINDOW_HOURS

# Of fewer places given back the hours waited say little of who limits the line: their load is known to a tenth at best.
ENOUGH_COMPLETIONS = 100
LONGEST_WINDOW_HOURS = 4 * WINDOW_HOURS
WINDOWS = (WINDOW_HOURS, 2 * WINDOW_HOURS, LONGEST_WINDOW_HOURS)


def needs_longer_view(pools: Sequence[LinePool]) -> bool:
    """Whether some pool comes into question and the week holds too little of it to tell it from the others."""
    return len(pools) > 1 and any(pool.review.completions < ENOUGH_COMPLETIONS for pool in candidates_of(pools))


def with_longer_view(pools: Sequence[LinePool], facts: Mapping[str, PoolFacts], now: datetime) -> list[LinePool]:
    """The same pools, with what `facts` (of the longest window, by pool code) say of their waits and active periods.

    The window is the shortest that holds enough of each candidate, and no longer than there is anything to read.
    """
    hours = _window(facts, [pool.code for pool in candidates_of(pools)], now)
    if hours <= WINDOW_HOURS:
        return list(pools)
    measures = measure_line(facts, now, hours)
    return [replace(pool, longer=_view(measures[pool.code], hours)) for pool in pools]


def _view(of: PoolMeasures, hours: float) -> LongView:
    return LongView(hours, of)


def _window(facts: Mapping[str, PoolFacts], candidates: Sequence[str], now: datetime) -> float:
    begun = [int(of.waited.ready.min()) for of in facts.values() if len(of.waited.ready)]
    known = (micros(now) - min(begun, default=micros(now))) / HOUR
    for hours in WINDOWS:
        opened = now - timedelta(hours=hours)
        if all(_completions(facts[code], opened, now) >= ENOUGH_COMPLETIONS for code in candidates):
            return min(hours, known)
    return min(LONGEST_WINDOW_HOURS, known)


def _completions(facts: PoolFacts, opened: datetime, now: datetime) -> int:
    return int(((facts.held.end > micros(opened)) & (facts.held.end <= micros(now))).sum())
