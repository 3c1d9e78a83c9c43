"""“How right we were”: the charts. Pure; docs/judgement/calibration.md."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, tzinfo
from uuid import UUID

from batches.calibration.rules.coverage import NOMINAL, WINDOW, rolling
from batches.calibration.rules.figures import CalibrationFigures, ScoredRow
from batches.calibration.rules.questions import OF_THE_PROMISE, Question, Scored, said_of, stretches_of
from batches.calibration.rules.reliability import Bin
from batches.calibration.rules.words import percents
from supplychain.pages.charts import Chart, ChartKind, Point, Series, Tone
from supplychain.words import date_words


def charts(
    rows: Sequence[ScoredRow], found: CalibrationFigures, question: Question, behind: Callable[[Bin], str], zone: tzinfo
) -> list[Chart]:
    """The reliability diagram, and how score and coverage went over time."""
    return [_reliability(found, behind), _brier_over_time(rows, question, zone), _coverage_over_time(rows, zone)]


def _reliability(found: CalibrationFigures, behind: Callable[[Bin], str]) -> Chart:
    return _diagram(
        "reliability", "What we said, and what came", [_point(one, behind(one)) for one in found.bins],
        "Orders", "the first doses with a known outcome will stand here",
    )  # fmt: skip


def verdict_chart(bins: Iterable[Bin]) -> Chart:
    """How sure verdicts on lines were, and how many came so."""
    return _diagram(
        "verdicts", "How sure verdicts on lines were, and how many came so", [_point(one) for one in bins],
        "Verdicts", "the first verdict of four weeks ago will stand here",
    )  # fmt: skip


def _diagram(key: str, title: str, points: Sequence[Point], counted: str, empty: str) -> Chart:
    return Chart(
        key, title, ChartKind.POINTS, points=list(points), unit="%", x_name="We said", y_name="Came true",
        count_name=counted, empty_text=empty,
    )  # fmt: skip


def _point(one: Bin, behind: str = "") -> Point:
    name = percents(one.said_low, one.said_high)
    return Point(name, *(share * 100 for share in (one.said, one.came, one.low, one.high)), one.orders, behind)


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
        empty_text=f"it begins with {WINDOW} scored orders", row_name="Day",
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
        unit="%", empty_text=f"it begins with {WINDOW} scored orders", row_name="Day",
    )  # fmt: skip


def _by_order(rows: Iterable[ScoredRow]) -> list[tuple[datetime, list[Scored]]]:
    """Predictions by order, the order that was settled first at the beginning."""
    orders: dict[UUID, list[Scored]] = {}
    for row in rows:
        orders.setdefault(row.said.order_id, []).append(row.said)
    settled = sorted((max(one.settled_at for one in said), order) for order, said in orders.items())
    return [(settled_at, orders[order]) for settled_at, order in settled]


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed)


def _day(moment: datetime, zone: tzinfo) -> str:
    return date_words(moment, None, zone)
