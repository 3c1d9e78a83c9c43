"""Little's law, L = λW, as a running check of the record: does what went in, stayed and came out add up?

Over a finite window it is an identity, not an estimate (Little 2011, Oper. Res. 59(3), 536–549; Stidham 1974): the
time-average number at work, counted from starts and ends as reported, times the window equals the time that the runs
present spent in it. Censoring does not disturb it, for both sides count a run only while it was in the window.
Where they differ the record is wrong, and the flaws of the intervals say how. Pure; whole microseconds.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batches.judgement.rules.moments import HOUR, NEVER, Micros, micros
from batches.lines.rules.intervals import Flaw, StageInterval
from batches.lines.rules.pool_facts import Stays, order_text, stays_of

MOST_EXAMPLES = 3
WORDS = {
    Flaw.ENDED_BEFORE_BEGUN: ("ended before it began", "ended before they began"),
    Flaw.START_MISSING: ("ended but was never reported to have begun", "ended but were never reported to have begun"),
    Flaw.END_MISSING: ("must have ended but no end was reported", "must have ended but no end was reported"),
}


@dataclass(frozen=True, slots=True)
class LittleCheck:
    """L = λW of the runs at work in one pool, or one stage, over a window.

    `mean_number` L: time-average of starts less ends, as reported. `present` runs were at work at some time of the
    window, on average `mean_hours` inside it (W′), so that L = present × mean_hours ÷ window where all adds up.
    `at_opening + arrivals − departures = at_end` is the balance of flow; `gap_hours` and `gap_number` are what is
    left of the two identities, both 0 for a sound record. `carried_in` runs were under way at the opening,
    `censored` ones still are.
    """

    window_hours: float
    mean_number: float
    present: int
    mean_hours: float
    arrivals: int
    departures: int
    at_opening: int
    at_end: int
    carried_in: int
    censored: int
    gap_hours: float
    gap_number: int
    flaws: dict[Flaw, int]
    examples: tuple[tuple[str, int, Flaw], ...] = ()

    @property
    def adds_up(self) -> bool:
        """Whether both identities hold, to the microsecond and to the run."""
        return not self.gap_hours and not self.gap_number and not self.flaws

    @property
    def finding(self) -> str:
        """What of the record is likely wrong, in one line; empty: it adds up."""
        if self.adds_up:
            return ""
        said = [f"{number} {'run' if number == 1 else 'runs'} {WORDS[flaw][number > 1]}"
                for flaw, number in sorted(self.flaws.items())]  # fmt: skip
        return f"The record does not add up by {abs(self.gap_hours):.1f} hours, all orders together: {', '.join(said)}"

    @property
    def is_in_use(self) -> bool:
        """Whether anything was at work, or went in or out, in the window."""
        return bool(self.present or self.arrivals or self.departures)

    def evidence(self) -> dict[str, Any]:
        """The check as JSON."""
        return {
            "window_hours": self.window_hours,
            "adds_up": self.adds_up,
            "mean_number": round(self.mean_number, 3),
            "present": self.present,
            "mean_hours": round(self.mean_hours, 3),
            "arrivals": self.arrivals,
            "departures": self.departures,
            "at_opening": self.at_opening,
            "at_end": self.at_end,
            "carried_in": self.carried_in,
            "censored": self.censored,
            "gap_hours": round(self.gap_hours, 3),
            "gap_number": self.gap_number,
            "finding": self.finding,
            "examples": [{"order": order, "position": place, "flaw": flaw} for order, place, flaw in self.examples],
        }


def check_by_stage(
    intervals: Sequence[StageInterval] | Stays, opened: datetime, now: datetime
) -> dict[int, LittleCheck]:
    """The check of each stage (by its position in the flow) apart."""
    stays = stays_of(intervals)
    return {
        int(position): check_little(stays.some(stays.position == position), opened, now)
        for position in np.unique(stays.position)
    }


def together(checks: Collection[LittleCheck], window_hours: float) -> LittleCheck:
    """The check of several stages as one: of a pool from those that share it. Numbers add up; so do the identities."""
    present = sum(check.present for check in checks)
    hours = sum(check.present * check.mean_hours for check in checks)
    flaws: Counter[Flaw] = Counter()
    for check in checks:
        flaws.update(check.flaws)
    return LittleCheck(
        window_hours=window_hours,
        mean_number=sum(check.mean_number for check in checks),
        present=present,
        mean_hours=hours / present if present else 0.0,
        arrivals=sum(check.arrivals for check in checks),
        departures=sum(check.departures for check in checks),
        at_opening=sum(check.at_opening for check in checks),
        at_end=sum(check.at_end for check in checks),
        carried_in=sum(check.carried_in for check in checks),
        censored=sum(check.censored for check in checks),
        gap_hours=sum(check.gap_hours for check in checks),
        gap_number=sum(check.gap_number for check in checks),
        flaws=dict(flaws),
        examples=tuple(sorted(example for check in checks for example in check.examples)[:MOST_EXAMPLES]),
    )


def check_little(intervals: Sequence[StageInterval] | Stays, opened: datetime, now: datetime) -> LittleCheck:
    """Hold the runs at work between `opened` and `now` against Little's law. What lies ahead counts when it comes."""
    known = stays_of(intervals)
    begun = known.some((known.start < NEVER) | (known.end < NEVER))
    start, end, left = begun.start, begun.end, np.minimum(begun.end, begun.left_by)
    low, high = micros(opened), micros(now)
    # As reported: every start brings one in, every end takes one out, whatever belongs together.
    area = int(_time_after(start, low, high).sum() - _time_after(end, low, high).sum())
    # As it must have been: a run is at work from its start until it ended or had left.
    sound = start < NEVER
    stayed = np.where(sound, np.maximum(_clip(left, low, high) - _clip(start, low, high), 0), 0)
    at_end = int((sound & (start <= high) & (left > high)).sum())
    at_opening, arrivals, departures = _flow(start, end, low, high)
    flawed = _flawed(begun, np.maximum(np.where(sound, start, low), np.where(end < NEVER, end, high)) > low)
    window = high - low
    present = int(((stayed > 0) | ((start > low) & (start <= high) & sound)).sum())
    return LittleCheck(
        window_hours=window / HOUR,
        mean_number=area / window,
        present=present,
        mean_hours=int(stayed.sum()) / HOUR / present if present else 0.0,
        arrivals=arrivals,
        departures=departures,
        at_opening=at_opening,
        at_end=at_end,
        carried_in=int((sound & (start <= low) & (left > low)).sum()),
        censored=at_end,
        gap_hours=(area - int(stayed.sum())) / HOUR,
        gap_number=at_opening + arrivals - departures - at_end,
        flaws=dict(Counter(flaw for _, _, flaw in flawed)),
        examples=tuple(sorted(flawed)[:MOST_EXAMPLES]),
    )


def _flow(start: Micros, end: Micros, low: int, high: int) -> tuple[int, int, int]:
    """Number at work when the window opened, starts and ends in it, as reported."""
    at_opening = int((start <= low).sum()) - int((end <= low).sum())
    arrivals = int(((start > low) & (start <= high)).sum())
    departures = int(((end > low) & (end <= high)).sum())
    return at_opening, arrivals, departures


def _flawed(begun: Stays, touches: NDArray[np.bool_]) -> list[tuple[str, int, Flaw]]:
    """The runs with a flaw that touches the window (`StageInterval.flaw`, for all at once)."""
    has_begun, has_ended = begun.start < NEVER, begun.end < NEVER
    flaws = {
        Flaw.END_MISSING: has_begun & ~has_ended & (begun.left_by < NEVER),
        Flaw.START_MISSING: ~has_begun & has_ended,
        Flaw.ENDED_BEFORE_BEGUN: has_begun & has_ended & (begun.end < begun.start),
    }
    return [
        (order_text(begun.order[row]), int(begun.position[row]), flaw)
        for flaw, rows in flaws.items()
        for row in np.flatnonzero(rows & touches)
    ]


def _clip(moments: Micros, low: int, high: int) -> Micros:
    return np.clip(moments, low, high)


def _time_after(moments: Micros, low: int, high: int) -> Micros:
    """What is left of the window after each moment."""
    return high - _clip(moments, low, high)
