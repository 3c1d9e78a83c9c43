"""What a chart shows, apart from how it is drawn: dashboards/js/charts.js draws it, a table says the same in words."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Any, NamedTuple

from django.utils import timezone

from supplychain.words import moment_words


class ChartKind(StrEnum):
    """How charts.js draws it."""

    LINES = "lines"
    BARS = "bars"
    STACKED_BARS = "stacked_bars"
    STACKED_AREAS = "stacked_areas"
    BANDS = "bands"
    POINTS = "points"


class Tone(StrEnum):
    """What a colour means; the page's style sheet says which colour that is in light and in dark."""

    FIRST = "accent"
    SECOND = "second"
    THIRD = "third"
    INK = "ink"
    MUTED = "ink-3"
    WAITED = "waited"
    GOOD = "good"
    ATTENTION = "attention"
    CRITICAL = "critical"
    KIND_1 = "kind-1"
    KIND_2 = "kind-2"
    KIND_3 = "kind-3"
    KIND_4 = "kind-4"
    KIND_5 = "kind-5"
    KIND_6 = "kind-6"
    KIND_7 = "kind-7"
    KIND_8 = "kind-8"
    KIND_9 = "kind-9"
    KIND_10 = "kind-10"


class Look(StrEnum):
    """How a band is drawn besides its colour: for what is, was planned, may be, is expected, or is past."""

    SOLID = "solid"
    THIN = "thin"
    HATCHED = "hatched"
    OUTLINED = "outlined"
    FADED = "faded"


# Colours for things of one sort that are only to be told apart, neighbours best of all.
CATEGORIES = tuple(tone for tone in Tone if tone.startswith("kind-"))


class Cell(NamedTuple):
    """One value of a chart's table and where it leads."""

    value: Any
    link: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """One named row of numbers, one for each label of the chart; None: not known. `links`: where a click leads."""

    name: str
    values: Sequence[float | None]
    tone: Tone = Tone.FIRST
    dashed: bool = False
    links: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of time on a named row of a bands chart; `ended_at` None: it goes on. `whole`: from when to when it
    lasts, where it is drawn to the edge of the chart only; told in the table."""

    row: str
    started_at: datetime
    ended_at: datetime | None
    text: str
    tone: Tone = Tone.FIRST
    link: str = ""
    look: Look = Look.SOLID
    whole: tuple[datetime, datetime] | None = None

    @property
    def told(self) -> tuple[datetime, datetime | None]:
        """From when to when it lasts, whatever of it is drawn."""
        return self.whole or (self.started_at, self.ended_at)


class Point(NamedTuple):
    """A point of a points chart (0–100 both ways) with its 95 % interval upwards; `count`: how much it rests on."""

    label: str
    x: float
    y: float
    low: float
    high: float
    count: int
    link: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with its labels and series, or, for bands, its rows and stretches of time.

    `key` is unique on its page. `labels` are ready for people ("wk 42", "Mar 2026"). `unit` follows each number.
    `limit` is drawn across as a dashed line, for example a capacity. `start`, `end`: the time shown by bands;
    `moments` are drawn across them. `empty_text` says what would fill an empty chart. `sideways`: bars lie, with their
    labels at the left, for labels that are long. `points`, between 0 and 100, stand about the diagonal on which both
    axes agree; `x_name`, `y_name`, `count_name` say what they are. `decimals`: places of the numbers. `row_name`
    heads the labels in the table.
    """

    key: str
    title: str
    kind: ChartKind
    labels: Sequence[str] = ()
    series: Sequence[Series] = ()
    unit: str = ""
    limit: float | None = None
    limit_name: str = ""
    rows: Sequence[str] = ()
    bands: Sequence[Band] = ()
    start: datetime | None = None
    end: datetime | None = None
    moments: Sequence[tuple[datetime, str, Tone]] = ()
    empty_text: str = ""
    sideways: bool = False
    points: Sequence[Point] = ()
    x_name: str = ""
    y_name: str = ""
    count_name: str = ""
    decimals: int = 1
    row_name: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return (
            not self.bands
            and not self.points
            and not any(value is not None for series in self.series for value in series.values)
        )

    @property
    def table(self) -> list[list[Any]]:
        """The same in rows: a label, then each series' number (for bands: row, from, to, what)."""
        if self.kind == ChartKind.BANDS:
            return [[band.row, *band.told, band.text] for band in self.bands]
        if self.kind == ChartKind.POINTS:
            return [list(point[:-1]) for point in self.points]
        return [[label, *(one.values[i] for one in self.series)] for i, label in enumerate(self.labels)]

    @property
    def cells(self) -> list[list[Cell]]:
        """The table with the links of its values: what a click on the drawing leads to, for the keyboard too."""
        if self.kind == ChartKind.BANDS:
            return [[Cell(b.row), *map(Cell, b.told), Cell(b.text, b.link)] for b in self.bands]
        if self.kind == ChartKind.POINTS:
            return [[*map(Cell, point[:-2]), Cell(point.count, point.link)] for point in self.points]
        return [
            [Cell(label), *(Cell(one.values[i], one.links[i] if one.links else "") for one in self.series)]
            for i, label in enumerate(self.labels)
        ]

    @property
    def header(self) -> list[str]:
        """The names of the table's columns."""
        if self.kind == ChartKind.BANDS:
            return ["Row", "From", "To", "What"]
        if self.kind == ChartKind.POINTS:
            return ["From–to", self.x_name, self.y_name, "95 % from", "95 % to", self.count_name]
        return [self.row_name, *(one.name for one in self.series)]

    @property
    def places(self) -> str:
        """How the table writes a number: zeros at its end are left out."""
        return f"-{self.decimals}"

    @property
    def json(self) -> str:
        """`data` as text for an attribute: a script element would be lost when htmx fetches the fragment again."""
        return json.dumps(self.data, ensure_ascii=False)

    @property
    def data(self) -> dict[str, Any]:
        """What charts.js reads: moments are ISO 8601 in UTC, colours are names of tones."""
        return {
            "kind": self.kind,
            "labels": list(self.labels),
            "unit": self.unit,
            "sideways": self.sideways,
            "limit": None if self.limit is None else {"value": self.limit, "name": self.limit_name},
            "series": [
                {"name": s.name, "values": list(s.values), "tone": s.tone, "dashed": s.dashed, "links": list(s.links)}
                for s in self.series
            ],
            "decimals": self.decimals,
            "points": [point._asdict() for point in self.points],
            "names": {"x": self.x_name, "y": self.y_name, "count": self.count_name},
            "rows": list(self.rows),
            "bands": [_band_data(band, self.end, timezone.get_current_timezone()) for band in self.bands],
            "start": _iso(self.start),
            "end": _iso(self.end),
            "moments": [{"at": _iso(at), "text": text, "tone": tone} for at, text, tone in self.moments],
        }


def _band_data(band: Band, end: datetime | None, zone: tzinfo) -> dict[str, Any]:
    """`when`: from when to when in `zone`, as every page says moments: the hour that occurs twice with its offset."""
    ends = (band.started_at, band.ended_at or end)
    return {
        "when": " – ".join(moment_words(moment, zone, now=end) for moment in ends if moment),
        "row": band.row,
        "from": _iso(band.started_at),
        "to": _iso(band.ended_at or end),
        "text": band.text,
        "tone": band.tone,
        "link": band.link,
        "look": band.look,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
