"""Whether figures are those of a line that runs steadily, by its loads and by the trend of the orders under way."""

from collections.abc import Sequence
from enum import StrEnum
from math import inf

import msgspec

from batches.ramp_ups.rules.confidence import band
from batches.ramp_ups.rules.loads import PoolLoad
from batches.ramp_ups.rules.measures import ReplicationFigures
from supplychain.words import with_verb

# Orders under way that grow by less than this share of those that came in the weeks are no trend that matters.
LEAST_GROWTH = 0.05


class Regime(StrEnum):
    """What figures are figures of."""

    STEADY = "steady"
    OVERLOADED = "overloaded"
    GROWING = "growing"
    CHANGING = "changing"
    FROM_EMPTY = "from_empty"
    FROM_NOW = "from_now"


class Steadiness(msgspec.Struct, frozen=True):
    """The regime of some figures, in words too; `loads`: of each pool (code, name, load) at the end of the weeks."""

    regime: Regime
    words: str
    loads: tuple[tuple[str, str, float], ...] = ()


def growth_of(rows: Sequence[ReplicationFigures]) -> float:
    """Orders by which those under way grow a week, where that is beyond chance and size; else 0."""
    change = band(row.under_way_after - row.under_way_before for row in rows)
    begun, a_week = sum(row.begun for row in rows), sum(row.ordered for row in rows)
    # Many plans are tried, so chance must be far: twice the 95 % interval (a load of 1 or more is told without it).
    if change is None or not begun or change.mean <= 2 * change.half or change.mean * len(rows) <= LEAST_GROWTH * begun:
        return 0.0
    return change.mean * a_week / begun


def steadiness(
    rows: Sequence[ReplicationFigures], loads: Sequence[PoolLoad], weeks: float, *, warm_up: float, needed: float,
    is_live: bool, is_changing: bool = False, peak: PoolLoad | None = None,
) -> Steadiness:  # fmt: skip
    """What these figures are of. `warm_up`: weeks run before them; `needed`: weeks until the line runs steadily,
    infinite: never; `is_live`: they start from the orders under way; `is_changing`: the months or places
    differ, or something closes; `peak`: the most loaded pool at any time of the weeks."""
    told = tuple((one.code, one.name, one.load) for one in loads)
    worst = max(loads, key=lambda one: one.load, default=None)
    growth = growth_of(rows)
    if worst and worst.load >= 1:
        return Steadiness(Regime.OVERLOADED, overload_words(worst), told)
    if is_live:
        return Steadiness(Regime.FROM_NOW, "From the orders under way; not how the line runs in the long run.", told)
    if needed > warm_up:
        said = f"it would take about {needed / 52:.0f} years" if needed < inf else "it never settles"
        words = f"Not steady: {_years(weeks)} from empty, after {warm_up:.0f} weeks; so near to full {said} to settle."
        return Steadiness(Regime.FROM_EMPTY, words, told)
    if is_changing:
        words = "The weeks differ from each other (months, a closure, or places that change); "
        words += f"measured after {warm_up:.0f} weeks."
        if peak and peak.load >= 1:
            words += f" For a time {with_verb(peak.name, f'is asked for {100 * peak.load:.0f} %')} of what can be done."
        return Steadiness(Regime.CHANGING, words, told)
    if growth:
        return Steadiness(Regime.GROWING, f"Not steady: the orders under way grow by about {growth:.1f} a week.", told)
    return Steadiness(Regime.STEADY, f"Steady: measured after {warm_up:.0f} weeks.", told)


def overload_words(worst: PoolLoad) -> str:
    """Why a line cannot run steadily, and how fast its queue grows."""
    if worst.load > 100:
        return f"Not steady: {with_verb(worst.name, 'has no places')}; everything that needs one waits for ever."
    by = f"by about {worst.growth:.1f} orders a week" if worst.growth >= 0.05 else "without limit, slowly"
    return (
        f"Not steady: {with_verb(worst.name, f'is asked for {100 * worst.load:.0f} %')} of what can be done; "
        f"the queue grows {by}. "
        "Figures over longer weeks would be worse."
    )


def _years(weeks: float) -> str:
    return "the first year" if 50 <= weeks <= 54 else f"the first {weeks:g} weeks"
