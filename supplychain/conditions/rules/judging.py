"""What the readings of one logger say of one shipment: excursions, gaps and mean kinetic temperature. Pure.

A reading stands until the next one. While the logger is silent for longer than usual nobody knows: what was out of its
limit before and after such a gap counts as out all along, otherwise it counts to the end of the usual time.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import chain, islice, pairwise
from statistics import median

import msgspec

from supplychain.conditions.rules.kinetic import WINDOW, highest_mean_kinetic
from supplychain.flows.rules.storage import StorageCondition, TemperatureLimit, degrees

# A silence is a gap from this many usual intervals on, and never before SHORTEST_GAP.
INTERVALS_OF_GAP = 3
SHORTEST_GAP = 15 * 60.0
# The usual interval is known well from so many of the first readings.
SAMPLE = 2_000
MOST_GAPS = 100


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time (ISO 8601), how long it lasted, and at what worst temperature (°C); `words`: what it broke."""

    started_at: str
    ended_at: str
    minutes: float
    worst: float
    words: str

    def is_within(self, start: datetime, end: datetime) -> bool:
        """Whether some of it is of this time."""
        return datetime.fromisoformat(self.started_at) <= end and datetime.fromisoformat(self.ended_at) >= start


@dataclass(frozen=True, slots=True)
class ReadingGap:
    """The logger said nothing from here to there."""

    started_at: str
    ended_at: str
    minutes: float


@dataclass(frozen=True, slots=True)
class JudgedReadings:
    """What a logger says of a shipment; `outside`: readings before it began or after it ended, which are not judged.

    `mean_kinetic` None: it does not apply, or nothing was measured.
    """

    count: int
    outside: int
    first_at: datetime | None = None
    last_at: datetime | None = None
    lowest: int | None = None
    highest: int | None = None
    mean_kinetic: float | None = None
    gaps: tuple[ReadingGap, ...] = ()
    broken: tuple[Stretch, ...] = ()


def digest_of(stretches: Sequence[Stretch]) -> str:
    """Tells what was broken apart from what may be broken later: whoever decides has seen just this. Empty: nothing."""
    said = [asdict(one) for one in stretches]
    return sha256(msgspec.json.encode(said)).hexdigest()[:16] if said else ""


def judge_readings(
    moments: Sequence[float],
    temperatures: Sequence[int],
    condition: StorageCondition | None,
    begun: float | None,
    ended: float | None,
    lowest: Sequence[int] | None = None,
) -> JudgedReadings:
    """Judge readings (seconds since 1970 in ascending order, hundredths of a degree) of a shipment that went from
    `begun` to `ended` (None: not yet). `lowest`: where a moment has two temperatures, the lower one of each; the
    others are then the higher ones."""
    if begun is None:
        return JudgedReadings(0, len(moments))
    first, end = within(moments, begun, ended)
    if first >= end:
        return JudgedReadings(0, len(moments))
    at, said = moments[first:end], temperatures[first:end]
    low = said if lowest is None else lowest[first:end]
    longest = longest_silence(at)
    spans = array("d", (min(after - before, longest) for before, after in pairwise(at)))
    spans.append(0.0)
    applies = condition is not None and condition.mean_kinetic is not None
    kinetic = highest_mean_kinetic(at, said, spans) if applies else None
    limits = condition.limits if condition else ()
    broken = [one for limit in limits for one in _broken(limit, at, said if limit.is_warm else low, spans)]
    # Of less than 24 hours the mean is shown; the limit is one of 24 hours.
    is_whole = at[-1] - at[0] >= WINDOW
    if condition and is_whole and kinetic is not None and round(kinetic, 2) * 100 > (condition.mean_kinetic or 0):
        broken.append(_of_mean(condition, kinetic, at))
    return JudgedReadings(
        len(at), len(moments) - len(at), _moment(at[0]), _moment(at[-1]), min(low), max(said),
        None if kinetic is None else round(kinetic, 2), tuple(_gaps(at, longest, begun, ended)), tuple(broken),
    )  # fmt: skip


def within(moments: Sequence[float], begun: float, ended: float | None) -> tuple[int, int]:
    """The first of the readings of the shipment's time, and the first behind them."""
    return bisect_left(moments, begun), len(moments) if ended is None else bisect_right(moments, ended)


def longest_silence(moments: Sequence[float]) -> float:
    """Seconds between two readings from which on something is missing."""
    between = [after - before for before, after in pairwise(moments[:SAMPLE])]
    return max(SHORTEST_GAP, INTERVALS_OF_GAP * median(between)) if between else SHORTEST_GAP


def _broken(limit: TemperatureLimit, at: Sequence[float], said: Sequence[int], spans: Sequence[float]) -> list[Stretch]:
    """The stretches of time in which a limit was broken; of a cumulative one all times together as one."""
    runs = _runs(limit, at, said, spans)
    wanted = limit.minutes * 60
    if not limit.is_cumulative:
        return [_stretch(limit, *run) for run in runs if run[2] >= wanted]
    seconds = sum(run[2] for run in runs)
    if not runs or seconds < wanted:
        return []
    worst = (max if limit.is_warm else min)(run[3] for run in runs)
    return [_stretch(limit, runs[0][0], runs[-1][1], seconds, worst)]


def _runs(
    limit: TemperatureLimit, at: Sequence[float], said: Sequence[int], spans: Sequence[float]
) -> list[tuple[float, float, float, int]]:
    """Begin, end, seconds and worst temperature of each time at or beyond the threshold."""
    worse = max if limit.is_warm else min
    if not limit.is_reached(worse(said)):
        return []
    runs: list[tuple[float, float, float, int]] = []
    start, worst = -1, 0
    for index, temperature in enumerate(said):
        if limit.is_reached(temperature):
            start, worst = (index, temperature) if start < 0 else (start, worse(worst, temperature))
        elif start >= 0:
            end = at[index - 1] + spans[index - 1]
            runs.append((at[start], end, end - at[start], worst))
            start = -1
    if start >= 0:
        runs.append((at[start], at[-1], at[-1] - at[start], worst))
    return runs


def _stretch(limit: TemperatureLimit, start: float, end: float, seconds: float, worst: int) -> Stretch:
    return Stretch(_iso(start), _iso(end), round(seconds / 60, 1), worst / 100, limit.words)


def stretch_of(start: float, end: float, worst: int, words: str) -> Stretch:
    """A stretch of all the time between two moments; `worst` in hundredths of a degree."""
    return Stretch(_iso(start), _iso(end), round((end - start) / 60, 1), worst / 100, words)


def _of_mean(condition: StorageCondition, kinetic: float, at: Sequence[float]) -> Stretch:
    words = f"mean kinetic temperature over 24 hours above {degrees(condition.mean_kinetic or 0)}"
    return Stretch(_iso(at[0]), _iso(at[-1]), round((at[-1] - at[0]) / 60, 1), round(kinetic, 2), words)


def _gaps(at: Sequence[float], longest: float, begun: float, ended: float | None) -> list[ReadingGap]:
    """Where readings are missing, also between hand-over and the first one, and the last one and the delivery."""
    edges = chain((begun,), at, () if ended is None else (ended,))
    found = ((before, after) for before, after in pairwise(edges) if after - before > longest)
    return [ReadingGap(_iso(one), _iso(two), round((two - one) / 60, 1)) for one, two in islice(found, MOST_GAPS)]


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _iso(seconds: float) -> str:
    return _moment(seconds).isoformat()
