"""Where the readings of a shipment stand in its chart: an SVG that needs no script. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, NamedTuple

from supplychain.flows.rules.storage import StorageCondition, degrees

# Pixels of the drawing before it is scaled.
WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 12, 12, 28
TICKS = 5
STEPS = (10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)  # between two ticks, in hundredths of a degree


class LoggerTrace(NamedTuple):
    """The line of one logger, in pieces where it was silent; `look`: which of the patterns it has."""

    logger: str
    look: int
    pieces: tuple[str, ...]


class Tick(NamedTuple):
    """A place on an axis; `at`: moments are written by the page, in the zone of whoever reads."""

    place: float
    words: str = ""
    at: datetime | None = None


class ChartBox(NamedTuple):
    """A stretch of the drawing."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class ConditionChart:
    """`labelled`: the range for which the cells are labelled; `limits`: lines that are not to be reached; `warm`:
    the stretches of excursions; `ends`: when the shipment began and ended."""

    traces: tuple[LoggerTrace, ...]
    temperatures: tuple[Tick, ...]
    moments: tuple[Tick, ...]
    labelled: ChartBox | None
    limits: tuple[Tick, ...]
    warm: tuple[ChartBox, ...]
    ends: tuple[Tick, ...]


class LoggerLine(NamedTuple):
    """What one logger says: points of seconds since 1970 and °C, and its gaps."""

    logger: str
    points: Sequence[Sequence[float]]
    gaps: Sequence[Mapping[str, Any]]


class _Scale(NamedTuple):
    first: float
    last: float
    low: float
    high: float

    def x(self, moment: float) -> float:
        return round(LEFT + (moment - self.first) / ((self.last - self.first) or 1) * (WIDTH - LEFT - RIGHT), 1)

    def y(self, temperature: float) -> float:
        share = (self.high - temperature) / ((self.high - self.low) or 1)
        return round(TOP + min(max(share, 0), 1) * (HEIGHT - TOP - BOTTOM), 1)


def draw(
    lines: Sequence[LoggerLine],
    condition: StorageCondition | None,
    excursions: Iterable[tuple[datetime, datetime]],
    ends: Sequence[datetime | None],
) -> ConditionChart | None:
    """The drawing; None where there is nothing to draw."""
    points = [point for line in lines for point in line.points]
    if not points:
        return None
    scale = _scale(points, condition)
    traces = tuple(LoggerTrace(line.logger, index % 4, tuple(_pieces(line, scale))) for index, line in enumerate(lines))
    places = [(start.timestamp(), end.timestamp()) for start, end in excursions]
    return ConditionChart(
        traces,
        tuple(Tick(scale.y(one / 100), degrees(one)) for one in _ticks(scale)),
        tuple(_moments(scale)),
        _labelled(condition, scale) if condition else None,
        tuple(_limits(condition, scale)) if condition else (),
        tuple(_box(scale.x(start), TOP, scale.x(end), HEIGHT - BOTTOM) for start, end in places),
        tuple(
            Tick(scale.x(end.timestamp()), at=end)
            for end in ends
            if end and scale.first <= end.timestamp() <= scale.last
        ),
    )


def _scale(points: Sequence[Sequence[float]], condition: StorageCondition | None) -> _Scale:
    temperatures = [point[1] for point in points]
    ends = [end / 100 for end in (condition.low, condition.high) if end is not None] if condition else []
    low, high = min(*temperatures, *ends, temperatures[0]), max(*temperatures, *ends, temperatures[0])
    room = max((high - low) * 0.08, 0.5)
    return _Scale(min(point[0] for point in points), max(point[0] for point in points), low - room, high + room)


def _pieces(line: LoggerLine, scale: _Scale) -> Iterable[str]:
    """The line, broken where the logger said nothing."""
    silent = [datetime.fromisoformat(gap["started_at"]).timestamp() for gap in line.gaps]
    piece: list[Sequence[float]] = [line.points[0]] if line.points else []
    for before, after in pairwise(line.points):
        if any(before[0] - 1 <= start < after[0] - 1 for start in silent):
            yield _path(piece, scale)
            piece = []
        piece.append(after)
    if piece:
        yield _path(piece, scale)


def _path(points: Iterable[Sequence[float]], scale: _Scale) -> str:
    return " ".join(f"{scale.x(point[0])},{scale.y(point[1])}" for point in points)


def _ticks(scale: _Scale) -> list[int]:
    low, high = scale.low * 100, scale.high * 100
    step = next((one for one in STEPS if (high - low) / one <= TICKS), STEPS[-1])
    first = int(-(-low // step)) * step
    return list(range(first, int(high) + 1, step))


def _moments(scale: _Scale) -> Iterable[Tick]:
    for number in range(TICKS):
        at = scale.first + (scale.last - scale.first) * number / (TICKS - 1)
        yield Tick(scale.x(at), at=datetime.fromtimestamp(at, UTC))


def _labelled(condition: StorageCondition, scale: _Scale) -> ChartBox:
    top = scale.y(condition.high / 100) if condition.high is not None else TOP
    bottom = scale.y(condition.low / 100) if condition.low is not None else HEIGHT - BOTTOM
    return _box(LEFT, top, WIDTH - RIGHT, bottom)


def _limits(condition: StorageCondition, scale: _Scale) -> Iterable[Tick]:
    inside = sorted({limit.at for limit in condition.limits if scale.low < limit.at / 100 < scale.high})
    return (Tick(scale.y(at / 100), degrees(at)) for at in inside)


def _box(left: float, top: float, right: float, bottom: float) -> ChartBox:
    return ChartBox(left, top, round(max(right - left, 2), 1), round(max(bottom - top, 0), 1))
