"""What was asked of the forecast, and each prediction as an answer to it."""

from collections.abc import Hashable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import repeat
from typing import NamedTuple
from uuid import UUID

from batches.calibration.rules.coverage import IssuedInterval
from batches.calibration.rules.scores import IssuedProbability
from batches.judgement.rules.spans import week_of

HOUR = timedelta(hours=1)
# Any common origin does: only differences count.
ORIGIN = datetime(2020, 1, 1, tzinfo=UTC)


class Question(StrEnum):
    """What a probability was given for."""

    BY_PROMISE = "by_promise"
    LATE = "late"
    WAIT = "wait"
    NO_DOSE = "no_dose"


# Known when the promise passes; the others when the order has ended. The plain medians answer them, too.
OF_THE_PROMISE = frozenset({Question.BY_PROMISE, Question.LATE})


def p_without_dose(p_no_dose: float, p_late: float | None) -> float | None:
    """P(no dose is ready by the promise): none comes, or one does (`p_late` is of these futures) and is late."""
    return None if p_late is None else p_no_dose + (1 - p_no_dose) * p_late


class Scored(NamedTuple):
    """A prediction with what came of it.

    `settled_at`: when the answer to the question was certain. `known_ready_at`: when the dose was ready, also of an
    open order; `ended_at`: when the order ended; None: it is open. `newest_promise`: of its
    order, which may have moved since.
    """

    id: UUID
    order_id: UUID
    line_id: UUID
    model: str
    made_at: datetime
    promised_at: datetime | None
    settled_at: datetime
    p_late: float | None
    p_wait_expires: float
    p_no_dose: float
    ready_low: datetime | None
    ready_high: datetime | None
    widened_low_hours: float
    widened_high_hours: float
    baseline_ready_at: datetime | None
    was_late: bool | None
    wait_expired: bool | None
    had_no_dose: bool | None
    known_ready_at: datetime | None
    missed_promise: bool | None = None
    ready_median: datetime | None = None
    ended_at: datetime | None = None
    newest_promise: datetime | None = None
    p_late_simulated: float | None = None

    @property
    def baseline_said_late(self) -> bool | None:
        """What the plain medians answered to whether it would be late; None: nothing."""
        if self.baseline_ready_at is None or self.promised_at is None:
            return None
        return self.baseline_ready_at > self.promised_at

    @property
    def interval_held(self) -> bool | None:
        """Whether the dose became ready within P10–P90; None: it never did, or no interval was given."""
        stretch = stretch_of(self)
        return stretch.held if stretch else None

    def answer(self, question: Question) -> tuple[float | None, bool | None]:
        """The probability that was given, and whether it came so; None: not said, or never to be known."""
        if question == Question.BY_PROMISE:
            return p_without_dose(self.p_no_dose, self.p_late), self.missed_promise
        if question == Question.LATE:
            return self.p_late, self.was_late
        if question == Question.WAIT:
            return self.p_wait_expires, self.wait_expired
        return self.p_no_dose, self.had_no_dose


def said_of(rows: Iterable[Scored], question: Question) -> list[IssuedProbability]:
    """The answers that can be scored. The plain medians answer only those of the promise."""
    answers = []
    listed = list(rows)
    weeks = weeks_of(listed)
    for row in listed:
        probability, came = row.answer(question)
        if probability is None or came is None:
            continue
        baseline = row.baseline_said_late if question in OF_THE_PROMISE else None
        median = None if baseline is None else float(baseline)
        answers.append(IssuedProbability(row.order_id, probability, came, median, weeks[row.order_id]))
    return answers


def weeks_of(rows: Iterable[Scored]) -> dict[UUID, tuple[UUID, int, int]]:
    """The line, year and week (ISO 8601, UTC) in which each order came out: the last of its predictions decides."""
    last: dict[UUID, Scored] = {}
    for row in rows:
        known = last.get(row.order_id)
        if known is None or row.settled_at > known.settled_at:
            last[row.order_id] = row
    return {order: (row.line_id, *week_of(row.settled_at)) for order, row in last.items()}


def stretch_of(row: Scored, *, weight: float = 1.0, week: Hashable = None) -> IssuedInterval | None:
    """The interval of a prediction in hours."""
    if not (row.ready_low and row.ready_high and row.known_ready_at):
        return None
    low, high, actual = ((at - ORIGIN) / HOUR for at in (row.ready_low, row.ready_high, row.known_ready_at))
    return IssuedInterval(row.order_id, low, high, actual, weight, week)


def simulated_stretches(rows: Iterable[Scored], now: datetime) -> list[IssuedInterval]:
    """The intervals as simulated, past errors left out, of orders with a dose or still open (ready `now` at the
    earliest). Whoever ended without a dose has none."""
    found = []
    for row in rows:
        is_open = row.known_ready_at is None and row.ended_at is None
        stretch = stretch_of(row._replace(known_ready_at=now) if is_open else row)
        if stretch:
            low, high = stretch.low + row.widened_low_hours, stretch.high - row.widened_high_hours
            found.append(stretch._replace(low=low, high=high))
    return found


def simulated_of(rows: Sequence[Scored]) -> list[IssuedProbability]:
    """P(late) as simulated, before past errors corrected it, of those whose answer is known."""
    as_simulated = [row if row.p_late_simulated is None else row._replace(p_late=row.p_late_simulated) for row in rows]
    return said_of(as_simulated, Question.LATE)


def stretches_of(rows: Sequence[Scored], weights: Iterable[float] | None = None) -> list[IssuedInterval]:
    """The intervals that can be scored, each with its weight."""
    weeks = weeks_of(rows)
    each = repeat(1.0) if weights is None else weights
    stretches = (
        stretch_of(row, weight=float(weight), week=weeks[row.order_id]) for row, weight in zip(rows, each, strict=False)
    )
    return [stretch for stretch in stretches if stretch]
