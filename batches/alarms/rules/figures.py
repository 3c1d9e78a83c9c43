"""How often flags that foresee something came true, how early they were, and whom they troubled for nothing. Pure.

docs/judgement/alarms.md.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import numpy as np

from batches.judgement.rules.shares import Chance
from batches.judgement.statuses import FlagCode, Severity

HOUR = timedelta(hours=1)
# What these warn of, and in which words; every other flag says what is so already.
FORESEEN = {
    FlagCode.PROMISE_AT_RISK: "no dose ready by the promise",
    FlagCode.DOSE_AT_RISK: "no dose at all, or a permitted wait ran out",
    FlagCode.HOLD_EXPIRING: "a permitted wait ran out",
}
# A flag that became critical was raised before that: its first row counts whatever it was raised as.
LEVELS = {Severity.ATTENTION: "Raised at all", Severity.CRITICAL: "Raised as critical"}
# Shares of fewer orders say more of chance than of the flag.
FEW = 10


class AlarmOutcome(NamedTuple):
    """Whether what a flag foresees came, and when that was certain."""

    came: bool
    certain_at: datetime


class WatchedOrder(NamedTuple):
    """A past order: by flag what came of it (missing: not known, or never to be), and when the flag was first raised
    (at all, as critical). `free_until`: when the last work that needs a place began, up to which something could still
    be moved; None: such work never began, so until the end. `is_judged`: its flags were kept from the beginning; of a
    past that was brought in afterwards they say nothing."""

    order_id: UUID
    product_id: UUID
    line_id: UUID
    outcomes: Mapping[FlagCode, AlarmOutcome]
    raised: Mapping[tuple[FlagCode, Severity], datetime]
    free_until: datetime | None = None
    is_judged: bool = True


class WarningTime(NamedTuple):
    """Hours from the first flag to what it warned of: the quartiles."""

    lower: float
    median: float
    upper: float

    @property
    def days(self) -> tuple[float, ...]:
        """The same in days."""
        return tuple(hours / 24 for hours in self)


class AlarmFigures(NamedTuple):
    """Of one flag and severity. `orders` with a known outcome, of which `came`; `precision`: of the flagged what came;
    `recall`: of what came the flagged; `fallout`: of what did not come the flagged; `in_time`: of the hits those raised
    while something could still be moved; `unsettled`: flagged, outcome not known, in no share."""

    orders: int
    came: int
    precision: Chance
    recall: Chance
    fallout: Chance
    in_time: Chance
    warning: WarningTime | None
    unsettled: int

    @property
    def flagged(self) -> int:
        """Orders with the flag before it was certain."""
        return self.precision.of

    @property
    def hits(self) -> int:
        """Flagged, and it came."""
        return self.precision.count

    @property
    def false_alarms(self) -> int:
        """Flagged, and it did not come."""
        return self.fallout.count

    @property
    def missed(self) -> int:
        """Came without a flag, or with one that was raised afterwards."""
        return self.came - self.hits

    @property
    def is_few(self) -> bool:
        """Whether they rest on too few orders to judge the flag by."""
        return min(self.flagged, self.came, self.orders - self.came) < FEW


class AlarmRow(NamedTuple):
    """The figures of one flag and severity, and of which orders."""

    name: str
    code: FlagCode
    level: Severity
    figures: AlarmFigures

    @property
    def words(self) -> str:
        """Which flag, and how bad."""
        return f"{self.code.label} · {LEVELS[self.level].lower()}"


def figures(orders: Iterable[WatchedOrder], code: FlagCode, level: Severity) -> AlarmFigures:
    """The figures of this flag. What was raised when it was certain already, or later, is no warning, and not false."""
    known, unsettled, flagged, hits, warned_at = [], 0, 0, 0, []
    in_time = 0
    for order in orders:
        raised_at, outcome = order.raised.get((code, level)), order.outcomes.get(code)
        if outcome is None:
            unsettled += raised_at is not None
            continue
        known.append(outcome.came)
        if raised_at is None or raised_at >= outcome.certain_at:
            continue
        flagged += 1
        if outcome.came:
            hits += 1
            warned_at.append((outcome.certain_at - raised_at) / HOUR)
            in_time += order.free_until is None or raised_at < order.free_until
    came, false = sum(known), flagged - hits
    return AlarmFigures(
        len(known), came, Chance.counted(hits, flagged), Chance.counted(hits, came),
        Chance.counted(false, len(known) - came), Chance.counted(in_time, hits), _quartiles(warned_at), unsettled,
    )  # fmt: skip


def rows_of(name: str, orders: Sequence[WatchedOrder], codes: Iterable[FlagCode] = tuple(FORESEEN)) -> list[AlarmRow]:
    """A row for each flag and severity, where anything was flagged or came, of orders that were judged."""
    judged = [order for order in orders if order.is_judged]
    found = [AlarmRow(name, code, level, figures(judged, code, level)) for code in codes for level in LEVELS]
    return [row for row in found if row.figures.flagged or row.figures.came or row.figures.unsettled]


def rows_by(
    orders: Sequence[WatchedOrder], places: Iterable[tuple[Hashable, str]], place_of: Callable[[WatchedOrder], Hashable]
) -> list[AlarmRow]:
    """Rows of the flag for the promise for each place (id, name)."""
    by_place: dict[Hashable, list[WatchedOrder]] = {}
    for order in orders:
        by_place.setdefault(place_of(order), []).append(order)
    codes = (FlagCode.PROMISE_AT_RISK,)
    return [row for place, name in places for row in rows_of(name, by_place.get(place, []), codes)]


def _quartiles(hours: Sequence[float]) -> WarningTime | None:
    return WarningTime(*(round(float(at), 1) for at in np.quantile(hours, (0.25, 0.5, 0.75)))) if hours else None
