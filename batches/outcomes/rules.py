"""Key figures: what they are and how they are reckoned. Pure; docs/orders-and-kpis.md says the same in prose.

Every figure belongs to the month in which it is decided, and is reckoned over what was decided in it, so that a young
month is not judged by the fast ones alone.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar
from uuid import UUID

# With fewer than this a figure says more of chance than of the work.
FEW = 10
DAY = timedelta(days=1)
NOT_STATED = "reason not stated"
DURATION = "days"
# What cases are of beside the measures: patients with collected cells about whom nothing is decided yet.
IN_PROCESS = "in_process"
Span = tuple[datetime, datetime]
Row = TypeVar("Row")


class KpiOutcome(NamedTuple):
    """What became of one order. `collected_at`: newest collection, `first_collected_at` the first; `ready_at`: when
    the dose could be infused; `has_conforming_dose`: some attempt was released with no test failed in it."""

    order_id: UUID
    product_id: UUID
    plant_id: UUID
    site_id: UUID
    ordered_at: datetime
    promised_at: datetime | None
    first_collected_at: datetime | None
    collected_at: datetime | None
    released_at: datetime | None
    ready_at: datetime | None
    infused_at: datetime | None
    lost_at: datetime | None
    lost_reason: str
    has_conforming_dose: bool

    @property
    def is_lost_after_collection(self) -> bool:
        """Whether the patient was lost between collection and infusion."""
        return bool(self.lost_at and self.first_collected_at and self.first_collected_at <= self.lost_at)

    @property
    def ended_at(self) -> datetime | None:
        """When a patient whose cells were collected was infused or lost."""
        return self.infused_at or (self.lost_at if self.is_lost_after_collection else None)

    @property
    def decided_at(self) -> datetime | None:
        """When it was known whether the collected cells became a conforming dose."""
        return self.released_at if self.has_conforming_dose else self.ended_at


class Attempt(NamedTuple):
    """One manufacturing run. A moment of failure is that of the newest failed stage of the kind."""

    order_id: UUID
    product_id: UUID
    plant_id: UUID
    site_id: UUID
    made_at: datetime | None
    making_failed_at: datetime | None
    tests_failed_at: datetime | None
    released_at: datetime | None


class Cases(NamedTuple):
    """Cases of one measure, month (0: the first asked for) and place; `hits`: of how many of the `n` it is so, `days`:
    how long each took, where the measure is a duration. `reason`: said of the losses.

    Of IN_PROCESS the month is that of the first collection, or the first month where that was before.
    """

    measure: str
    product_id: UUID
    plant_id: UUID
    site_id: UUID
    month: int
    reason: str
    n: int
    hits: int
    days: Sequence[float]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with what it rests on. `n`: of how many; `p90`: for durations, what nine of ten stay below."""

    value: float | None
    n: int
    p90: float | None = None

    @property
    def is_few(self) -> bool:
        """Whether it rests on too little to go by."""
        return 0 < self.n < FEW


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """All key figures of one stretch of time; durations in days, shares in per cent.

    `still_in_process`: patients with collected cells about whom nothing is decided yet.
    """

    vein_to_vein: Figure
    turnaround: Figure
    on_time: Figure
    conforming: Figure
    making_failures: Figure
    out_of_specification: Figure
    losses: Figure
    still_in_process: int

    def named(self) -> dict[str, Figure]:
        """By name, in the order in which they are shown."""
        return {name: getattr(self, name) for name in MEASURES}


class Measure(NamedTuple):
    """How a figure is called, its unit, and whether more of it is better."""

    name: str
    unit: str
    more_is_better: bool


MEASURES = {
    "vein_to_vein": Measure("Vein-to-vein time", DURATION, False),
    "turnaround": Measure("Turnaround", DURATION, False),
    "on_time": Measure("On time", "%", True),
    "conforming": Measure("Conforming doses ÷ patients collected", "%", True),
    "making_failures": Measure("Manufacturing failures", "%", False),
    "out_of_specification": Measure("Out of specification", "%", False),
    "losses": Measure("Lost between collection and infusion", "%", False),
}


def figures(outcomes: Iterable[KpiOutcome], attempts: Iterable[Attempt], span: Span, now: datetime) -> KeyFigures:
    """The key figures of what was decided from the span's start up to, not including, its end."""
    outcomes, attempts = list(outcomes), list(attempts)
    return KeyFigures(
        vein_to_vein=_days((one.collected_at, one.infused_at) for one in outcomes if _within(one.infused_at, span)),
        turnaround=_days((one.collected_at, one.released_at) for one in outcomes if _within(one.released_at, span)),
        on_time=_on_time(outcomes, span, now),
        conforming=_share(
            [one for one in outcomes if _within(one.decided_at, span)], lambda one: one.has_conforming_dose
        ),
        making_failures=_share(
            [one for one in attempts if _within(one.making_failed_at or one.made_at, span)],
            lambda one: one.making_failed_at is not None,
        ),
        out_of_specification=_share(
            [one for one in attempts if _within(one.tests_failed_at or one.released_at, span)],
            lambda one: one.tests_failed_at is not None,
        ),
        losses=_share(
            [one for one in outcomes if _within(one.ended_at, span)], lambda one: one.is_lost_after_collection
        ),
        still_in_process=sum(_is_in_process(one, span) for one in outcomes),
    )


def figures_of_cases(cases: Iterable[Cases], month: int | None = None) -> KeyFigures:
    """The key figures of one month, or of all months that the cases are of."""
    by_measure = grouped(cases, lambda one: one.measure)
    waiting = by_measure.get(IN_PROCESS, ())
    return KeyFigures(
        **{name: _figure(_of_month(by_measure.get(name, ()), month), one) for name, one in MEASURES.items()},
        still_in_process=sum(one.n for one in waiting if month is None or one.month <= month),
    )


def order_to_release(outcomes: Iterable[KpiOutcome], span: Span) -> Figure:
    """Days from the order to the release of its dose, of the doses released in the span."""
    return _days((one.ordered_at, one.released_at) for one in outcomes if _within(one.released_at, span))


def doses_ready(outcomes: Iterable[KpiOutcome], span: Span) -> int:
    """Doses that could first be infused in the span."""
    return sum(_within(one.ready_at, span) for one in outcomes)


def loss_reasons(cases: Iterable[Cases]) -> list[tuple[str, int]]:
    """Why patients were lost between collection and infusion, the most frequent reason first."""
    counted: Counter[str] = Counter()
    for one in cases:
        if one.measure == "losses" and one.hits:
            counted[one.reason.strip() or NOT_STATED] += one.hits
    return sorted(counted.items(), key=lambda reason: (-reason[1], reason[0]))


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value below which `share` (0–1) of the values lie, interpolated as PostgreSQL's percentile_cont does."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def grouped(rows: Iterable[Row], key: Callable[[Row], Hashable]) -> dict[Hashable, list[Row]]:
    """Rows by key."""
    groups: dict[Hashable, list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def _of_month(cases: Iterable[Cases], month: int | None) -> list[Cases]:
    return [one for one in cases if month is None or one.month == month]


def _figure(cases: Sequence[Cases], measure: Measure) -> Figure:
    n = sum(one.n for one in cases)
    if measure.unit == DURATION:
        lengths = sorted(length for one in cases for length in one.days)
        return Figure(percentile(lengths, 0.5), n, percentile(lengths, 0.9))
    return Figure(100 * sum(one.hits for one in cases) / n if n else None, n)


def _within(moment: datetime | None, span: Span) -> bool:
    return moment is not None and span[0] <= moment < span[1]


def _is_in_process(one: KpiOutcome, span: Span) -> bool:
    """Whether cells were collected before the span's end and nothing is decided yet."""
    return bool(one.first_collected_at and one.first_collected_at < span[1] and not one.decided_at and not one.lost_at)


def _days(pairs: Iterable[tuple[datetime | None, datetime | None]]) -> Figure:
    """Of facts that contradict each other, an end before its beginning, no duration can be had."""
    lengths = [(end - start) / DAY for start, end in pairs if start and end and end >= start]
    return Figure(percentile(lengths, 0.5), len(lengths), percentile(lengths, 0.9))


def _share(rows: Sequence[Row], is_so: Callable[[Row], bool]) -> Figure:
    return Figure(100 * sum(map(is_so, rows)) / len(rows) if rows else None, len(rows))


def _on_time(outcomes: Iterable[KpiOutcome], span: Span, now: datetime) -> Figure:
    """Of the doses promised for the span, by now: those ready by then. Who was lost before it no longer waited."""
    due = [
        one
        for one in outcomes
        if _within(one.promised_at, span)
        and one.promised_at <= now
        and not (one.lost_at and one.lost_at <= one.promised_at)
    ]
    return _share(due, lambda one: _is_ready_by(one, one.promised_at))


def _is_ready_by(one: KpiOutcome, promise: datetime | None) -> bool:
    ready = min((moment for moment in (one.ready_at, one.infused_at) if moment), default=None)
    return ready is not None and promise is not None and ready <= promise
