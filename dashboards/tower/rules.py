"""What should happen today, what should have happened already, and why one thing to do comes before another."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple, Self
from uuid import UUID

from batches.judgement.statuses import Harm

# A line is forecast at least once an hour, and whenever something is heard of its orders.
FORECAST_OLD_AFTER = timedelta(minutes=75)
# Orders are judged within seconds of their moment; after a storm of reports it may take a minute.
UNJUDGED_AFTER = timedelta(minutes=2)
# From the evening on a shift wants to know how the next morning begins.
EARLY_UNTIL = time(10)


class Expectation(StrEnum):
    """What is expected; its value is what a row says of it."""

    START = "starts"
    END = "ends"
    PICKUP = "pickup"
    DELIVERY = "delivery"
    COLD_ENDS = "cold guaranteed no longer"
    PROMISE = "Promised ready to infuse"
    WANTED = "Wanted ready to infuse"


class DayPart(StrEnum):
    """A part of the day."""

    OVERDUE = "overdue"
    TODAY = "today"
    TOMORROW = "tomorrow"


OVERDUE_WORDS = {Expectation.START: "has not begun", Expectation.END: "has not ended"}

# Rows shown of each part, on a desk and on a wall; with everything asked for, somewhere a list must end.
SHOWN = {DayPart.OVERDUE: 6, DayPart.TODAY: 12, DayPart.TOMORROW: 6}
SHOWN_ON_WALL = SHOWN | {DayPart.OVERDUE: 3}
SHOWN_AT_MOST = dict.fromkeys(DayPart, 300)


@dataclass(frozen=True, slots=True)
class DayTimes:
    """Now, the midnight to come and the next morning, as a person's zone has them."""

    now: datetime
    midnight: datetime
    early_tomorrow: datetime

    @classmethod
    def of(cls, now: datetime, zone: tzinfo) -> Self:
        """Those of `zone`."""
        tomorrow = now.astimezone(zone).date() + timedelta(days=1)
        return cls(now, datetime.combine(tomorrow, time(0), zone), datetime.combine(tomorrow, EARLY_UNTIL, zone))


@dataclass(frozen=True, slots=True)
class Expected:
    """One thing that has a moment and has not happened; `who`: the site or courier whose turn it is.

    `of`: how many of its sort there are in its part of the day; `is_stopped`: its order must not go on; `is_on_hold`:
    it waits until the hold of its order is lifted.
    """

    due: datetime
    what: Expectation
    order_id: UUID
    coi: str
    patient_reference: str
    stage: str
    who: str
    part: DayPart
    of: int = 1
    is_stopped: bool = False
    is_on_hold: bool = False

    @property
    def must_not_start(self) -> bool:
        """Whether it is a start that waits for a flag or a hold to end."""
        return self.what in (Expectation.START, Expectation.PICKUP) and (self.is_stopped or self.is_on_hold)

    @property
    def is_late(self) -> bool:
        """Whether somebody is late with it once its moment has passed: the end of a guarantee only was."""
        return self.what != Expectation.COLD_ENDS

    @property
    def words(self) -> str:
        """What a row says of it: of a stage that is overdue, what has not happened."""
        overdue = OVERDUE_WORDS if self.part == DayPart.OVERDUE else {}
        return overdue.get(self.what, self.what.value)

    @property
    def is_verb(self) -> bool:
        """Whether the words go on from the stage's name."""
        return self.what in OVERDUE_WORDS


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the day; `rows` are those shown, `total` counts all."""

    rows: Sequence[Expected]
    total: int

    @property
    def hidden(self) -> int:
        """How many are not shown."""
        return self.total - len(self.rows)


@dataclass(frozen=True, slots=True)
class Day:
    """Overdue, still to come today, and early tomorrow, each in the order of time."""

    overdue: Section
    today: Section
    tomorrow: Section

    @property
    def total(self) -> int:
        """Everything, shown or not."""
        return self.overdue.total + self.today.total + self.tomorrow.total

    @property
    def hidden(self) -> int:
        """How many are not shown."""
        return self.overdue.hidden + self.today.hidden + self.tomorrow.hidden


def day_of(rows: Iterable[Expected], shown: dict[DayPart, int]) -> Day:
    """The rows by part of the day. Of what is overdue the newest are shown: for the older ones flags stand."""
    ordered = sorted(rows, key=lambda row: (row.due, row.coi, row.what))
    return Day(*(_section([row for row in ordered if row.part == part], part, shown[part]) for part in DayPart))


def _section(rows: Sequence[Expected], part: DayPart, most: int) -> Section:
    # Starts and ends of stages are counted together, as are pickups and deliveries: one sort each.
    totals = {_sort(row.what): row.of for row in rows}
    nearest = rows[-most:] if part == DayPart.OVERDUE else rows[:most]
    return Section(nearest, sum(totals.values()))


def _sort(what: Expectation) -> Expectation:
    return {Expectation.END: Expectation.START, Expectation.DELIVERY: Expectation.PICKUP}.get(what, what)


# How a flag stands to its time: done in time within this shift, over, or with longer than that.
IN_TIME, OVER, LATER = 0, 1, 2


class FirstRank(NamedTuple):
    """By what a flag stands among those to act on first (do_first.py): whether it is not this shift's, the place of its
    class of harm, how it stands to its time, and that class."""

    is_later: bool
    chance: int
    timing: int
    harm: int


def before_words(one: FirstRank, following: FirstRank) -> str:
    """Why `one` stands before the `following`: by the first in which they differ."""
    if one.is_later != following.is_later:
        return "critical, the next is not"
    if one.chance != following.chance:
        if one.harm == Harm.DOSE_BEING_GIVEN:
            return "it is being given now"
        if following.harm == Harm.DOSE_IN_DOUBT:
            return "this can still be stopped, a dose that was given cannot"
        return "its harm is graver than the next one’s"
    if one.timing != following.timing:
        return "it can still be done in time" if following.timing == OVER else "the next has longer than this shift"
    if one.harm == Harm.DOSE_BEING_GIVEN:
        return "its infusion began first"
    return "it may be given sooner" if one.harm == Harm.DOSE_TO_STOP else "its moment comes first"
