"""What was asked of the forecast, and each prediction as an answer to it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from batches.calibration.rules.coverage import IssuedInterval
from batches.calibration.rules.scores import IssuedProbability

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
    open order; `ended_at`: when the order ended; None: it is open.
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
    widened_hours: float
    baseline_ready_at: datetime | None
    was_late: bool | None
    wait_expired: bool | None
    had_no_dose: bool | None
    known_ready_at: datetime | None
    missed_promise: bool | None = None
    ready_median: datetime | None = None
    ended_at: datetime | None = None

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
    for row in rows:
        probability, came = row.answer(question)
        if probability is None or came is None:
            continue
        baseline = row.baseline_said_late if question in OF_THE_PROMISE else None
        answers.append(
            IssuedProbability(row.order_id, probability, came, None if baseline is None else float(baseline))
        )
    return answers


def stretch_of(row: Scored, *, widened: bool = True) -> IssuedInterval | None:
    """The interval of a prediction in hours; `widened=False`: as the simulation gave it, past errors left out."""
    if not (row.ready_low and row.ready_high and row.known_ready_at):
        return None
    undone = 0.0 if widened else row.widened_hours
    low, high, actual = ((at - ORIGIN) / HOUR for at in (row.ready_low, row.ready_high, row.known_ready_at))
    return IssuedInterval(row.order_id, low + undone, high - undone, actual)


def stretches_of(rows: Iterable[Scored], *, widened: bool = True) -> list[IssuedInterval]:
    """The intervals that can be scored."""
    return [stretch for row in rows if (stretch := stretch_of(row, widened=widened))]
