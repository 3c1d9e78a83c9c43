"""“Alarms”: the chart by threshold, and the rows of the files. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any

from batches.alarms.rules.figures import AlarmFigures, AlarmRow
from batches.alarms.rules.proposals import cost_per_order
from batches.alarms.rules.replays import ThresholdFigures
from batches.calibration.rules.words import percent
from batches.forecasts.rules.thresholds import ActingCosts
from supplychain.pages.charts import Chart, ChartKind, Series, Tone

HEADER = (
    "of", "flag", "severity", "orders", "came", "flagged", "precision", "precision_low", "precision_high", "recall",
    "recall_low", "recall_high", "others_flagged", "others_flagged_share", "missed", "in_time", "warning_hours_25",
    "warning_hours_50", "warning_hours_75", "unsettled",
)  # fmt: skip
CURVE_HEADER = ("threshold", *HEADER[3:-1], "alarms", "alarms_per_shift", "cost_per_order")


def curve_chart(curve: Sequence[ThresholdFigures]) -> Chart:
    """What the flag for the promise would have been worth at each threshold."""
    seen = [row for row in curve if row.figures.orders]
    return Chart(
        "thresholds", "The flag for the promise at other thresholds", ChartKind.LINES,
        [percent(row.threshold) for row in seen],
        [
            Series("Flagged of the late", _shares(row.figures.recall for row in seen), Tone.FIRST),
            Series("Late of the flagged", _shares(row.figures.precision for row in seen), Tone.SECOND, dashed=True),
            Series("Flagged of the others", _shares(row.figures.fallout for row in seen), Tone.ATTENTION),
        ],
        unit="%", empty_text="the first orders with predictions whose promise has passed will stand here",
        row_name="Threshold",
    )  # fmt: skip


def file_row(row: AlarmRow) -> tuple[Any, ...]:
    """In the order of HEADER."""
    return (row.name, row.code.value, row.level.value, *_numbers(row.figures), row.figures.unsettled)


def curve_row(row: ThresholdFigures, costs: ActingCosts | None) -> tuple[Any, ...]:
    """In the order of CURVE_HEADER."""
    cost = round(cost_per_order(row.figures, costs), 6) if costs else None
    return (row.threshold, *_numbers(row.figures), row.alarms, round(row.per_shift, 4), cost)


def _numbers(found: AlarmFigures) -> tuple[Any, ...]:
    return (
        found.orders, found.came, found.flagged, *_share(found.precision), *_share(found.recall), found.false_alarms,
        _share(found.fallout)[0], found.missed, found.in_time.count, *(found.warning or (None, None, None)),
    )  # fmt: skip


def _share(one: Any) -> tuple[float | None, ...]:
    return (one.share, one.low, one.high) if one.of else (None, None, None)


def _shares(found: Iterable[Any]) -> list[float | None]:
    return [round(one.share * 100, 1) if one.of else None for one in found]
