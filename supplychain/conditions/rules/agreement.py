"""Where what loggers say of one shipment does not agree: two of them with each other, or one with itself. Pure.

Nobody chooses between them: each is judged by itself, so that the worse one counts, and quality assurance looks at it.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from supplychain.conditions.rules.excursions import BETWEEN_LOGGERS
from supplychain.conditions.rules.judging import Stretch, stretch_of
from supplychain.flows.rules.storage import StorageCondition, degrees

# Two loggers disagree from this difference on (hundredths of a degree), if it lasts so long: a dry shipper is much
# colder at the bottom than below the lid.
APART, APART_FROZEN = 300, 2_000
MINUTES = 30
# What loggers say is compared by its mean over so many minutes: they do not measure at the same second.
BUCKET = 10 * 60
# Two exports of one logger that are rounded otherwise are no two temperatures.
ROUNDED = 10


class MeanOfLogger(NamedTuple):
    """The mean of a logger over one stretch of BUCKET seconds; `at`: when that began, in seconds since 1970."""

    at: float
    logger: str
    temperature: float


class TwoTemperatures(NamedTuple):
    """Two temperatures that a logger has at one moment (seconds since 1970), in hundredths of a degree."""

    logger: str
    at: float
    one: int
    other: int

    @property
    def apart(self) -> int:
        """By how much they differ."""
        return abs(self.one - self.other)

    @property
    def moment(self) -> datetime:
        """When."""
        return datetime.fromtimestamp(self.at, UTC)

    @property
    def one_degrees(self) -> str:
        """The one that was known first, in words."""
        return degrees(self.one)

    @property
    def other_degrees(self) -> str:
        """The other one, in words."""
        return degrees(self.other)


class _Apart(NamedTuple):
    at: float
    apart: float
    loggers: tuple[str, ...]


def disagreements(
    means: Iterable[MeanOfLogger],
    doubles: Sequence[TwoTemperatures],
    condition: StorageCondition,
    beyond: Sequence[tuple[datetime, datetime]] = (),
) -> list[Stretch]:
    """All that does not agree; `means`: in the order of time. `beyond`: the times of excursions, of which quality
    assurance is asked already, and is told then that another logger saw nothing."""
    found = [*_between(means, APART_FROZEN if condition.is_frozen else APART), *_within(doubles)]
    return [one for one in found if not any(one.is_within(start, end) for start, end in beyond)]


def _between(means: Iterable[MeanOfLogger], most: int) -> Iterable[Stretch]:
    """The stretches in which the warmest and the coldest logger were too far apart for too long."""
    run: list[_Apart] = []
    for one in [*_compared(means), None]:
        if one is not None and one.apart >= most:
            run.append(one)
        elif run:
            end = run[-1].at + BUCKET
            worst = max(run, key=lambda each: each.apart)
            if end - run[0].at >= MINUTES * 60:
                words = (
                    f"{BETWEEN_LOGGERS}{' and '.join(worst.loggers)} were up to {degrees(round(worst.apart, -1))} apart"
                )
                yield stretch_of(run[0].at, end, round(worst.apart), words)
            run = []


def _compared(means: Iterable[MeanOfLogger]) -> Iterable[_Apart]:
    beside: dict[float, list[MeanOfLogger]] = {}
    for mean in means:
        beside.setdefault(mean.at, []).append(mean)
    for at, some in sorted(beside.items()):
        if len(some) > 1:
            low, *_, high = sorted(some, key=lambda one: one.temperature)
            yield _Apart(at, high.temperature - low.temperature, tuple(sorted((low.logger, high.logger))))


def _within(doubles: Sequence[TwoTemperatures]) -> Iterable[Stretch]:
    """Of each logger the moments at which it has two temperatures, together."""
    told = [one for one in doubles if one.apart >= ROUNDED]
    for logger in sorted({one.logger for one in told}):
        own = [one for one in told if one.logger == logger]
        moments, worst = sorted({one.at for one in own}), max(one.apart for one in own)
        count = f"{len(moments):,} moment{'' if len(moments) == 1 else 's'}"
        words = f"logger {logger} has two temperatures at {count}, up to {degrees(worst)} apart; the worse one counts"
        yield stretch_of(moments[0], moments[-1], worst, words)
