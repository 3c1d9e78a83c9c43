"""An order's stages on one time axis: what was planned, what happened, what is expected.

Pure: moments in, places on the axis out (per cent of its length, for SVG attributes, as style attributes are barred
by the content security policy).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from dashboards.rules.words import span_words

DAY = timedelta(days=1)
MOST_TICKS = 7
TICK_DAYS = (1, 2, 7, 14, 28, 91, 182, 364)
# Frozen cells may have been collected years before the order; the axis does not go back for them.
MOST_BEFORE_ORDER = timedelta(days=7)
# Room at the right end, as a share of the axis, so that a promise at the end is not cut off.
MARGIN = 0.03
# Narrower bars would be invisible.
LEAST_PERCENT = 0.4


class BarKind(StrEnum):
    """What a bar shows; also its CSS class."""

    PLANNED = "planned"
    WAITED = "waited"
    WORKED = "worked"
    HELD = "held"
    FAILED = "failed"
    AWAITED = "awaited"
    EXPECTED = "expected"


BAR_WORDS = {
    BarKind.PLANNED: "Planned",
    BarKind.WAITED: "Waited",
    BarKind.WORKED: "Worked",
    BarKind.HELD: "On hold for",
    BarKind.FAILED: "Failed after",
    BarKind.AWAITED: "Expected wait",
    BarKind.EXPECTED: "Expected work",
}


@dataclass(frozen=True, slots=True)
class Span:
    """One stretch of a stage, before it is placed on an axis. `attempt`: of which manufacturing run."""

    kind: BarKind
    start: datetime
    end: datetime
    attempt: int = 1
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """A span on the axis."""

    kind: BarKind
    x: str
    width: str
    text: str
    is_past_attempt: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment on the axis; `is_late` when its label must stand to its left."""

    x: str
    label: str
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One stage of the time line."""

    code: str
    name: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class TimeLine:
    """The whole drawing."""

    rows: tuple[Row, ...]
    ticks: tuple[Mark, ...]
    now: Mark
    promise: Mark | None
    ready: Mark | None


@dataclass(frozen=True, slots=True)
class Axis:
    """From when to when the drawing goes."""

    start: datetime
    end: datetime

    def percent(self, moment: datetime) -> float:
        """Place of a moment, kept between 0 and 100."""
        return min(100.0, max(0.0, (moment - self.start) / (self.end - self.start) * 100))

    def mark(self, moment: datetime, label: str) -> Mark:
        """A moment with its label."""
        place = self.percent(moment)
        return Mark(f"{place:.2f}%", label, is_late=place > 85)

    def bar(self, span: Span, attempt: int) -> Bar:
        """A span of a stage whose newest attempt is `attempt`."""
        left, right = self.percent(span.start), self.percent(span.end)
        text = f"{BAR_WORDS[span.kind]} {span_words(span.end - span.start)}{' so far' if span.is_open else ''}"
        if attempt > 1 or span.attempt > 1:
            text += f" (attempt {span.attempt})"
        return Bar(
            kind=span.kind,
            x=f"{left:.2f}%",
            width=f"{max(right - left, LEAST_PERCENT):.2f}%",
            text=text,
            is_past_attempt=span.attempt < attempt and span.kind != BarKind.PLANNED,
        )


def time_line(
    stages: Mapping[str, str],
    spans: Mapping[str, Sequence[Span]],
    *,
    ordered_at: datetime,
    now: datetime,
    promised_at: datetime | None = None,
    ready_at: datetime | None = None,
    zone: tzinfo,
) -> TimeLine:
    """The drawing of `spans` (by stage code), in the order of `stages` (code to name).

    `ready_at`: forecast moment at which the dose could be infused.
    """
    axis = _axis([span for some in spans.values() for span in some], ordered_at, now, promised_at, ready_at)
    return TimeLine(
        rows=tuple(_row(axis, code, name, spans.get(code, ())) for code, name in stages.items()),
        ticks=tuple(_ticks(axis, zone)),
        now=axis.mark(now, "Now"),
        promise=axis.mark(promised_at, "Promised") if promised_at else None,
        ready=axis.mark(ready_at, "Forecast ready") if ready_at else None,
    )


def _axis(
    spans: Iterable[Span], ordered_at: datetime, now: datetime, promised_at: datetime | None, ready_at: datetime | None
) -> Axis:
    spans = list(spans)
    first = min([ordered_at, *(span.start for span in spans)])
    last = max([ordered_at + DAY, *(span.end for span in spans), *filter(None, (promised_at, ready_at))])
    if any(span.is_open for span in spans):
        last = max(last, now)
    start = max(first, ordered_at - MOST_BEFORE_ORDER)
    return Axis(start, last + (last - start) * MARGIN)


def _row(axis: Axis, code: str, name: str, spans: Sequence[Span]) -> Row:
    newest = max((span.attempt for span in spans), default=1)
    visible = [span for span in spans if span.end >= axis.start]
    return Row(code, name, tuple(axis.bar(span, newest) for span in visible))


def _ticks(axis: Axis, zone: tzinfo) -> Iterable[Mark]:
    """Midnights in `zone`, as many as fit."""
    days = (axis.end - axis.start) / DAY
    step = next((step for step in TICK_DAYS if days / step <= MOST_TICKS), TICK_DAYS[-1])
    midnight = axis.start.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0) + DAY
    while midnight < axis.end:
        yield axis.mark(midnight, f"{midnight:%d %b}".removeprefix("0"))
        midnight += step * DAY
