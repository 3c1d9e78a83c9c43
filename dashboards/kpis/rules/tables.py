"""Charts, tables and the file of the key figures. Pure."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple

from batches.outcomes.rules import (
    FEW,
    MEASURES,
    Cases,
    KeyFigures,
    figures_of_cases,
    grouped,
    loss_reasons,
)
from supplychain.pages.charts import Chart, ChartKind, Series, Tone

MOST_REASONS = 8
# By what figures are told apart, and the field of a case that holds its id.
PLACE_COLUMNS = {"product": "product_id", "plant": "plant_id", "centre": "site_id"}
FILE_HEADER = ("group", "name", "month", "measure", "unit", "value", "p90", "n")


@dataclass(frozen=True, slots=True)
class KpiRow:
    """The figures of one month, product, plant or centre; `link` leads to the orders behind them."""

    name: str
    figures: KeyFigures
    link: str = ""


class KpiPlace(NamedTuple):
    """Something by which figures are told apart: its id, and its name for people."""

    id: Hashable
    name: str


class KpiSums(NamedTuple):
    """All figures of the page, without names: of each month from the first on, of each place by its column and id, and
    why patients were lost."""

    total: KeyFigures
    months: list[KeyFigures]
    places: dict[str, dict[Hashable, KeyFigures]]
    reasons: list[tuple[str, int]]


def sums_of(cases: Sequence[Cases], months: int) -> KpiSums:
    """What is shown of these cases of so many months."""
    by_place = {column: grouped(cases, attrgetter(column)) for column in PLACE_COLUMNS.values()}
    return KpiSums(
        total=figures_of_cases(cases),
        months=[figures_of_cases(cases, number) for number in range(months)],
        places={
            column: {place: figures_of_cases(alike) for place, alike in found.items()}
            for column, found in by_place.items()
        },
        reasons=loss_reasons(cases),
    )


def rows_by_month(figures: Sequence[KeyFigures], months: Sequence[tuple[str, str]]) -> list[KpiRow]:
    """A row for each month (name, link) from the first in which anything was decided."""
    rows = [KpiRow(name, of_month, link) for of_month, (name, link) in zip(figures, months, strict=True)]
    first = next((index for index, row in enumerate(rows) if _says_anything(row)), len(rows))
    return rows[first:]


def rows_by_place(figures: Mapping[Hashable, KeyFigures], places: Iterable[KpiPlace]) -> list[KpiRow]:
    """A row for each place with anything decided in these months."""
    rows = [KpiRow(place.name, figures[place.id]) for place in places if place.id in figures]
    return [row for row in rows if _says_anything(row)]


def charts(rows: Sequence[KpiRow], reasons: Sequence[tuple[str, int]]) -> list[Chart]:
    """The trends by month, without the months of too few cases, and the reasons for losses."""
    reasons = reasons[:MOST_REASONS]
    labels, links = [row.name for row in rows], [row.link for row in rows]
    return [
        _duration_chart("vein_to_vein", "the first infusions", rows, labels, links),
        _duration_chart("turnaround", "the first releases", rows, labels, ()),
        Chart(
            "shares", "On time, and conforming doses", ChartKind.LINES, labels,
            [
                Series("On time", _values(rows, "on_time"), Tone.FIRST),
                Series("Conforming ÷ collected", _values(rows, "conforming"), Tone.GOOD, dashed=True),
            ],
            unit="%", empty_text=_empty_text("the first promises and releases", rows, "on_time", "conforming"),
            row_name="Month",
        ),
        Chart(
            "failures", "What went wrong", ChartKind.LINES, labels,
            [
                Series("Manufacturing failures", _values(rows, "making_failures"), Tone.CRITICAL),
                Series("Out of specification", _values(rows, "out_of_specification"), Tone.THIRD, dashed=True),
                Series("Lost after collection", _values(rows, "losses"), Tone.MUTED),
            ],
            unit="%", row_name="Month",
            empty_text=_empty_text(
                "the first attempts that end", rows, "making_failures", "out_of_specification", "losses"
            ),
        ),
        Chart(
            "reasons", "Lost between collection and infusion, by reason", ChartKind.BARS,
            [reason for reason, _ in reasons], [Series("Patients", [count for _, count in reasons], Tone.MUTED)],
            unit="patients", empty_text="nobody was lost in these months", sideways=True, row_name="Reason",
        ),
    ]  # fmt: skip


def file_rows(groups: Mapping[str, Sequence[KpiRow]]) -> list[tuple[Any, ...]]:
    """One row a figure, in the order of FILE_HEADER; `groups`: rows by what they are told apart by."""
    return [
        (group, "" if group == "month" else row.name, row.name if group == "month" else "", key, MEASURES[key].unit,
         _rounded(figure.value), _rounded(figure.p90), figure.n)
        for group, rows in groups.items()
        for row in rows
        for key, figure in row.figures.named().items()
    ]  # fmt: skip


def _duration_chart(key: str, what: str, rows: Sequence[KpiRow], labels: Sequence[str], links: Sequence[str]) -> Chart:
    p90 = [None if one.is_few else _rounded(one.p90) for one in (row.figures.named()[key] for row in rows)]
    series = [
        Series("Median", _values(rows, key), Tone.FIRST, links=links),
        Series("9 in 10 within", p90, Tone.SECOND, dashed=True, links=links),
    ]
    title = f"{MEASURES[key].name}, median and what 9 in 10 stay within"
    empty = _empty_text(what, rows, key)
    return Chart(key, title, ChartKind.LINES, labels, series, unit="days", empty_text=empty, row_name="Month")


def _empty_text(what: str, rows: Sequence[KpiRow], *keys: str) -> str:
    """Why a chart of these figures is empty: nothing has happened, or every month has too few cases to be drawn."""
    if any(row.figures.named()[key].is_few for row in rows for key in keys):
        return f"no month has {FEW} cases; the table has what there is"
    return f"{what} will stand here"


def _values(rows: Sequence[KpiRow], key: str) -> list[float | None]:
    return [None if one.is_few else _rounded(one.value) for one in (row.figures.named()[key] for row in rows)]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _says_anything(row: KpiRow) -> bool:
    return any(figure.n for figure in row.figures.named().values())
