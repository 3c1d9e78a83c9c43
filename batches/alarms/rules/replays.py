"""What the flag for the promise would have done at other thresholds: the ledger through the rule that is live. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from batches.alarms.rules.figures import AlarmFigures, AlarmOutcome, WatchedOrder, figures
from batches.alarms.rules.rates import rate_words
from batches.forecasts.rules.thresholds import Thresholds, severity_of_promise
from batches.judgement.rules.spans import SHIFT, week_of
from batches.judgement.statuses import FlagCode, Severity

PROMISE = (FlagCode.PROMISE_AT_RISK, Severity.ATTENTION)
# From 5 to 95 %.
GRID = tuple(percent / 100 for percent in range(5, 100, 5))
# No probability reaches it: one severity at a time is asked after.
NEVER = 2.0


class SaidOfPromise(NamedTuple):
    """What was said of an order: when, of which promise, and P(late), 0–1."""

    made_at: datetime
    promised_at: datetime
    p_late: float


class AlarmLife(NamedTuple):
    """When a flag was first raised (None: never), and how often."""

    first_at: datetime | None
    times: int


class AlarmFate(NamedTuple):
    """Of an order at one threshold: its line and the week in which it came out, whether it came late, was flagged, and
    was so while something could be moved."""

    week: tuple[UUID, int, int]
    came: bool
    is_flagged: bool
    is_in_time: bool


class ThresholdFigures(NamedTuple):
    """What a flag at `threshold` (0–1) would have done; `alarms`: raised how often, `per_shift` of 12 hours; `fates` of
    its orders, in the order of every other threshold."""

    threshold: float
    figures: AlarmFigures
    alarms: int
    per_shift: float
    fates: Sequence[AlarmFate] = ()

    @property
    def rate(self) -> str:
        """How often it would have been raised, in words."""
        return rate_words(self.per_shift)


Ledger = Mapping[UUID, Sequence[SaidOfPromise]]


def life_at(said: Sequence[SaidOfPromise], limits: Thresholds, *, until: datetime) -> AlarmLife:
    """The flag's life by these rows (oldest first) that were said before `until`, when it was certain."""
    first_at, times = None, 0
    before: tuple[datetime, Severity | None] | None = None
    # What was never raised does not stand: to fold the rows before that costs most of the time of the page.
    reached = next((place for place, row in enumerate(said) if row.p_late >= limits.attention), len(said))
    for row in said[reached:]:
        if row.made_at >= until:
            break
        severity = severity_of_promise(row.p_late, row.promised_at, limits, before)
        if severity and (before is None or before[1] is None):
            first_at, times = first_at or row.made_at, times + 1
        before = (row.promised_at, severity)
    return AlarmLife(first_at, times)


def at_threshold(
    orders: Iterable[WatchedOrder], ledger: Ledger, threshold: float, *, easing: float, shifts: float
) -> ThresholdFigures:
    """What the flag would have done at this threshold to orders of which something was said."""
    limits, replayed, fates, alarms = Thresholds(attention=threshold, critical=NEVER, easing=easing), [], [], 0
    for order in orders:
        outcome, said = order.outcomes.get(FlagCode.PROMISE_AT_RISK), ledger.get(order.order_id)
        if outcome is None or not said:
            continue
        life = life_at(said, limits, until=outcome.certain_at)
        alarms += life.times
        fates.append(_fate(order, outcome, life.first_at))
        replayed.append(order._replace(raised={PROMISE: life.first_at} if life.first_at else {}))
    return ThresholdFigures(threshold, figures(replayed, *PROMISE), alarms, alarms / shifts if shifts else 0.0, fates)


def _fate(order: WatchedOrder, outcome: AlarmOutcome, flagged_at: datetime | None) -> AlarmFate:
    is_in_time = flagged_at is not None and (order.free_until is None or flagged_at < order.free_until)
    return AlarmFate((order.line_id, *week_of(outcome.certain_at)), outcome.came, flagged_at is not None, is_in_time)


def curve(
    orders: Sequence[WatchedOrder], ledger: Ledger, *, easing: float, also: Iterable[float] = ()
) -> list[ThresholdFigures]:
    """What the flag would have done at each threshold of the grid, and at `also`."""
    thresholds = sorted({*GRID, *(round(one, 4) for one in also)})
    shifts = shifts_of(orders, ledger)
    return [at_threshold(orders, ledger, one, easing=easing, shifts=shifts) for one in thresholds]


def shifts_of(orders: Iterable[WatchedOrder], ledger: Ledger) -> float:
    """Shifts of 12 hours from the first to the last thing that was said of these orders; at least one."""
    said = [rows for order in orders if (rows := ledger.get(order.order_id))]
    if not said:
        return 0.0
    span = max(rows[-1].made_at for rows in said) - min(rows[0].made_at for rows in said)
    return max(span / SHIFT, 1.0)
