"""What the figures of scored predictions say, in sentences. Pure."""

from collections.abc import Iterable, Sequence

from batches.calibration.rules.censoring import DateErrors
from batches.calibration.rules.coverage import Coverage
from batches.calibration.rules.figures import EVERYTHING, FEW, CalibrationFigures, FigureRow, lead_name
from batches.calibration.rules.questions import Question
from batches.calibration.rules.reliability import Bin
from batches.calibration.rules.scores import Estimate, Scores

# What is not worth words: a lean of the dates, and a share of orders of which nothing is known.
LEAST_DAYS, LEAST_UNSEEN = 0.05, 0.005
NOUNS = {
    Question.BY_PROMISE: ("to bring no dose by the promise", "brought none"),
    Question.LATE: ("to be late", "came late"),
    Question.WAIT: ("for a permitted wait to run out", "had one run out"),
    Question.NO_DOSE: ("to end without a dose", "ended without one"),
}


def words(found: CalibrationFigures, question: Question) -> list[str]:
    """What the figures say, in sentences; the most telling first."""
    said = [reliability_words(found, question)]
    if found.scores:
        said += [baseline_words(found.scores), climate_words(found.scores, question)]
    if found.coverage:
        said.append(coverage_words(found.coverage))
    if found.dates:
        said.append(date_words(found.dates))
    return [sentence for sentence in said if sentence]


def worst_words(rows: Iterable[FigureRow], question: Question) -> str:
    """The slice in which what we said lay furthest from what came, in a sentence; empty without one of FEW orders.
    All that we said together is no slice."""
    gaps = [
        (abs(said - scores.base_rate), row.name, said, scores)
        for row in rows
        if row.name != lead_name(EVERYTHING)
        and (scores := row.figures.scores)
        and scores.orders >= FEW
        and (said := _mean_said(row.figures)) is not None
    ]
    if not gaps:
        return ""
    _, name, said, scores = max(gaps, key=lambda one: one[0])
    return (
        f"Where we erred most: {name}. On average we said {percent(said)} {NOUNS[question][0]}, and "
        f"{percent(scores.base_rate)} {NOUNS[question][1]} ({scores.orders} orders)."
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
    best = f"{_counted(top, things)} that we gave {percents(top.said_low, top.said_high)} {given}, "
    best += f"{percent(top.came)} {came} ({round(top.came * top.predictions)} of {top.predictions})"
    if len(found.bins) == 1:
        return f"{best}."
    least = f"of the {bottom.predictions} that we gave {percents(bottom.said_low, bottom.said_high)}"
    return f"{best}; {least}, {percent(bottom.came)} did."


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
        return f"Better than the plain medians of the past by {percent(gain.value)}{sure} ({pair})."
    if gain.high is not None and gain.high < 0:
        return f"Worse than the plain medians of the past by {percent(-gain.value)}{sure} ({pair})."
    seems = f"{percent(abs(gain.value))} {'better' if gain.value >= 0 else 'worse'}"
    return f"{seems.capitalize()} than the plain medians of the past, which may be chance{sure} ({pair})."


def climate_words(found: Scores, question: Question) -> str:
    """Whether they were better than saying the base rate of every dose, in a sentence."""
    gain, rate = found.skill_climate, percent(found.base_rate)
    if gain is None:
        return f"{'Every one' if found.base_rate else 'None'} {NOUNS[question][1]}: there was nothing to tell apart."
    if gain.low is not None and gain.high is not None and gain.low <= 0 <= gain.high:
        pair = f"Brier score {found.brier.value:.3f} against {found.climate_brier:.3f}"
        return f"Not surely better, nor worse, than saying {rate} of every dose would have been ({pair})."
    if gain.value >= 0:
        return f"Saying {rate} of every dose would have been worse: a gain of {percent(gain.value)}{_sure(gain)}."
    return f"Saying {rate} of every dose would have been better by {percent(-gain.value)}{_sure(gain)}."


def coverage_words(found: Coverage) -> str:
    """How often the 80 % interval held, in a sentence."""
    sure = f"(95 % sure: {found.low * 100:.0f}–{found.high * 100:.0f})"
    things = "doses" if found.predictions == found.orders else "predictions"
    width = f"it was {found.mean_width_days:.1f} days wide on average"
    return f"The 80 % interval held for {found.share * 100:.0f} of 100 {things} {sure}; {width}."


def date_words(found: DateErrors) -> str:
    """How far the most likely dates were off, in a sentence."""
    later = found.later_days
    lean = f", on average {abs(later):.1f} days {'later' if later > 0 else 'earlier'} than said"
    said = f"The most likely date was {found.mean_days:.1f} days off{lean if abs(later) >= LEAST_DAYS else ''}"
    if not found.awaited:
        return f"{said} ({found.orders} doses)."
    rest = f"; of {percent(found.unseen)} nothing like them is known" if found.unseen >= LEAST_UNSEEN else ""
    return (
        f"{said} ({found.orders} doses; {found.awaited} still awaited are counted like those that took as long{rest})."
    )


def promise_words(rows: Sequence[FigureRow], question: Question) -> str:
    """How many missed their first promise, and how many their newest; empty where they are the same."""
    shares = [row.figures.scores for row in rows if row.figures.scores]
    if len(shares) < 2 or (shares[0].base_rate, shares[0].orders) == (shares[1].base_rate, shares[1].orders):
        return ""
    first, newest = (f"{percent(one.base_rate)} of {one.orders} orders" for one in shares)
    return f"Against the first promise {first} {NOUNS[question][1]}; against the newest {newest}."


def _counted(one: Bin, things: str) -> str:
    return f"Of the one {things[:-1]}" if one.predictions == 1 else f"Of the {one.predictions} {things}"


def _sure(gain: Estimate) -> str:
    if gain.low is None or gain.high is None:
        return ""
    # Where chance may turn better into worse, the ends keep their signs.
    low, high = sorted((abs(gain.low), abs(gain.high))) if gain.low * gain.high > 0 else (gain.low, gain.high)
    return f" (95 % sure: {percent(low)[:-2]} to {percent(high)})"


def percent(share: float) -> str:
    """A true minus, and none before a zero."""
    return f"{round(share * 100)} %".replace("-", "−")


def percents(low: float, high: float) -> str:
    """From the one to the other, once where they are the same."""
    ends = f"{low * 100:.0f}", f"{high * 100:.0f}"
    return f"{ends[0]} %" if ends[0] == ends[1] else f"{ends[0]}–{ends[1]} %"
