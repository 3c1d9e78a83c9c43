"""Single predictions and what came of them, as the list and the file show them. Pure."""

from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from batches.calibration.rules.questions import OF_THE_PROMISE, Question, p_without_dose

HEADER = (
    "order", "product", "plant", "made_at", "promised_at", "model", "question", "probability", "came",
    "plain_median_said", "ready_low", "ready_high", "was_ready_at", "interval_held", "scored_at",
)  # fmt: skip
DAY_SECONDS = 86_400


class ListedPrediction(Protocol):
    """A scored prediction as stored, with `settled_at`."""

    pk: UUID
    order: Any
    line: Any
    model: str
    made_at: datetime
    promised_at: datetime | None
    ready_low: datetime | None
    ready_high: datetime | None
    baseline_ready_at: datetime | None
    known_ready_at: datetime | None
    scored_at: datetime | None


class ListRow(NamedTuple):
    """One prediction: `said` (per cent), whether it `came`, whether the plain medians said so, whether P10–P90 held."""

    prediction: ListedPrediction
    question: Question
    probability: float | None
    came: bool | None
    median_said: bool | None
    held: bool | None

    @property
    def percent(self) -> float | None:
        """The probability in per cent."""
        return None if self.probability is None else self.probability * 100

    @property
    def lead_days(self) -> float | None:
        """Days from when it was said to the promise."""
        one = self.prediction
        return (one.promised_at - one.made_at).total_seconds() / DAY_SECONDS if one.promised_at else None


def list_row(one: Any, question: Question) -> ListRow:
    """A stored prediction as an answer to the question."""
    said, came = {
        Question.BY_PROMISE: (p_without_dose(one.p_no_dose, one.p_late), one.missed_promise),
        Question.LATE: (one.p_late, one.was_late),
        Question.WAIT: (one.p_wait_expires, one.wait_expired),
        Question.NO_DOSE: (one.p_no_dose, one.had_no_dose),
    }[question]
    median = one.baseline_ready_at > one.promised_at if one.baseline_ready_at and one.promised_at else None
    held = one.ready_low <= one.known_ready_at <= one.ready_high if _has_interval(one) else None
    return ListRow(one, question, said, came, median if question in OF_THE_PROMISE else None, held)


def file_row(row: ListRow) -> tuple[Any, ...]:
    """In the order of HEADER; yes and no as true and false."""
    one = row.prediction
    return (
        one.order.coi, one.order.product.code, one.line.code, one.made_at, one.promised_at, one.model,
        row.question.value, row.probability, _word(row.came), _word(row.median_said), one.ready_low, one.ready_high,
        one.known_ready_at, _word(row.held), one.scored_at,
    )  # fmt: skip


def _has_interval(one: Any) -> bool:
    return bool(one.ready_low and one.ready_high and one.known_ready_at)


def _word(value: bool | None) -> str | None:
    return None if value is None else str(value).lower()
