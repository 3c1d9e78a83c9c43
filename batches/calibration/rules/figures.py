"""All figures of scored predictions, and of the slices in which they are looked at. Pure."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from batches.calibration.rules.censoring import DateErrors, date_errors, weighed
from batches.calibration.rules.coverage import Coverage, coverage
from batches.calibration.rules.questions import OF_THE_PROMISE, Question, Scored, said_of, stretches_of
from batches.calibration.rules.reliability import Bin, diagram, equal_bins
from batches.calibration.rules.scores import Scores, scores

# Every prediction of an order, not only the one at a given time before its promise.
EVERYTHING = 0
# With fewer orders the figures say more of chance than of us.
FEW = 30


class ScoredRow(NamedTuple):
    """A scored prediction and the product of its order."""

    product_id: UUID
    said: Scored


@dataclass(frozen=True, slots=True)
class CalibrationFigures:
    """What can be said of some predictions; `bins`: of the reliability diagram, `dates`: errors of the medians."""

    scores: Scores | None
    coverage: Coverage | None
    bins: Sequence[Bin] = ()
    dates: DateErrors | None = None

    @property
    def is_few(self) -> bool:
        """Whether they rest on too few orders to go by."""
        return self.scores is None or self.scores.orders < FEW


class FigureRow(NamedTuple):
    """The figures of one lead, line or product."""

    name: str
    figures: CalibrationFigures


class Inquiry(NamedTuple):
    """What is asked of the predictions: the question, how many days before the promise (0: all), and when (`now`)."""

    question: Question
    lead: int
    now: datetime


def figures(rows: Iterable[ScoredRow], asked: Inquiry) -> CalibrationFigures:
    """All figures of these predictions. Dates and intervals are scored with the promise alone: who is known because the
    order has ended is not like who is open."""
    said = [row.said for row in rows]
    answers = said_of(said, asked.question)
    bins = equal_bins(answers)
    found = CalibrationFigures(scores(answers, bins), None, diagram(answers, bins))
    if asked.question not in OF_THE_PROMISE:
        return found
    weight, unseen = weighed(said, asked.now, asked.lead)
    dates = date_errors(said, weight, unseen)
    return replace(found, coverage=coverage(stretches_of(said, weight)), dates=dates)


def figures_by(
    rows: Sequence[ScoredRow], asked: Inquiry, places: Iterable[tuple[Hashable, str]],
    place_of: Callable[[ScoredRow], Hashable],
) -> list[FigureRow]:  # fmt: skip
    """A row for each place (id, name) of which anything was scored."""
    by_place: dict[Hashable, list[ScoredRow]] = {}
    for row in rows:
        by_place.setdefault(place_of(row), []).append(row)
    return _scored_rows((name, by_place.get(place, ()), asked) for place, name in places)


def figures_by_lead(by_lead: Mapping[int, Sequence[ScoredRow]], asked: Inquiry) -> list[FigureRow]:
    """A row for each time before the promise, also where nothing was scored."""
    return [FigureRow(lead_name(lead), figures(rows, asked._replace(lead=lead))) for lead, rows in by_lead.items()]


def figures_by_promise(rows: Sequence[ScoredRow], asked: Inquiry) -> list[FigureRow]:
    """The first promise of each order that was forecast beside its newest: a promise that moves is easier to keep.

    Of each order and promise the prediction counts that was the first said of it; a newest promise that has not passed
    yet is in neither row.
    """
    first, newest = {}, {}
    for row in sorted(rows, key=lambda one: one.said.made_at):
        first.setdefault(row.said.order_id, row)
        if row.said.promised_at == row.said.newest_promise:
            newest.setdefault(row.said.order_id, row)
    whole = asked._replace(lead=EVERYTHING)
    parts = (("The first promise", first), ("The newest promise", newest))
    return _scored_rows((name, tuple(by_order.values()), whole) for name, by_order in parts)


def _scored_rows(parts: Iterable[tuple[str, Sequence[ScoredRow], Inquiry]]) -> list[FigureRow]:
    found = [FigureRow(name, figures(rows, asked)) for name, rows, asked in parts]
    return [row for row in found if row.figures.scores or row.figures.coverage]


def lead_name(days: int) -> str:
    """What a lead is called."""
    return "Everything we said" if days == EVERYTHING else f"{days} days before the promise"
