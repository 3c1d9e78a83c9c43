"""What can still be done about a promise at risk, by when, and which of such flags are one alarm of their line.

An alarm asks somebody for an act within a stated time; what asks for none is no alarm, however bad (ANSI/ISA-18.2,
EEMUA 191; docs/adr/0015). So a promise at risk is critical only where something has to be done about it in this shift,
and orders that wait for a place of one pool are one alarm: a person can open a place, nobody can help them one by one.
A dose in doubt, an identity, cells, failures and holds are never part of such an alarm. Pure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from batches.forecasts.rules.forecasts import Course
from batches.judgement.rules.findings import next_of
from batches.judgement.rules.spans import SHIFT
from batches.judgement.statuses import FlagCode, Remedy, Severity
from supplychain.sentences import day_mark

# So long before the promised date a new one is to be agreed: the centre then books the bed and plans lymphodepletion.
TELL_BEFORE = timedelta(days=7)
# Fewer orders than this that wait for the same pool are alarms of their own.
LEAST_ORDERS = 3


# What can be done about a pool for whose places orders wait.
LINE_HELPS = "one more place, or fewer orders that come to it"


class WayOut(NamedTuple):
    """What can be done about a promise at risk. `likely`: how likely it is missed, as a severity; `severity`: that of
    the flag; `latest`: the latest moment to act (the flag's `due`, which its sentence names; None: it has passed);
    `pool`: that on which it hangs; `next_at`: when the answer can change by itself."""

    likely: Severity
    severity: Severity
    remedy: Remedy
    latest: datetime | None
    pool: str = ""
    next_at: datetime | None = None

    @property
    def is_calmer(self) -> bool:
        """Whether it is likely missed and yet not critical."""
        return self.likely == Severity.CRITICAL and self.severity != Severity.CRITICAL

    @property
    def calmer_words(self) -> str:
        """Why a promise that is likely missed is not critical; empty where it is, or is not likely missed."""
        if not self.is_calmer:
            return ""
        if self.latest is None:
            return " Not critical: nothing brings the date back."
        day = day_mark(self.latest)
        return {
            Remedy.LINE: f" Not critical: it waits for a place; a new date is to be agreed by {day}.",
            Remedy.TELL: f" Not critical: it is late in every simulation; the centre is to be told by {day}.",
            Remedy.OWN: f" Not critical: nothing has to be done in this shift; act by {day}.",
        }[self.remedy]


def way_out(
    likely: Severity, promised_at: datetime, now: datetime, *, pool: str = "", rescue: Course | None = None,
    is_always_late: bool = False,
) -> WayOut:  # fmt: skip
    """What can be done about a promise that is at risk.

    `pool`: for a place in which the order waits most; `rescue`: when the stage arrives at which something that helps
    would have to begin (None: nothing was found that helps); `is_always_late`: it is late in every simulated future.
    """
    tell_by = promised_at - TELL_BEFORE
    tells_from = tell_by - SHIFT
    moments = [tells_from, tell_by, promised_at]
    if promised_at <= now:
        return WayOut(likely, Severity.ATTENTION, Remedy.TELL, None)
    if tells_from <= now:
        return WayOut(likely, likely, Remedy.OWN, promised_at, next_at=promised_at)
    if rescue:
        latest = min(rescue.at(now), tell_by)
        is_near = latest <= now + SHIFT
        if not is_near and rescue.rest <= SHIFT:
            moments.append(rescue.fixed - SHIFT)
        severity = likely if is_near else Severity.ATTENTION
        return WayOut(likely, severity, Remedy.OWN, latest, next_at=next_of(now, moments))
    remedy = Remedy.LINE if pool else Remedy.TELL if is_always_late else Remedy.OWN
    return WayOut(likely, Severity.ATTENTION, remedy, tell_by, pool, next_of(now, moments))


# What is foreseen of an order for which only its line can do something: of a dose, while no cells are at stake.
HANGING = (FlagCode.PROMISE_AT_RISK, FlagCode.DOSE_AT_RISK)


class CauseCount(NamedTuple):
    """Raised flags (HANGING) that say the same of one line: how many orders, their first date, of how many nobody has
    seen one, and whose cells would wait too long (`doses`); and how many `flags` these are."""

    plant: UUID
    plant_code: str
    plant_name: str
    pool: str
    orders: int
    first_promised_at: datetime | None
    unseen: int
    doses: int
    flags: int


@dataclass(frozen=True, slots=True)
class LineCause:
    """A pool of a plant for whose places orders wait: one alarm, under which `orders` orders hang with `flags` flags;
    of `doses` of them it is the dose that is at risk, not the date alone."""

    plant: UUID
    plant_code: str
    plant_name: str
    pool: str
    orders: int
    first_promised_at: datetime | None
    unseen: int
    doses: int
    flags: int

    @property
    def key(self) -> str:
        """Names it: “leiden/suite”."""
        return cause_key(self.plant_code, self.pool)


class Places(NamedTuple):
    """How full a pool is, for those who may know."""

    busy: int
    capacity: int
    queue: int


@dataclass(frozen=True, slots=True)
class LineAlarm:
    """A cause with the name of its pool. `places`: None where it is nobody's business here; `flags`: those that hang
    under it, the first promise first, at most as many as are shown."""

    cause: LineCause
    pool: str
    places: Places | None
    flags: Sequence[Any]

    @property
    def more(self) -> int:
        """How many orders are not shown."""
        return max(self.cause.orders - len(self.flags), 0)

    @property
    def what(self) -> str:
        """“Suites, Leiden: 12 of 12 places taken, 9 waiting”; while places are free it is simulated."""
        if self.places is None:
            return f"Waiting for {self.pool}, {self.cause.plant_name}"
        busy, capacity, queue = self.places
        taken = f"{busy} of {capacity} places taken" if capacity else "no place is open"
        if busy < capacity:
            taken = f"now {taken}, {f'{queue} waiting' if queue else 'nobody waits'}"
            return f"Waiting later for {self.pool}, {self.cause.plant_name}, as simulated last ({taken})"
        return f"Waiting for {self.pool}, {self.cause.plant_name} ({taken}, {queue} waiting now)"

    @property
    def help_words(self) -> str:
        """What would help: the same wherever the alarm is told. The page of the line has the figures."""
        return f"{LINE_HELPS[:1].upper()}{LINE_HELPS[1:]}."

    @property
    def harm_words(self) -> str:
        """“23 orders are at risk by their own forecasts, 2 of them with their doses if cells are collected as planned;
        the first date is 4 Dec”, its day as a mark. Doses hang on a line only before their cells are collected."""
        orders, doses, first_at = self.cause.orders, self.cause.doses, self.cause.first_promised_at
        which = "all" if doses >= orders else f"{doses} of them"
        some = f", {which} with their doses if cells are collected as planned" if doses else ""
        first = f"; the first date is {day_mark(first_at)}" if first_at else ""
        return f"{orders} orders are at risk by their own forecasts{some}{first}"


def cause_key(plant_code: str, pool: str) -> str:
    """Names a cause: “leiden/suite”."""
    return f"{plant_code}/{pool}"


def line_causes(rows: Iterable[CauseCount]) -> list[LineCause]:
    """Which pools are one alarm of their line, those with the most orders first."""
    hanging = [LineCause(*row) for row in rows if row.orders >= LEAST_ORDERS]
    return sorted(hanging, key=lambda cause: (-cause.orders, cause.plant_code, cause.pool))
