"""By when a hold must be decided: one rule for the flag about it and for what happens next."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from operator import itemgetter
from typing import NamedTuple, Protocol

from supplychain.flows.rules.plans import StagePlan
from supplychain.orders.rules.agreed_ends import AgreedEnd
from supplychain.orders.statuses import StageStatus

# A hold is a decision that waits for somebody; nobody should need more than three days.
LONGEST_HOLD = timedelta(days=3)
# What quality assurance is asked once cells have waited longer than they may.
JUDGE_CELLS = "decide whether the cells may still be used"


class HoldLimit(StrEnum):
    """What says by when, in words: the cells that it keeps, what is booked for its stage, when work that had begun
    ends at the latest, or how long a hold may stand; `BEGUN`: until when the cells could have waited of what began
    although it was on hold; `UNKNOWN`: nothing does: it is not known since when it stands."""

    BEGUN = "the limit of the cells before work began in spite of it"
    CELLS = "the end of the cells’ permitted wait"
    START = "its booked start"
    END = "its booked end"
    WORST = "the end of its worst case"
    FOLLOWS = "the time for what must follow the work under way"
    USUAL = "a hold is to be decided within 3 days"
    UNKNOWN = "no deadline known"


# A moment of the stage itself says by when.
OF_STAGE = (HoldLimit.START, HoldLimit.END, HoldLimit.WORST, HoldLimit.FOLLOWS)


class DecideBy(NamedTuple):
    """By when (None: not known), and what says so."""

    due: datetime | None
    limit: HoldLimit


class PlannedRun(Protocol):
    """A stage's run with what was booked or planned for it, and agreed while it was at work."""

    @property
    def started_at(self) -> datetime | None: ...

    @property
    def expected_start(self) -> datetime | None: ...

    @property
    def expected_end(self) -> datetime | None: ...

    @property
    def wait_until(self) -> datetime | None: ...

    @property
    def agreed(self) -> AgreedEnd | None: ...


class HeldRun(PlannedRun, Protocol):
    """The same with where it stands."""

    @property
    def status(self) -> str: ...


def began_despite(run: PlannedRun, held_at: datetime | None) -> bool:
    """Whether it began although it was on hold since `held_at`."""
    return held_at is not None and run.started_at is not None and run.started_at > held_at


def is_kept(run: HeldRun, held_at: datetime | None) -> bool:
    """Whether a hold of the whole order says when the stage goes on: it could start, or is at work in spite of it."""
    is_despite = run.status == StageStatus.RUNNING and began_despite(run, held_at)
    return run.status == StageStatus.READY or is_despite


def worst_end(plan: StagePlan, run: PlannedRun) -> datetime | None:
    """By when work that has begun is to end at the latest, by the usual durations or as agreed since."""
    if run.started_at is None:
        return None
    worst_at = run.started_at + timedelta(hours=plan.worst_hours)
    return max(worst_at, run.agreed.until) if run.agreed else worst_at


def decide_by(
    held_at: datetime | None,
    cells: datetime | None,
    runs: Iterable[PlannedRun],
    worst_at: datetime | None = None,
    follows_at: datetime | None = None,
) -> DecideBy:
    """What comes first: the limit of the `cells`, the booked start (once it has begun: the planned end) of one of the
    `runs` that the hold keeps, the worst case of the work that it interrupts (worst_end), by when what follows the work
    under way must begin (`follows_at`, rules.followed), or LONGEST_HOLD: a hold gives no more time than there was, nor
    does work that began in spite of it. A plan that had passed when the hold began says nothing of it."""
    known = [(cells, HoldLimit.CELLS)] if cells else []
    known += [(worst_at, HoldLimit.WORST)] if worst_at else []
    if held_at:
        planned = []
        for run in runs:
            despite = began_despite(run, held_at)
            planned += [(run.expected_end, HoldLimit.END)] if run.started_at else []
            planned += [(run.expected_start, HoldLimit.START)] if despite or not run.started_at else []
            known += [(run.wait_until, HoldLimit.BEGUN)] if despite and run.wait_until else []
        known += [(moment, limit) for moment, limit in planned if moment and moment > held_at]
        known.append((held_at + LONGEST_HOLD, HoldLimit.USUAL))
    known += [(follows_at, HoldLimit.FOLLOWS)] if follows_at else []
    return DecideBy(*min(known, key=itemgetter(0))) if known else DecideBy(None, HoldLimit.UNKNOWN)
