"""An order's stages on one time axis: what was planned, what may be waited, what happened, what is expected."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from supplychain.orders.rules.promises import PROMISED, DoseDate
from supplychain.pages.charts import Band, Chart, ChartKind, Look, Tone
from supplychain.words import span_words

DAY = timedelta(days=1)
# Frozen cells may have been collected years before the order; the axis does not go back for them.
MOST_BEFORE_ORDER = timedelta(days=7)
# Room at the right end, as a share of the axis, so that a promise at the end is not cut off.
MARGIN = 0.03


class BarKind(StrEnum):
    """What a stretch of a stage is."""

    PLANNED = "planned"
    PERMITTED = "permitted"
    WAITED = "waited"
    WORKED = "worked"
    HELD = "held"
    FAILED = "failed"
    AWAITED = "awaited"
    EXPECTED = "expected"
    RANGE = "range"


BAR_WORDS = {
    BarKind.PLANNED: "Planned",
    BarKind.PERMITTED: "May wait",
    BarKind.WAITED: "Waited",
    BarKind.WORKED: "Worked",
    BarKind.HELD: "On hold for",
    BarKind.FAILED: "Failed after",
    BarKind.AWAITED: "Expected wait",
    BarKind.EXPECTED: "Expected work",
    BarKind.RANGE: "Ready in 8 of 10 cases, within",
}
LOOKS = {
    BarKind.PLANNED: (Tone.MUTED, Look.THIN),
    BarKind.PERMITTED: (Tone.MUTED, Look.HATCHED),
    BarKind.WAITED: (Tone.WAITED, Look.SOLID),
    BarKind.WORKED: (Tone.FIRST, Look.SOLID),
    BarKind.HELD: (Tone.ATTENTION, Look.SOLID),
    BarKind.FAILED: (Tone.CRITICAL, Look.SOLID),
    BarKind.AWAITED: (Tone.ATTENTION, Look.OUTLINED),
    BarKind.EXPECTED: (Tone.FIRST, Look.OUTLINED),
    BarKind.RANGE: (Tone.SECOND, Look.HATCHED),
}
# What lies behind is drawn first.
LAYERS = tuple(BarKind)


@dataclass(frozen=True, slots=True)
class Span:
    """One stretch of a stage. `attempt`: of which manufacturing run; `note`: what is said behind its length."""

    kind: BarKind
    start: datetime
    end: datetime
    attempt: int = 1
    is_open: bool = False
    note: str = ""


def time_line(
    stages: Mapping[str, str],
    spans: Mapping[str, Sequence[Span]],
    *,
    ordered_at: datetime,
    now: datetime,
    promised_at: datetime | None = None,
    ready_at: datetime | None = None,
    date: DoseDate = PROMISED,
) -> Chart:
    """The drawing of `spans` (by stage code), in the order of `stages` (code to name).

    `date`: whether `promised_at` is a promise; `ready_at`: forecast moment at which the dose could be infused.
    """
    start, end = _axis([span for some in spans.values() for span in some], ordered_at, now, promised_at, ready_at)
    bands = [band for code, name in stages.items() for band in _bands(name, spans.get(code, ()), start, end)]
    marks = [(now, "Now", Tone.INK)]
    marks += [(promised_at, date.by.capitalize(), Tone.CRITICAL)] if promised_at else []
    marks += [(ready_at, "Forecast ready", Tone.FIRST)] if ready_at else []
    return Chart(
        key="journey",
        title="Journey",
        kind=ChartKind.BANDS,
        rows=list(stages.values()),
        bands=bands,
        start=start,
        end=end,
        moments=[mark for mark in marks if start <= mark[0] <= end],
    )


def _axis(
    spans: Iterable[Span], ordered_at: datetime, now: datetime, promised_at: datetime | None, ready_at: datetime | None
) -> tuple[datetime, datetime]:
    """From when to when; a wait that may last a year does not stretch it."""
    spans = [span for span in spans if span.kind != BarKind.PERMITTED]
    first = min([ordered_at, *(span.start for span in spans)])
    last = max([ordered_at + DAY, *(span.end for span in spans), *filter(None, (promised_at, ready_at))])
    if any(span.is_open for span in spans):
        last = max(last, now)
    start = max(first, ordered_at - MOST_BEFORE_ORDER)
    return start, last + (last - start) * MARGIN


def _bands(name: str, spans: Sequence[Span], start: datetime, end: datetime) -> Iterator[Band]:
    newest = max((span.attempt for span in spans), default=1)
    for span in sorted(spans, key=lambda span: LAYERS.index(span.kind)):
        if span.end < start or span.start > end:
            continue
        tone, look = LOOKS[span.kind]
        if span.attempt < newest and look == Look.SOLID:
            look = Look.FADED
        drawn, whole = (max(span.start, start), min(span.end, end)), (span.start, span.end)
        yield Band(name, *drawn, _words(span, newest), tone, look=look, whole=None if drawn == whole else whole)


def _words(span: Span, newest: int) -> str:
    text = f"{BAR_WORDS[span.kind]} {span_words(span.end - span.start)}{' so far' if span.is_open else ''}{span.note}"
    return f"{text} (attempt {span.attempt})" if newest > 1 else text
