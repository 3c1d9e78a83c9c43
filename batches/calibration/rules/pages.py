"""“How right we were”: figures, words and charts of scored predictions. Pure; docs/judgement/calibration.md."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import NamedTuple
from uuid import UUID

from batches.calibration.rules.coverage import NOMINAL, WINDOW, Coverage, coverage, rolling
from batches.calibration.rules.questions import OF_THE_PROMISE, Question, Scored, said_of, stretches_of
from batches.calibration.rules.reliability import Bin, diagram, equal_bins
from batches.calibration.rules.scores import Estimate, Scores, scores
from supplychain.pages.charts import Chart, ChartKind, Point, Series, Tone

# Every prediction of an order, not only the one at a given time before its promise.
EVERYTHING = 0
# With fewer orders the figures say more of chance than of us.
FEW = 30
NOUNS = {
    Question.BY_PROMISE: ("to bring no dose by the promise", "brought none"),
    Question.LATE: ("to be late", "came late"),
    Question.WAIT: ("for a permitted wait to run out", "had one run out"),
    Question.NO_DOSE: ("to end without a dose", "ended without one"),
}


class ScoredRow(NamedTuple):
    """A scored prediction and the product of its order."""

    product_id: UUID
    said: Scored


@dataclass(frozen=True, slots=True)
class CalibrationFigures:
    """What can be said of some predictions; `bins`: of the reliability diagram."""

    scores: Scores | None
    coverage: Coverage | None
    bins: Sequence[Bin] = ()

    @property
    def is_few(self) -> bool:
        """Whether they rest on too few orders to go by."""
        return self.scores is None or self.scores.orders < FEW


class FigureRow(NamedTuple):
    """The figures of one lead, line or product."""

    name: str
    figures: CalibrationFigures


def figures(rows: Iterable[ScoredRow], question: Question) -> CalibrationFigures:
    """All figures of these predictions."""
    said = [row.said for row in rows]
    answers = said_of(said, question)
    bins = equal_bins(answers)
    return CalibrationFigures(scores(answers, bins), coverage(stretches_of(said)), diagram(answers, bins))


def figures_by(
    rows: Sequence[ScoredRow], question: Question, places: Iterable[tuple[Hashable, str]],
    place_of: Callable[[ScoredRow], Hashable],
) -> list[FigureRow]:  # fmt: skip
    """A row for each place (id, name) of which anything was scored."""
    by_place: dict[Hashable, list[ScoredRow]] = {}
    for row in rows:
        by_place.setdefault(place_of(row), []).append(row)
    found = [FigureRow(name, figures(by_place.get(place, ()), question)) for place, name in places]
    return [row for row in found if row.figures.scores or row.figures.coverage]


def lead_name(days: int) -> str:
    """What a lead is called."""
    return "Everything we said" if days == EVERYTHING else f"{days} days before the promise"


def words(found: CalibrationFigures, question: Question) -> list[str]:
    """What the figures say, in sentences; the most telling first."""
    said = [reliability_words(found, question)]
    if found.scores:
        said += [baseline_words(found.scores), climate_words(found.scores, question)]
    if found.coverage:
        said.append(coverage_words(found.coverage))
    return [sentence for sentence in said if sentence]


def worst_words(rows: Iterable[FigureRow], question: Question) -> str:
    """The slice in which what we said lay furthest from what came, in a sentence; empty without one of FEW orders."""
    gaps = [
        (abs(said - scores.base_rate), row.name, said, scores)
        for row in rows
        if (scores := row.figures.scores) and scores.orders >= FEW and (said := _mean_said(row.figures)) is not None
    ]
    if not gaps:
        return ""
    _, name, said, scores = max(gaps, key=lambda one: one[0])
    return (
        f"Where we erred most: {name}. On average we said {_percent(said)} {NOUNS[question][0]}, and "
        f"{_percent(scores.base_rate)} {NOUNS[question][1]} ({scores.orders} orders)."
    )


def _mean_said(found: CalibrationFigures) -> float | None:
    """The mean of the probabilities that we gave."""
    number = sum(one.predictions for one in found.bins)
    return sum(one.said * one.predictions for one in found.bins) / number if number else None


def reliability_words(found: CalibrationFigures, question: Question) -> str:
    """The reliability diagram's most telling point in a sentence."""
    given, came = NOUNS[question]
    if not found.bins or not found.scores:
        return ""
    top, bottom = found.bins[-1], found.bins[0]
    things = "doses" if found.scores.predictions == found.scores.orders else "predictions"
    best = f"{_counted(top, things)} that we gave {_percents(top.said_low, top.said_high)} {given}, "
    best += f"{_percent(top.came)} {came} ({round(top.came * top.predictions)} of {top.predictions})"
    if len(found.bins) == 1:
        return f"{best}."
    least = f"of the {bottom.predictions} that we gave {_percents(bottom.said_low, bottom.said_high)}"
    return f"{best}; {least}, {_percent(bottom.came)} did."


def baseline_words(found: Scores) -> str:
    """Whether the probabilities were better than the plain medians of the past, in a sentence."""
    gain = found.skill_baseline
    if found.baseline_brier is None or found.brier_compared is None:
        return ""
    pair = f"Brier score {found.brier_compared:.3f} against {found.baseline_brier.value:.3f}; 0 is perfect"
    if gain is None:
        return f"The plain medians of the past erred not once here ({pair})."
    sure = _sure(gain)
    if gain.low is not None and gain.low > 0:
        return f"Better than the plain medians of the past by {_percent(gain.value)}{sure} ({pair})."
    if gain.high is not None and gain.high < 0:
        return f"Worse than the plain medians of the past by {_percent(-gain.value)}{sure} ({pair})."
    seems = f"{_percent(abs(gain.value))} {'better' if gain.value >= 0 else 'worse'}"
    return f"{seems.capitalize()} than the plain medians of the past, which may be chance{sure} ({pair})."


def climate_words(found: Scores, question: Question) -> str:
    """Whether they were better than saying the base rate of every dose, in a sentence."""
    gain, rate = found.skill_climate, _percent(found.base_rate)
    if gain is None:
        return f"{'Every one' if found.base_rate else 'None'} {NOUNS[question][1]}: there was nothing to tell apart."
    if gain.low is not None and gain.high is not None and gain.low <= 0 <= gain.high:
        pair = f"Brier score {found.brier.value:.3f} against {found.climate_brier:.3f}"
        return f"Not surely better, nor worse, than saying {rate} of every dose would have been ({pair})."
    if gain.value >= 0:
        return f"Saying {rate} of every dose would have been worse: a gain of {_percent(gain.value)}{_sure(gain)}."
    return f"Saying {rate} of every dose would have been better by {_percent(-gain.value)}{_sure(gain)}."


def coverage_words(found: Coverage) -> str:
    """How often the 80 % interval held, in a sentence."""
    sure = f"(95 % sure: {found.low * 100:.0f}–{found.high * 100:.0f})"
    things = "doses" if found.predictions == found.orders else "predictions"
    width = f"it was {found.mean_width_days:.1f} days wide on average"
    return f"The 80 % interval held for {found.share * 100:.0f} of 100 {things} {sure}; {width}."


def charts(
    rows: Sequence[ScoredRow], found: CalibrationFigures, question: Question, behind: Callable[[Bin], str], zone: tzinfo
) -> list[Chart]:
    """The reliability diagram, and how score and coverage went over time."""
    return [_reliability(found, behind), _brier_over_time(rows, question, zone), _coverage_over_time(rows, zone)]


def _reliability(found: CalibrationFigures, behind: Callable[[Bin], str]) -> Chart:
    points = [
        Point(
            _percents(one.said_low, one.said_high), one.said * 100, one.came * 100, one.low * 100, one.high * 100,
            one.orders, behind(one),
        )
        for one in found.bins
    ]  # fmt: skip
    return Chart(
        "reliability", "What we said, and what came", ChartKind.POINTS, points=points, unit="%",
        x_name="We said", y_name="Came true", count_name="Orders",
        empty_text="the first doses with a known outcome will stand here",
    )  # fmt: skip


def _brier_over_time(rows: Sequence[ScoredRow], question: Question, zone: tzinfo) -> Chart:
    ours, theirs, moments = [], [], []
    for settled_at, of_order in _by_order(rows):
        answers = said_of(of_order, question)
        compared = [one for one in answers if one.baseline is not None] if question in OF_THE_PROMISE else answers
        if compared:
            moments.append(settled_at)
            ours.append(_mean((one.probability - one.came) ** 2 for one in compared))
            theirs.append(_mean(((one.baseline or 0) - one.came) ** 2 for one in compared))
    points = rolling(ours)
    series = [Series("Our probabilities", [round(point.value, 4) for point in points], Tone.FIRST)]
    if question in OF_THE_PROMISE:
        medians = [round(point.value, 4) for point in rolling(theirs)]
        series.append(Series("Plain medians of the past", medians, Tone.MUTED, dashed=True))
    return Chart(
        "brier", f"Brier score of the newest {WINDOW} orders, less is better", ChartKind.LINES,
        [_day(moments[point.place], zone) for point in points], series, decimals=3,
        empty_text=f"it begins with {WINDOW} scored orders",
    )  # fmt: skip


def _coverage_over_time(rows: Sequence[ScoredRow], zone: tzinfo) -> Chart:
    held, moments = [], []
    for settled_at, of_order in _by_order(rows):
        stretches = stretches_of(of_order)
        if stretches:
            moments.append(settled_at)
            held.append(_mean(one.held for one in stretches))
    points = rolling(held)
    return Chart(
        "coverage", f"How often the 80 % interval held, newest {WINDOW} orders", ChartKind.LINES,
        [_day(moments[point.place], zone) for point in points],
        [
            Series("Held", [round(point.value * 100, 1) for point in points], Tone.FIRST),
            Series("What it says", [NOMINAL * 100] * len(points), Tone.MUTED, dashed=True),
        ],
        unit="%", empty_text=f"it begins with {WINDOW} scored orders",
    )  # fmt: skip


def _by_order(rows: Iterable[ScoredRow]) -> list[tuple[datetime, list[Scored]]]:
    """Predictions by order, the order that was settled first at the beginning."""
    orders: dict[UUID, list[Scored]] = {}
    for row in rows:
        orders.setdefault(row.said.order_id, []).append(row.said)
    settled = sorted((max(one.settled_at for one in said), order) for order, said in orders.items())
    return [(settled_at, orders[order]) for settled_at, order in settled]


def _counted(one: Bin, things: str) -> str:
    return f"Of the one {things[:-1]}" if one.predictions == 1 else f"Of the {one.predictions} {things}"


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed)


def _day(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%d %b %Y}"


def _sure(gain: Estimate) -> str:
    if gain.low is None or gain.high is None:
        return ""
    # Where chance may turn better into worse, the ends keep their signs.
    low, high = sorted((abs(gain.low), abs(gain.high))) if gain.low * gain.high > 0 else (gain.low, gain.high)
    return f" (95 % sure: {_percent(low)[:-2]} to {_percent(high)})"


def _percent(share: float) -> str:
    """A true minus, and none before a zero."""
    return f"{round(share * 100)} %".replace("-", "−")


def _percents(low: float, high: float) -> str:
    ends = f"{low * 100:.0f}", f"{high * 100:.0f}"
    return f"{ends[0]} %" if ends[0] == ends[1] else f"{ends[0]}–{ends[1]} %"
