"""Figures of a line's stages: load and queue now, time in stage, work in progress, throughput. Pure.

Waiting (ready → started) and working (started → completed) are never added up (DOMAIN §7). Hours are floats.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from typing import NamedTuple

HOUR = timedelta(hours=1)
# The ages of a queue: up to 6 h, to a day, to two, to four, and longer.
AGE_LIMITS = (6.0, 24.0, 48.0, 96.0)
AGE_NAMES = ("under 6 h", "6–24 h", "1–2 d", "2–4 d", "over 4 d")
# Up to this many weeks work in progress is counted every day; a longer time is counted at the start of each week.
MOST_DAILY_WEEKS = 8
# Widths of a histogram's bars in hours, from which the first is taken that needs no more than so many bars.
BAR_HOURS = (0.5, 1.0, 2.0, 4.0, 6.0, 12.0, 24.0, 48.0, 96.0, 168.0, 336.0, 720.0, 2160.0)
MOST_BARS = 12
DAY_HOURS = 24.0


class StageRow(NamedTuple):
    """One stage of one flow, as stored."""

    code: str
    name: str
    position: int
    pool: str
    planned_hours: float
    longest_wait_hours: float | None
    is_current: bool


@dataclass(frozen=True, slots=True)
class ShownStage:
    """A stage as its flows know it: those that share a code share the row. `permitted`: longest waits, distinct."""

    code: str
    name: str
    position: int
    pool: str
    planned: tuple[float, ...]
    permitted: tuple[float, ...]
    is_current: bool


@dataclass(frozen=True, slots=True)
class Load:
    """What is at a stage now. `booked`: how many wait for a moment to come, and so for nobody, `booked_past`: of these,
    past the permitted wait; `within`, `past`: how many of the others of each age, within and past the permitted wait;
    `oldest_hours`, `median_hours`: of their waits so far, of one that was booked from its moment on.
    """

    running: int = 0
    held: int = 0
    booked: int = 0
    booked_past: int = 0
    within: Sequence[int] = (0,) * len(AGE_NAMES)
    past: Sequence[int] = (0,) * len(AGE_NAMES)
    oldest_hours: float | None = None
    median_hours: float | None = None

    @property
    def waiting(self) -> int:
        """Orders that could start and have not."""
        return sum(self.within) + sum(self.past) + self.booked

    @property
    def past_permitted(self) -> int:
        """How many wait longer than they may."""
        return sum(self.past) + self.booked_past

    @property
    def is_idle(self) -> bool:
        """Whether nothing is here."""
        return not (self.running or self.held or self.waiting)


class Times(NamedTuple):
    """Time in a stage over a window, of the runs completed in it: medians and nine-in-ten values, in hours."""

    completed: int = 0
    waits: int = 0
    wait_median: float | None = None
    wait_p90: float | None = None
    works: int = 0
    work_median: float | None = None
    work_p90: float | None = None


class PresenceChange(NamedTuple):
    """A run came to (+) or left (−) a part of a stage between moment number `bucket` and the next."""

    stage: str
    part: str
    bucket: int
    by: int


def merge_stages(rows: Iterable[StageRow]) -> list[ShownStage]:
    """Stages in flow order. Where flows number a shared stage differently the larger number stands, so that a stage
    that only one flow has stays before those that wait for it (as on the flow board). Stages of old flow versions
    come last."""
    by_code: dict[str, list[StageRow]] = {}
    for row in rows:
        by_code.setdefault(row.code, []).append(row)
    facts = [_merged([row for row in same if row.is_current] or same) for same in by_code.values()]
    return sorted(facts, key=lambda stage: (not stage.is_current, stage.position, stage.code))


def _merged(same: Sequence[StageRow]) -> ShownStage:
    return ShownStage(
        code=same[0].code,
        name=same[0].name,
        position=max(row.position for row in same),
        pool=same[0].pool,
        planned=tuple(sorted({row.planned_hours for row in same})),
        permitted=tuple(sorted({row.longest_wait_hours for row in same if row.longest_wait_hours is not None})),
        is_current=same[0].is_current,
    )


def age_hours(age: int) -> tuple[float, float | None]:
    """From where to where an age goes; None: without end."""
    edges = (0.0, *AGE_LIMITS)
    return edges[age], AGE_LIMITS[age] if age < len(AGE_LIMITS) else None


def week_starts(now: datetime, weeks: int, zone: tzinfo) -> list[datetime]:
    """The Monday midnights in `zone` that begin the newest `weeks` weeks, the current one included."""
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    return [_midnight(monday - timedelta(weeks=back), zone) for back in reversed(range(weeks))]


def moments(now: datetime, weeks: int, zone: tzinfo) -> list[datetime]:
    """When work in progress is counted: every midnight, of a long time every Monday's, and now."""
    starts = week_starts(now, weeks, zone)
    if weeks <= MOST_DAILY_WEEKS:
        first = starts[0].astimezone(zone).date()
        days = (now.astimezone(zone).date() - first).days
        starts = [_midnight(first + timedelta(days=day), zone) for day in range(days + 1)]
    return [*(start for start in starts if start < now), now]


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)


def counts_at(changes: Iterable[PresenceChange], points: int) -> dict[tuple[str, str], list[int]]:
    """How many were in each part of each stage at each of `points` moments."""
    steps: dict[tuple[str, str], list[int]] = {}
    for change in changes:
        row = steps.setdefault((change.stage, change.part), [0] * (points + 1))
        row[min(change.bucket, points)] += change.by
    return {key: _cumulated(row[:points]) for key, row in steps.items()}


def _cumulated(row: Iterable[int]) -> list[int]:
    total, sums = 0, []
    for value in row:
        total += value
        sums.append(total)
    return sums


def counts_by_week(rows: Iterable[tuple[str, int, int]], weeks: int) -> dict[str, list[int]]:
    """Completed per week from (stage, number of the week from 1, how many)."""
    found: dict[str, list[int]] = {}
    for stage, week, count in rows:
        if 1 <= week <= weeks:
            found.setdefault(stage, [0] * weeks)[week - 1] += count
    return found


def bar_edges(*usual: float | None) -> list[float]:
    """Edges in hours of a histogram that shows all of `usual` with room above; the last bar has no end."""
    top = 1.25 * max((hours for hours in usual if hours), default=DAY_HOURS)
    width = next((width for width in BAR_HOURS if top / width <= MOST_BARS), BAR_HOURS[-1])
    bars = min(MOST_BARS, max(1, -int(-top // width)))
    return [width * bar for bar in range(bars + 1)]


def bar_names(edges: Sequence[float]) -> list[str]:
    """What stands below the bars: in days where every edge is a whole number of days and some are long."""
    in_days = all(edge % DAY_HOURS == 0 for edge in edges) and edges[-1] > 2 * DAY_HOURS
    unit, size = ("d", DAY_HOURS) if in_days else ("h", 1.0)
    ends = [f"{edge / size:g}" for edge in edges]
    between = [f"{low}–{high} {unit}" for low, high in pairwise(ends)]
    return [*between, f"over {ends[-1]} {unit}"]


def shown_stages(
    stages: Iterable[ShownStage], loads: Mapping[str, Load], times: Mapping[str, Times]
) -> list[ShownStage]:
    """The stages of the current flows, and those of older ones that still have something to show."""
    return [stage for stage in stages if stage.is_current or stage.code in loads or stage.code in times]
