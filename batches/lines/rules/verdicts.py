"""What was said of a line, and what came of it: the weeks after a verdict, read by themselves. Pure.

A verdict is a forecast: this pool, or none, limits the line. It is held against the four weeks that follow it
(docs/judgement/bottleneck.md): only time after it counts, so that what it was made from is not scored again.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np

from batches.judgement.rules.moments import HOUR, micros
from batches.judgement.rules.spans import week_of
from batches.lines.rules.bottlenecks import ENTER_SHARE, BottleneckFinding
from batches.lines.rules.pool_facts import PoolFacts, capacity_at
from batches.lines.rules.pool_time import sweep
from batches.lines.rules.pools import WINDOW_HOURS, pressed_share

# The longest window that a verdict is made from is as long.
FOLLOWED = timedelta(hours=4 * WINDOW_HOURS)
# Reports come in batches: what a source says within a day still counts.
REPORT_GRACE = timedelta(days=1)
# By so much the confidence moves before the same sentence counts as another verdict.
CONFIDENCE_STEP = 0.05


class ToldVerdict(NamedTuple):
    """What a review says of a line: code of the pool named (empty: none), codes of those it is not told apart from, how
    sure that is (0–1, None: not said) and from how many hours of the past."""

    pool: str
    rivals: tuple[str, ...]
    confidence: float | None
    window_hours: float

    def is_news_after(self, before: "ToldVerdict") -> bool:
        """Whether readers are told something else than before."""
        if (self.pool, self.rivals) != (before.pool, before.rivals):
            return True
        ours, theirs = self.confidence, before.confidence
        if ours is None or theirs is None:
            return ours is not theirs
        # Stored and compared in whole hundredths: 0.05 is 0.05.
        return round(abs(ours - theirs), 3) >= CONFIDENCE_STEP


class AfterVerdict(NamedTuple):
    """Of a pool, in the weeks after a verdict: how much of its place-hours open was taken, and the share of the weeks
    during which it was full with a queue (0–1); order-hours of waits that began in them."""

    used: float
    pressed_share: float
    waited_hours: float

    def evidence(self) -> dict[str, float]:
        """JSON-ready."""
        return {
            "used": round(self.used, 3),
            "pressed_share": round(self.pressed_share, 3),
            "waited_hours": round(self.waited_hours, 2),
        }


def verdict_in(finding: BottleneckFinding) -> ToldVerdict:
    """What the finding says to its readers."""
    evidence: Mapping[str, Any] = finding.evidence
    rivals = tuple(evidence.get("not_told_apart", ()))
    return ToldVerdict(finding.pool, rivals, evidence.get("confidence"), evidence["window_hours"])


def opens_week(now: datetime, before: datetime | None) -> bool:
    """Whether a verdict of `now` is the first of its ISO week (UTC), the one before being from `before`."""
    return before is None or week_of(before) != week_of(now)


def after(pools: Mapping[str, PoolFacts], said_at: datetime) -> dict[str, AfterVerdict]:
    """What the weeks after a verdict came to at each pool."""
    closed = said_at + FOLLOWED
    return {code: _after(facts, said_at, closed) for code, facts in pools.items()}


def _after(facts: PoolFacts, opened: datetime, closed: datetime) -> AfterVerdict:
    time = sweep(facts, opened, closed)
    offered = int((time.places * time.length).sum())
    pressed = pressed_share(facts, opened, closed)
    ready, left = facts.waited.ready, np.minimum(facts.waited.left, micros(closed))
    begun = (ready > micros(opened)) & (ready <= micros(closed))
    waited = int(np.maximum(left - ready, 0)[begun].sum())
    # Where no place was open all that was asked for could not be had.
    used = int((time.busy * time.length).sum()) / offered if offered else pressed
    return AfterVerdict(used, pressed, waited / HOUR)


def limited(seen: Mapping[str, AfterVerdict]) -> str:
    """The pool that limited those weeks: used most, of equals (in whole per cent) the one that most was waited for."""
    return max(sorted(seen), key=lambda code: (round(seen[code].used, 2), seen[code].waited_hours), default="")


def was_held_up(seen: Mapping[str, AfterVerdict]) -> bool:
    """Whether some pool was full with a queue for as long as one must be to be named."""
    return any(one.pressed_share >= ENTER_SHARE for one in seen.values())


def changed_places(pools: Mapping[str, PoolFacts], said_at: datetime) -> list[str]:
    """The pools whose places changed in the weeks after: whoever acts on a verdict makes it untrue."""
    return sorted(code for code, facts in pools.items() if _changes(facts, said_at, said_at + FOLLOWED))


def _changes(facts: PoolFacts, opened: datetime, closed: datetime) -> bool:
    before = capacity_at(facts.steps, opened, opened)
    return any(places != before for at, places in facts.steps if opened < at <= closed)
