"""By when a hold must be decided: one rule for the flag about it and for what happens next."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from operator import itemgetter
from typing import NamedTuple, Protocol

# A hold is a decision that waits for somebody; nobody should need more than three days.
LONGEST_HOLD = timedelta(days=3)
# What quality assurance is asked once cells have waited longer than they may.
JUDGE_CELLS = "decide whether the cells may still be used"


class HoldLimit(StrEnum):
    """What says by when, in words: the cells that it keeps, what is booked for its stage, or how long a hold may stand;
    `UNKNOWN`: nothing does, for it is not known since when it stands."""

    CELLS = "until then the cells may wait"
    START = "its booked start"
    END = "its booked end"
    USUAL = "a hold is to be decided within 3 days"
    UNKNOWN = "no deadline known"


class DecideBy(NamedTuple):
    """By when (None: not known), and what says so."""

    due: datetime | None
    limit: HoldLimit


class PlannedRun(Protocol):
    """A stage's run with what was booked or planned for it."""

    @property
    def started_at(self) -> datetime | None: ...

    @property
    def expected_start(self) -> datetime | None: ...

    @property
    def expected_end(self) -> datetime | None: ...


def decide_by(held_at: datetime | None, cells: datetime | None, runs: Iterable[PlannedRun]) -> DecideBy:
    """What comes first: the limit of the `cells`, the booked start (once it has begun: the planned end) of one of the
    `runs` that the hold keeps, or LONGEST_HOLD. A plan that had passed when the hold began says nothing of it."""
    known = [(cells, HoldLimit.CELLS)] if cells else []
    if held_at:
        planned = [
            (run.expected_end, HoldLimit.END) if run.started_at else (run.expected_start, HoldLimit.START)
            for run in runs
        ]
        known += [(moment, limit) for moment, limit in planned if moment and moment > held_at]
        known.append((held_at + LONGEST_HOLD, HoldLimit.USUAL))
    return DecideBy(*min(known, key=itemgetter(0))) if known else DecideBy(None, HoldLimit.UNKNOWN)
